"""What many messages ask alike is remembered for a moment, and asked anew after a change in this process."""

import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

FRESH_S: Final = 1.0
"""A change that another process made counts here after so long at most."""
_MOST: Final = 4_096


class Briefly[K: Hashable, V]:
    """Answers of the last second, by what was asked."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: dict[K, tuple[float, V]] = {}

    async def of(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        """What is known, or what `ask` answers."""
        found = self._known.get(key)
        if found is not None and self._monotonic() < found[0]:
            return found[1]
        answer = await ask()
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (self._monotonic() + FRESH_S, answer)
        return answer

    def forget(self) -> None:
        """Something changed."""
        self._known.clear()
