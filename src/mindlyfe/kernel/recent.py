"""Values kept in memory for a minute at most."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

FRESH_S: Final = 60.0
"""How long a key may be used after it was read: by then an erasure elsewhere has taken effect here, whatever broke."""
MOST: Final = 20_000
"""Keys in memory at once."""


class Recent[K, V]:
    """What was read within the last `FRESH_S`, the most used of it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._kept: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._evictions = 0

    def reading(self) -> tuple[float, int]:
        """Note the moment before a read, for `keep`."""
        return self._monotonic(), self._evictions

    def keep(self, key: K, value: V, read: tuple[float, int]) -> None:
        """Keep what was read; not if something was evicted meanwhile, since it may have been this."""
        at, evictions = read
        if evictions != self._evictions:
            return
        self._kept[key] = value, at + FRESH_S
        self._kept.move_to_end(key)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def get(self, key: K) -> V | None:
        """The value while it is fresh."""
        found = self._kept.get(key)
        if found is None:
            return None
        value, until = found
        if self._monotonic() >= until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return value

    def evict(self, key: K) -> None:
        """Forget it, and what is being read at this moment."""
        self._evictions += 1
        self._kept.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._evictions += 1
        self._kept.clear()
