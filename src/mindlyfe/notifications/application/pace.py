"""Not more than so many messages a second, by all senders together. Waiting is not failing."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

from mindlyfe.kernel.errors import Unavailable

SPREAD_S: Final = 0.02
"""Those who wait for the next second do not all come at its beginning."""
LASTS: Final = timedelta(seconds=3)


class Counts(Protocol):
    """What senders count in together."""

    async def count(self, name: str, *, lasts: timedelta, by: int = 1) -> int:
        """Add `by`; how many there are. Raises Unavailable."""
        ...


class Pace:
    """The pace of one provider. Where the shared count is away, each process keeps the pace by itself."""

    def __init__(self, counts: Counts, name: str, per_second: int, now: Callable[[], float] = time.time) -> None:
        self._counts, self._name, self.per_second, self._now = counts, name, per_second, now
        self._own: tuple[int, int] = (0, 0)

    async def turn(self, *, urgent: bool) -> None:
        """Returns when it is one's turn: at once for what is urgent, which the others make room for."""
        if not self.per_second:
            return
        while await self._this_second() > self.per_second and not urgent:
            await self._next_second()

    async def _next_second(self) -> None:
        now = self._now()
        await asyncio.sleep(1 - now % 1 + SPREAD_S * (now * 997 % 1))

    async def _this_second(self) -> int:
        second = int(self._now())
        try:
            return await self._counts.count(f"pace:{self._name}:{second}", lasts=LASTS)
        except Unavailable:
            then, many = self._own
            self._own = (second, many + 1 if then == second else 1)
            return self._own[1]
