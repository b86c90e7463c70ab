"""Answers on a beat: what an answer waits for."""

from contextlib import AbstractAsyncContextManager, suppress

import pytest

from mindlyfe.identity.application.beat import on_a_beat, refused_on_a_beat


class Worked:
    """A clock that the work moves, and a sleep that writes down how long it was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.slept = 1_000.0, list[float]()
        monkeypatch.setattr("mindlyfe.identity.application.beat.monotonic", lambda: self.now)
        monkeypatch.setattr("mindlyfe.identity.application.beat.sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))

    async def through(self, rhythm: AbstractAsyncContextManager[None], seconds: float, *, refused: bool) -> list[float]:
        with suppress(LookupError):
            async with rhythm:
                self.now += seconds
                if refused:
                    raise LookupError
        return self.slept


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> Worked:
    return Worked(monkeypatch)


@pytest.mark.parametrize("refused", [True, False])
@pytest.mark.parametrize(("seconds", "rest"), [(0.03, 0.07), (0.0625, 0.0375), (0.13, 0.07), (0.95, 0.05)])
async def test_the_end_comes_with_the_next_beat(worked: Worked, seconds: float, rest: float, *, refused: bool) -> None:
    assert await worked.through(on_a_beat(), seconds, refused=refused) == [rest]


@pytest.mark.parametrize(("seconds", "rest"), [(0.03, 0.07), (0.13, 0.07)])
async def test_a_refusal_comes_with_the_next_beat(worked: Worked, seconds: float, rest: float) -> None:
    assert await worked.through(refused_on_a_beat(), seconds, refused=True) == [rest]


async def test_what_succeeds_is_not_held(worked: Worked) -> None:
    assert await worked.through(refused_on_a_beat(), 0.03, refused=False) == []


async def test_a_refusal_is_still_the_refusal() -> None:
    with pytest.raises(LookupError):
        async with refused_on_a_beat():
            raise LookupError
