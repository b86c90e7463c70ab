"""Valkey, for what may be lost at any moment: never for truth."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from valkey.asyncio import Valkey
from valkey.asyncio.retry import Retry
from valkey.backoff import NoBackoff
from valkey.exceptions import ValkeyError

from mindlyfe.kernel.config import CacheSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.resilience import guarded

PATIENCE_S: Final = 0.5
"""Longer than this, doing without is quicker."""
REST_S: Final = 2.0


class Cache:
    """Short-lived values of one context. Lazy: no I/O before the first use.

    A cache that is away slows nobody down: after five failures it is left alone for two seconds at a time.
    """

    def __init__(self, settings: CacheSettings, context: str) -> None:
        self._settings, self._prefix = settings, f"{context}:"

    async def get(self, name: str) -> bytes | None:
        """The value, or None: unknown, expired, or the cache is away."""
        try:
            found: bytes | None = await self._ask(lambda client: client.get(self._prefix + name))
        except Unavailable:
            return None
        return found

    async def set(self, name: str, value: bytes, *, lasts: timedelta) -> None:
        """Keep `value`; forgotten without a word when the cache is away."""
        try:
            await self._ask(lambda client: client.set(self._prefix + name, value, px=lasts))
        except Unavailable:
            return

    async def count(self, name: str, *, lasts: timedelta, by: int = 1) -> int:
        """Add `by`; how many there are since the first, which starts the time. Raises Unavailable."""

        async def added(client: Valkey) -> int:
            async with client.pipeline(transaction=True) as both:
                both.incrby(self._prefix + name, by)
                both.pexpire(self._prefix + name, lasts, nx=True)
                total, _ = await both.execute()
            return int(total)

        total: int = await self._ask(added)
        return total

    async def delete(self, name: str) -> None:
        """Forget it. Raises Unavailable, as a stale value would stay."""
        await self._ask(lambda client: client.delete(self._prefix + name))

    async def ready(self) -> bool:
        """Whether the cache answers."""
        try:
            await self._ask(lambda client: client.ping())
        except Unavailable:
            return False
        return True

    async def close(self) -> None:
        """Close the connections."""
        if "_client" in self.__dict__:
            await self._client.aclose()

    @cached_property
    def _ask(self) -> Callable[[Callable[[Valkey], Awaitable[Any]]], Coroutine[Any, Any, Any]]:
        async def ask(question: Callable[[Valkey], Awaitable[Any]]) -> Any:
            return await question(self._client)

        return guarded(
            "the cache", ask, timeout_s=PATIENCE_S, failures=(ValkeyError, OSError), at_once=64, rests_s=REST_S
        )

    @cached_property
    def _client(self) -> Valkey:
        client: Valkey = Valkey.from_url(
            self._settings.url,
            password=self._settings.password_file.read_text().strip(),
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 1),  # once more, on a new connection: the server may have been restarted
        )
        return client
