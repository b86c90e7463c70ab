"""Valkey, for what may be lost at any moment: never for truth."""

from datetime import timedelta
from typing import Final

import structlog
from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from mindlyfe.kernel.config import CacheSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.postgres import refuse_in_transaction

TIMEOUT_S: Final = 0.5
"""A cache that is slower than this is no help."""
CONNECTIONS: Final = 32
COUNT: Final = """
local n = redis.call('incrby', KEYS[1], ARGV[1])
if n == tonumber(ARGV[1]) then redis.call('pexpire', KEYS[1], ARGV[2]) end
return n"""
"""Counts and starts the time in one step, so that a counter without an end cannot be left behind."""


class Cache:
    """Short-lived values of one context. Lazy: no I/O before the first use."""

    def __init__(self, settings: CacheSettings, prefix: str) -> None:
        self._settings, self._prefix = settings, prefix
        self._client: Valkey | None = None

    async def get(self, name: str) -> bytes | None:
        """The value, or None: unknown, expired, or the cache is away."""
        try:
            found: bytes | None = await self._valkey().get(self._key(name))
        except (ValkeyError, OSError, TimeoutError) as away:
            _missed("get", away)
            return None
        return found

    async def set(self, name: str, value: bytes, *, lasts: timedelta) -> None:
        """Keep `value`; forgotten without a word when the cache is away."""
        try:
            await self._valkey().set(self._key(name), value, px=_milliseconds(lasts))
        except (ValkeyError, OSError, TimeoutError) as away:
            _missed("set", away)

    async def count(self, name: str, *, lasts: timedelta, by: int = 1) -> int:
        """Add `by`; how many there are since the first, which starts the time. Raises Unavailable."""
        try:
            lasts_ms = _milliseconds(lasts)
            return int(await self._valkey().execute_command("EVAL", COUNT, 1, self._key(name), by, lasts_ms))
        except (ValkeyError, OSError, TimeoutError) as away:
            raise Unavailable("The cache does not answer.") from away

    async def delete(self, name: str) -> None:
        """Forget it. Raises Unavailable, as a stale value would stay."""
        try:
            await self._valkey().delete(self._key(name))
        except (ValkeyError, OSError, TimeoutError) as away:
            raise Unavailable("The cache does not answer.") from away

    async def ready(self) -> bool:
        """Whether the cache answers."""
        try:
            return bool(await self._valkey().ping())
        except (ValkeyError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _key(self, name: str) -> str:
        return f"{self._prefix}:{name}"

    def _valkey(self) -> Valkey:
        refuse_in_transaction()
        if self._client is None:
            self._client = Valkey.from_url(
                self._settings.url,
                password=self._settings.password_file.read_text().strip(),
                socket_timeout=TIMEOUT_S,
                socket_connect_timeout=TIMEOUT_S,
                max_connections=CONNECTIONS,
            )
        return self._client


def _milliseconds(time: timedelta) -> int:
    return max(1, int(time / timedelta(milliseconds=1)))


def _missed(what: str, away: BaseException) -> None:
    structlog.get_logger("cache").warning("cache is away", what=what, error=type(away).__name__)
