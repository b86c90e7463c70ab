"""Health and background parts: what is away is named, what fails comes back."""

import asyncio

from mindlyfe.kernel.health import Health
from mindlyfe.kernel.parts import Part, Parts


class Switch:
    def __init__(self) -> None:
        self.on, self.asked = True, 0

    async def __call__(self) -> bool:
        self.asked += 1
        if not self.on:
            raise ConnectionError("away")
        return True


def health(needed: Switch, useful: Switch, parts: dict[str, Part], clock: list[float]) -> Health:
    return Health(needed={"database": needed}, useful={"transport": useful}, parts=parts, monotonic=lambda: clock[0])


async def test_what_is_needed_decides_and_what_is_useful_is_told() -> None:
    needed, useful, part, clock = Switch(), Switch(), Part(state="running"), [0.0]
    state = health(needed, useful, {"relay": part}, clock)
    assert (await state.readiness()).status == "ready"
    useful.on = False
    assert (await state.readiness()).status == "ready"
    clock[0] += 1
    found = await state.readiness()
    assert (found.status, found.dependencies) == ("degraded", {"database": "ok", "transport": "away"})
    needed.on = False
    clock[0] += 1
    assert (await state.readiness()).status == "unready"
    needed.on = useful.on = True
    part.state = "failed"
    clock[0] += 1
    assert (await state.readiness()).status == "degraded"
    state.draining = True
    assert (await state.readiness()).status == "draining"


async def test_many_questions_at_once_ask_the_dependencies_once() -> None:
    needed, useful = Switch(), Switch()
    state = health(needed, useful, {}, [0.0])
    await asyncio.gather(*(state.readiness() for _ in range(20)))
    assert (needed.asked, useful.asked) == (1, 1)


async def test_a_dependency_that_hangs_is_away() -> None:
    async def hangs() -> bool:
        await asyncio.sleep(60)
        return True

    state = Health(needed={"database": hangs}, useful={}, parts={})
    assert (await state.readiness()).status == "unready"


async def test_a_part_that_fails_or_ends_is_started_again_and_the_others_go_on() -> None:
    runs: list[str] = []
    enough = asyncio.Event()

    async def fails() -> None:
        runs.append("fails")
        if runs.count("fails") == 3:
            enough.set()
            await asyncio.sleep(60)
        raise ValueError("mistake")

    async def ends() -> None:
        runs.append("ends")

    async def lasts() -> None:
        runs.append("lasts")
        await asyncio.sleep(60)

    failed: list[str] = []
    parts = Parts({"fails": fails, "ends": ends, "lasts": lasts}, failed=failed.append)
    running = asyncio.create_task(parts.run())
    await asyncio.wait_for(enough.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert runs.count("lasts") == 1
    assert failed.count("fails") == 2
    assert "ends" in failed
    assert parts.states["fails"].restarts == 2
    assert parts.states["lasts"].restarts == 0
