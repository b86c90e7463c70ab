"""Fetches calendars from addresses that people give us: https alone, to public addresses alone, for a while, so much.

The name is resolved here, every address must be public, and the connection goes to the one that was looked at: a name
that answers otherwise a moment later changes nothing. Each redirect is looked at the same way.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import urljoin

import httpcore

from mindlyfe.kernel.postgres import refuse_in_transaction
from mindlyfe.therapy.application.ports import FeedFailed, Fetched
from mindlyfe.therapy.contract.feeds import FeedAddressRefused
from mindlyfe.therapy.domain.feed import address

MOST_BYTES: Final = 2 * 1024 * 1024
LONGEST_S: Final = 20.0
REDIRECTS: Final = 3
TIMEOUTS: Final = {"connect": 5.0, "read": 10.0, "write": 5.0, "pool": 5.0}
EMBEDDING: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Addresses of translators, which hold an address of version 4."""

type Resolve = Callable[[str], Awaitable[Sequence[str]]]


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

    def __init__(self, resolve: Resolve, inner: httpcore.AsyncNetworkBackend) -> None:
        self._resolve, self._inner = resolve, inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection. Raises FeedFailed."""
        try:
            async with asyncio.timeout(timeout):
                found = await self._resolve(host)
        except (OSError, UnicodeError) as unknown:
            raise FeedFailed("unreachable") from unknown
        if not found:
            raise FeedFailed("unreachable")
        if not all(public(one) for one in found):
            raise FeedFailed("not-public")
        return await self._inner.connect_tcp(found[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Fetcher:
    """Fetches one calendar at a time, with connections of its own."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolved,
        inner: httpcore.AsyncNetworkBackend | None = None,
        trust: ssl.SSLContext | None = None,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._resolve, self._inner, self._trust, self._longest_s = resolve, inner, trust, longest_s

    async def fetch(self, url: str, etag: str) -> Fetched:
        """What is there now; without a body when it is what `etag` names. Raises FeedFailed."""
        refuse_in_transaction()
        plain: Any = httpcore.AnyIOBackend()
        backend = PublicOnly(self._resolve, self._inner or plain)
        trust = self._trust or httpcore.default_ssl_context()
        try:
            async with (
                asyncio.timeout(self._longest_s),
                httpcore.AsyncConnectionPool(ssl_context=trust, network_backend=backend) as pool,
            ):
                for _ in range(REDIRECTS + 1):
                    found = await self._asked(pool, url, etag)
                    if isinstance(found, Fetched):
                        return found
                    url = _next(url, found)
                raise FeedFailed("redirected")
        except (TimeoutError, httpcore.TimeoutException) as slow:
            raise FeedFailed("too-slow") from slow
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as lost:
            raise FeedFailed("unreachable") from lost

    async def _asked(self, pool: httpcore.AsyncConnectionPool, url: str, etag: str) -> Fetched | str:
        """The answer, or where it is."""
        headers = {"Accept": "text/calendar", "Accept-Encoding": "identity", "User-Agent": "MindLyfe"}
        if etag:
            headers["If-None-Match"] = etag
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        async with pool.stream("GET", url, headers=sent, extensions={"timeout": TIMEOUTS}) as answer:
            told = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status in {301, 302, 303, 307, 308}:
                return told.get(b"location", "")
            if answer.status == 304 and etag:
                return Fetched(None, etag)
            if answer.status != 200:
                raise FeedFailed("refused")
            if told.get(b"content-encoding", "identity") != "identity":
                raise FeedFailed("not-a-calendar")
            body = bytearray()
            async for chunk in answer.aiter_stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise FeedFailed("too-large")
        tag = told.get(b"etag", "")
        return Fetched(bytes(body), tag if tag.isascii() and tag.isprintable() and len(tag) <= 200 else "")


def _next(url: str, location: str) -> str:
    try:
        return address(urljoin(url, location))
    except (FeedAddressRefused, ValueError) as refused:
        raise FeedFailed("not-public") from refused
