"""Connections to servers that people name: to public addresses alone, whatever their names lead to a moment later.

The name is resolved here, every address must be public, and the connection goes to the one that was looked at.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, Literal

import httpcore

EMBEDDING: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Addresses of translators, which hold an address of version 4."""

type Resolve = Callable[[str], Awaitable[Sequence[str]]]
type Trouble = Literal["unreachable", "not-public"]


class NotConnected(Exception):
    """A name leads nowhere, or into somebody's own network."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble: Trouble = trouble


def public(given: str) -> bool:
    """Whether an address is one of the internet's, and holds no other within it."""
    found: IPv4Address | IPv6Address = ip_address(given.partition("%")[0])
    if isinstance(found, IPv6Address) and (
        found.ipv4_mapped or found.sixtofour or found.teredo or any(found in net for net in EMBEDDING)
    ):
        return False
    return found.is_global and not found.is_multicast


async def resolved(host: str) -> Sequence[str]:
    """All addresses of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects to the address it looked at, and only if all addresses of the name are public."""

    def __init__(self, resolve: Resolve = resolved, inner: httpcore.AsyncNetworkBackend | None = None) -> None:
        plain: Any = httpcore.AnyIOBackend()
        self._resolve, self._inner = resolve, inner or plain

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection. Raises NotConnected."""
        try:
            async with asyncio.timeout(timeout):
                found = await self._resolve(host)
        except (OSError, UnicodeError) as unknown:
            raise NotConnected("unreachable") from unknown
        if not found:
            raise NotConnected("unreachable")
        if not all(public(one) for one in found):
            raise NotConnected("not-public")
        stream: httpcore.AsyncNetworkStream = await self._inner.connect_tcp(
            found[0], port, timeout, local_address, socket_options
        )
        return stream

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Internet:
    """Where connections go: by default, to the public internet."""

    resolve: Resolve = resolved
    inner: httpcore.AsyncNetworkBackend | None = None
    trust: ssl.SSLContext | None = None

    def pool(self) -> httpcore.AsyncConnectionPool:
        """Connections of one's own, to be entered."""
        trust = self.trust or httpcore.default_ssl_context()
        return httpcore.AsyncConnectionPool(ssl_context=trust, network_backend=PublicOnly(self.resolve, self.inner))
