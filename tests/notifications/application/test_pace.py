"""So many a second, by all senders together; what is urgent does not wait."""

import asyncio
from datetime import timedelta

import pytest

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.notifications.application.pace import Pace


class Shared:
    """A count that senders share, unless it is away."""

    def __init__(self) -> None:
        self.away = False
        self.counts: dict[str, int] = {}

    async def count(self, name: str, *, lasts: timedelta, by: int = 1) -> int:
        if self.away:
            raise Unavailable
        assert lasts > timedelta(seconds=1)
        self.counts[name] = self.counts.get(name, 0) + by
        return self.counts[name]


async def taken(paces: list[Pace], times: int, *, urgent: bool = False) -> int:
    """How many get their turn within this second."""
    turns = [asyncio.ensure_future(pace.turn(urgent=urgent)) for pace in paces for _ in range(times)]
    done, waiting = await asyncio.wait(turns, timeout=0.1)
    for one in waiting:
        one.cancel()
    return len(done)


def still() -> float:
    """A clock that stands at the beginning of a second."""
    return 1_000.0


@pytest.mark.parametrize(("away", "many"), [(False, 3), (True, 6)])
async def test_two_senders_keep_one_pace_or_each_its_own(away: bool, many: int) -> None:
    shared = Shared()
    shared.away = away
    assert await taken([Pace(shared, "smtp", 3, still), Pace(shared, "smtp", 3, still)], 5) == many


async def test_what_is_urgent_does_not_wait() -> None:
    pace = Pace(Shared(), "smtp", 1, still)
    assert await taken([pace], 3) == 1
    assert await taken([pace], 3, urgent=True) == 3


async def test_the_next_second_is_another_one() -> None:
    now = [1_000.99]
    pace = Pace(Shared(), "smtp", 1, lambda: now[0])
    await pace.turn(urgent=False)
    waiting = asyncio.ensure_future(pace.turn(urgent=False))
    await asyncio.sleep(0)
    assert not waiting.done()
    now[0] = 1_001.0
    await asyncio.wait_for(waiting, 5)


async def test_no_pace_is_no_wait() -> None:
    assert await taken([Pace(Shared(), "smtp", 0, still)], 50) == 50
