"""Valkey, for what may be lost at any moment: never for truth."""

from datetime import timedelta

from mindlyfe.kernel.config import CacheSettings


class Cache:
    """Short-lived values of one context. Lazy: no I/O before the first use."""

    def __init__(self, settings: CacheSettings, prefix: str) -> None:
        self._settings, self._prefix = settings, prefix

    async def get(self, name: str) -> bytes | None:
        """The value, or None: unknown, expired, or the cache is away."""
        raise NotImplementedError

    async def set(self, name: str, value: bytes, *, lasts: timedelta) -> None:
        """Keep `value`; forgotten without a word when the cache is away."""
        raise NotImplementedError

    async def count(self, name: str, *, lasts: timedelta, by: int = 1) -> int:
        """Add `by`; how many there are since the first, which starts the time. Raises Unavailable."""
        raise NotImplementedError

    async def delete(self, name: str) -> None:
        """Forget it. Raises Unavailable, as a stale value would stay."""
        raise NotImplementedError

    async def ready(self) -> bool:
        """Whether the cache answers."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the connections."""
