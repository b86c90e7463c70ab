"""Fetches calendars from addresses that people give us: https alone, to public addresses alone, for a while, so much.

Each redirect is looked at the same way.
"""

import asyncio
import ssl
from typing import Final
from urllib.parse import urljoin

import httpcore

from mindlyfe.kernel.outside import NotConnected, PublicOnly, Resolve, resolved
from mindlyfe.kernel.postgres import refuse_in_transaction
from mindlyfe.therapy.application.ports import FeedFailed, Fetched
from mindlyfe.therapy.contract.feeds import FeedAddressRefused
from mindlyfe.therapy.domain.feed import address

MOST_BYTES: Final = 2 * 1024 * 1024
LONGEST_S: Final = 20.0
REDIRECTS: Final = 3
TIMEOUTS: Final = {"connect": 5.0, "read": 10.0, "write": 5.0, "pool": 5.0}


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
        self._backend, self._trust, self._longest_s = PublicOnly(resolve, inner), trust, longest_s

    async def fetch(self, url: str, etag: str) -> Fetched:
        """What is there now; without a body when it is what `etag` names. Raises FeedFailed."""
        refuse_in_transaction()
        trust = self._trust or httpcore.default_ssl_context()
        try:
            async with (
                asyncio.timeout(self._longest_s),
                httpcore.AsyncConnectionPool(ssl_context=trust, network_backend=self._backend) as pool,
            ):
                for _ in range(REDIRECTS + 1):
                    found = await self._asked(pool, url, etag)
                    if isinstance(found, Fetched):
                        return found
                    url = _next(url, found)
                raise FeedFailed("redirected")
        except (TimeoutError, httpcore.TimeoutException) as slow:
            raise FeedFailed("too-slow") from slow
        except NotConnected as missing:
            raise FeedFailed(missing.trouble) from missing
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
