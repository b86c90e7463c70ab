"""Outgoing calls: a slow, failing or flooded other side costs us little and is left alone."""

import asyncio

import pytest

from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.postgres import marked
from mindlyfe.kernel.resilience import guarded


class OtherSide:
    """Answers with what was asked, after so many failures."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0
        self.inside = 0
        self.most_inside = 0
        self.door = asyncio.Event()
        self.door.set()

    async def ask(self, question: str, *, loud: bool = False) -> str:
        self.calls += 1
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            await self.door.wait()
            if self.failures:
                raise self.failures.pop(0)
            return question.upper() if loud else question
        finally:
            self.inside -= 1


async def test_an_answer_passes_with_its_arguments() -> None:
    other = OtherSide()
    assert await guarded("other", other.ask, timeout_s=1)("hello", loud=True) == "HELLO"


async def test_what_may_be_done_twice_is_repeated() -> None:
    other = OtherSide(ConnectionResetError(), TimeoutError())
    assert await guarded("other", other.ask, timeout_s=1, attempts=3)("hello") == "hello"
    assert other.calls == 3


async def test_what_may_not_is_not() -> None:
    other = OtherSide(ConnectionResetError())
    with pytest.raises(Unavailable, match=r"other does not answer as it should \(ConnectionResetError\)"):
        await guarded("other", other.ask, timeout_s=1)("hello")
    assert other.calls == 1


async def test_a_refusal_is_an_answer() -> None:
    other = OtherSide(*(NotFound() for _ in range(20)))
    ask = guarded("other", other.ask, timeout_s=1, attempts=3, opens_after=2)
    for _ in range(20):
        with pytest.raises(NotFound):
            await ask("hello")
    assert other.calls == 20


async def test_silence_ends_in_time() -> None:
    other = OtherSide()
    other.door.clear()
    with pytest.raises(Unavailable, match="TimeoutError"):
        await guarded("other", other.ask, timeout_s=0.05)("hello")
    assert other.inside == 0


async def test_one_that_keeps_failing_is_left_alone_and_asked_again_later() -> None:
    other = OtherSide(*(ConnectionError() for _ in range(4)))
    ask = guarded("other", other.ask, timeout_s=1, opens_after=3, rests_s=0.2)
    for _ in range(10):
        with pytest.raises(Unavailable):
            await ask("hello")
    assert other.calls == 3
    await asyncio.sleep(0.25)
    with pytest.raises(Unavailable):
        await ask("hello")
    with pytest.raises(Unavailable, match="rests"):
        await ask("hello")
    assert other.calls == 4
    await asyncio.sleep(0.25)
    assert await ask("hello") == "hello"


async def test_repeats_end_when_the_breaker_opens() -> None:
    other = OtherSide(*(ConnectionError() for _ in range(9)))
    with pytest.raises(Unavailable, match="rests"):
        await guarded("other", other.ask, timeout_s=1, attempts=9, opens_after=2)("hello")
    assert other.calls == 2


async def test_only_so_many_are_inside_and_wait() -> None:
    other = OtherSide()
    other.door.clear()
    ask = guarded("other", other.ask, timeout_s=5, at_once=3, waiting=4)
    asking = [asyncio.create_task(ask(str(number))) for number in range(20)]
    refused, _ = await asyncio.wait(asking, timeout=0.1)
    assert len(refused) == 13
    assert all(isinstance(task.exception(), Unavailable) for task in refused)
    other.door.set()
    answers = [await task for task in asking if task not in refused]
    assert (len(answers), other.most_inside) == (7, 3)
    assert await ask("again") == "again"


async def test_a_turn_that_never_comes_is_not_waited_for() -> None:
    other = OtherSide()
    ask = guarded("other", other.ask, timeout_s=0.3, at_once=1)
    other.door.clear()
    first = asyncio.create_task(ask("first"))
    await asyncio.sleep(0.05)
    with pytest.raises(Unavailable):
        await asyncio.gather(*(ask(str(number)) for number in range(3)))
    with pytest.raises(Unavailable):
        await first


async def test_leaving_while_waiting_takes_no_place() -> None:
    other = OtherSide()
    other.door.clear()
    ask = guarded("other", other.ask, timeout_s=5, at_once=1, waiting=1)
    first, second = asyncio.create_task(ask("first")), asyncio.create_task(ask("second"))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.wait([second])
    third = asyncio.create_task(ask("third"))
    await asyncio.sleep(0.01)
    other.door.set()
    assert (await first, await third) == ("first", "third")


async def test_nothing_is_called_inside_a_transaction() -> None:
    other = OtherSide()
    with marked("therapy"), pytest.raises(RuntimeError, match="transaction of therapy"):
        await guarded("other", other.ask, timeout_s=1)("hello")
    assert other.calls == 0


async def test_what_is_logged_has_no_words_of_the_cause(capfd: pytest.CaptureFixture[str]) -> None:
    other = OtherSide(ConnectionError("ruiz@example.org refused"))
    await guarded("other", other.ask, timeout_s=1, attempts=2)("ruiz@example.org")
    out, err = capfd.readouterr()
    assert "ruiz" not in out + err
