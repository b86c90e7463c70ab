"""The order of starting and stopping, and what the state file says about it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from mindlyfe.stack import state
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.part import Part, Tier
from mindlyfe.stack.probes import Health, Probe
from mindlyfe.stack.supervisor import Plan, Supervisor

type PartMaker = Callable[..., Part]


@pytest.fixture
def journal(place: Path) -> Path:
    return place / "journal"


@pytest.fixture
def noting(part: PartMaker, journal: Path) -> PartMaker:
    """A part that writes its name when it starts and when it is told to end."""

    def made(name: str, **options: object) -> Part:
        code = f"""
import signal, sys, time
def note(word):
    with open({str(journal)!r}, "a") as f: f.write(word + " {name}\\n")
def end(*_):
    note("-"); sys.exit(0)
signal.signal(signal.SIGTERM, end); note("+"); time.sleep(600)"""
        return part(name, code, **{"ready": written(journal, f"+ {name}"), **options})

    return made


def lines(journal: Path) -> list[str]:
    return journal.read_text().splitlines() if journal.exists() else []


def written(journal: Path, line: str) -> Probe:
    async def probe() -> Health:
        return Health.READY if line in lines(journal) else Health.SILENT

    return probe


def supervisor(instance: Instance, *parts: Part, **options: bool) -> Supervisor:
    return Supervisor(instance, Plan(parts=parts, mode="development", url="http://localhost:1"), **options)


async def test_needs_first_and_tiers_last(instance: Instance, noting: PartMaker, journal: Path) -> None:
    parts = [
        noting("edge", tier=Tier.EDGE),
        noting("service", needs=frozenset({"server"})),
        noting("server", tier=Tier.SERVER),
    ]
    last = await supervisor(instance, *parts, until_ready=True).run()
    assert last.phase == "stopped"
    assert last.ready_after_s is not None
    told = lines(journal)
    assert told.index("+ server") < told.index("+ service")
    assert [line for line in told if line.startswith("-")] == ["- edge", "- service", "- server"]


async def test_the_state_file_follows(instance: Instance, part: PartMaker) -> None:
    running = supervisor(instance, part("one", port=4711))
    task = asyncio.create_task(running.run())
    async with asyncio.timeout(20):
        while (seen := state.read(instance)) is None or seen.phase != "ready":  # noqa: ASYNC110 - a file sets no events
            await asyncio.sleep(0.01)
    assert state.lives(seen.supervisor)
    [one] = seen.parts
    assert (one.name, one.state, one.port, one.restarts) == ("one", "running", 4711, 0)
    assert one.process
    assert state.lives(one.process)
    running.stop()
    await task
    after = state.read(instance)
    assert after
    assert after.phase == "stopped"
    assert after.parts[0].process is None


async def test_one_that_does_not_start_stops_all(instance: Instance, part: PartMaker) -> None:
    broken = part("broken", "print('cannot'); raise SystemExit(3)", ready=None)
    last = await supervisor(instance, part("well"), broken).run()
    assert last.phase == "failed"
    assert last.failure
    assert (last.failure.part, last.failure.lines) == ("broken", ["cannot"])
    assert "broken.log" in last.failure.advice
    assert all(one.process is None for one in last.parts)


async def test_addresses_are_followed(instance: Instance, part: PartMaker) -> None:
    seen: list[str] = []
    plan = Plan(parts=[part("one")], mode="m", url="", follow=lambda states: seen.append(states[0].state))
    running = Supervisor(instance, plan)
    task = asyncio.create_task(running.run())
    async with asyncio.timeout(20):
        while "running" not in seen:  # noqa: ASYNC110 - the plan sets no events
            await asyncio.sleep(0.01)
    running.stop()
    await task
    assert seen[-1] == "stopped"
