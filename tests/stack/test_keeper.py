"""Keeping one part running: restarts, steps, stubborn processes."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from mindlyfe.stack.instance import Instance
from mindlyfe.stack.keeper import FIRST_TRIES, Keeper, NotStarted
from mindlyfe.stack.logs import log_file, tail
from mindlyfe.stack.part import Part
from mindlyfe.stack.probes import Health
from mindlyfe.stack.state import lives

type PartMaker = Callable[..., Part]
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


@pytest.fixture
def keep(instance: Instance) -> Callable[[Part], tuple[Keeper, asyncio.Task[None]]]:
    def begin(part: Part) -> tuple[Keeper, asyncio.Task[None]]:
        keeper = Keeper(part, instance, lambda: None)
        return keeper, asyncio.create_task(keeper.keep([]))

    return begin


type Keep = Callable[[Part], tuple[Keeper, asyncio.Task[None]]]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - processes set no events
            await asyncio.sleep(0.01)


async def test_a_part_runs_until_it_is_stopped(part: PartMaker, keep: Keep) -> None:
    keeper, task = keep(part())
    await keeper.ready.wait()
    process, condition = keeper.state.process, keeper.state.state
    assert condition == "running"
    assert process
    assert lives(process)
    await keeper.stop()
    await task
    assert keeper.state.state == "stopped"
    assert not lives(process)


async def test_a_killed_part_is_started_again(part: PartMaker, keep: Keep) -> None:
    keeper, task = keep(part())
    await keeper.ready.wait()
    assert keeper.state.process
    first = keeper.state.process.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: keeper.state.state == "running" and keeper.state.restarts == 1)
    assert keeper.state.process.pid != first
    await keeper.stop()
    await task


async def test_a_part_that_never_starts_says_its_last_lines(part: PartMaker, keep: Keep) -> None:
    async def never() -> Health:
        return Health.SILENT

    _, task = keep(part(code="import sys; print('no such file'); sys.exit(7)", ready=never))
    with pytest.raises(NotStarted) as wrong:
        await task
    assert wrong.value.reason == "ended with code 7"
    assert wrong.value.lines == ["no such file"]


async def test_a_part_that_starts_late_has_more_than_one_try(
    part: PartMaker, keep: Keep, place: Path, instance: Instance
) -> None:
    tries = place / "tries"
    code = f"""
import pathlib, time
tries = pathlib.Path({str(tries)!r})
tries.open("a").write("x")
time.sleep(600 if tries.stat().st_size == {FIRST_TRIES} else 0)"""

    async def third() -> Health:
        return Health.READY if tries.exists() and len(tries.read_text()) == FIRST_TRIES else Health.SILENT

    keeper, task = keep(part(code=code, ready=third))
    await keeper.ready.wait()
    await keeper.stop()
    await task


async def test_a_step_ends_and_is_done(part: PartMaker, keep: Keep) -> None:
    keeper, task = keep(part(code="pass", ready=None))
    await task
    assert keeper.ready.is_set()
    assert keeper.state.state == "done"


async def test_a_step_that_fails_is_not_tried_again(part: PartMaker, keep: Keep) -> None:
    keeper, task = keep(part(code="raise SystemExit(1)", ready=None))
    with pytest.raises(NotStarted):
        await task
    assert keeper.state.restarts == 0


async def test_preparing_may_fail(part: PartMaker, keep: Keep) -> None:
    def prepare() -> None:
        raise OSError("no room")

    _, task = keep(part(prepare=prepare))
    with pytest.raises(NotStarted) as wrong:
        await task
    assert "no room" in wrong.value.reason
    assert wrong.value.lines == ["no room"]


async def test_it_waits_for_what_it_needs(part: PartMaker, instance: Instance) -> None:
    needed = asyncio.Event()
    keeper = Keeper(part(), instance, lambda: None)
    task = asyncio.create_task(keeper.keep([needed]))
    await asyncio.sleep(0.1)
    assert keeper.state.state == "waiting"
    needed.set()
    await keeper.ready.wait()
    await keeper.stop()
    await task


async def test_it_can_be_stopped_while_it_waits(part: PartMaker, instance: Instance) -> None:
    keeper = Keeper(part(), instance, lambda: None)
    task = asyncio.create_task(keeper.keep([asyncio.Event()]))
    await asyncio.sleep(0.05)
    await keeper.stop()
    await task
    assert keeper.state.process is None


async def test_a_stubborn_process_is_killed(part: PartMaker, keep: Keep, instance: Instance) -> None:
    keeper, task = keep(part("stubborn", STUBBORN))
    await until(lambda: tail(log_file(instance, "stubborn"), 1) == ["up"])
    await keeper.stop()
    done, _ = await asyncio.wait([task], timeout=0.5)
    assert not done
    keeper.kill()
    await task


async def test_ill_health_is_told_and_forgotten(part: PartMaker, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mindlyfe.stack.keeper.ASK_WHILE_RUNNING_S", 0.02)
    answer = Health.READY

    async def health() -> Health:
        return answer

    keeper, task = keep(part(ready=health))
    await keeper.ready.wait()
    answer = Health.NOT_READY
    await until(lambda: keeper.state.state == "unhealthy")
    answer = Health.READY
    await until(lambda: keeper.state.state == "running")
    assert keeper.state.restarts == 0
    await keeper.stop()
    await task


async def test_a_hung_process_is_replaced(part: PartMaker, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mindlyfe.stack.keeper.ASK_WHILE_RUNNING_S", 0.02)
    monkeypatch.setattr("mindlyfe.stack.keeper.HUNG_S", 0.2)
    answer = Health.READY

    async def health() -> Health:
        return answer

    keeper, task = keep(part(ready=health))
    await keeper.ready.wait()
    answer = Health.SILENT
    await until(lambda: keeper.state.restarts >= 1)
    answer = Health.READY
    await until(lambda: keeper.state.state == "running")
    await keeper.stop()
    await task
