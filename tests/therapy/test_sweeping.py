"""A worker's turn does all that is due; what fails holds up nothing and ends nothing."""

from collections.abc import Sequence

import pytest

from mindlyfe.therapy.application import sweeping
from mindlyfe.therapy.application.sweeping import AT_ONCE, swept


@pytest.mark.parametrize("many", [0, 1, AT_ONCE, 3 * AT_ONCE + 7])
async def test_all_is_done_though_some_fail(many: int) -> None:
    waiting = list(range(many))

    async def due(most: int, passed: int) -> Sequence[int]:
        return waiting[passed : passed + most]

    async def work(one: int) -> bool:
        if one % 3 == 0:
            raise ValueError
        if one % 7 == 0:
            return False
        waiting.remove(one)
        return True

    before = set(waiting)
    done = await swept(due, work, "numbers")
    assert set(waiting) == {one for one in before if one % 3 == 0 or one % 7 == 0}
    assert done == len(before) - len(waiting)


async def test_a_turn_ends_even_if_nothing_ever_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST_ROUNDS", 3)

    async def due(most: int, passed: int) -> Sequence[int]:
        return range(most + passed)

    async def work(_: int) -> bool:
        return True

    assert await swept(due, work, "numbers") == 3 * AT_ONCE
