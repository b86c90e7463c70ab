"""Starts the parts in the order of their needs, as much at once as possible, and stops them in tiers."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mindlyfe.stack import logs, warnings
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.keeper import Keeper, NotStarted
from mindlyfe.stack.part import Part, Tier
from mindlyfe.stack.state import Failure, PartState, Phase, State, identify, now, write

STOP_WITHIN_S: Final[Mapping[Tier, float]] = {Tier.EDGE: 1.5, Tier.SERVICE: 4.5, Tier.SERVER: 3.5}
"""Then killed; together less than the ten seconds an operator waits."""
ROUND_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to run."""

    parts: Sequence[Part]
    mode: str
    url: str
    follow: Callable[[Sequence[PartState]], None] = lambda _: None
    """Called after each change: the gateway's list of addresses."""


class Supervisor:
    """Runs a plan in one data directory, which the caller holds."""

    def __init__(self, instance: Instance, plan: Plan, *, until_ready: bool = False) -> None:
        """`until_ready` stops everything again once every part was ready."""
        self._instance = instance
        self._until_ready = until_ready
        self._plan = plan
        self._told = asyncio.Event()
        self._moved = asyncio.Event()
        self._keepers = {part.name: Keeper(part, instance, self._moved.set) for part in plan.parts}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._begun = warnings.elapsed()
        self.state = State(
            supervisor=identify(os.getpid()),
            instance=instance.id,
            mode=plan.mode,
            url=plan.url,
            phase="starting",
            started_at=now(),
            parts=[keeper.state for keeper in self._keepers.values()],
        )

    async def run(self) -> State:
        """Run until SIGINT, SIGTERM or `stop`, or until a part does not start; the last state."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        background = [asyncio.create_task(work) for work in (self._publish(), self._rounds(), self._greet())]
        for name, keeper in self._keepers.items():
            needs = [self._keepers[need].ready for need in keeper.part.needs]
            self._tasks[name] = asyncio.create_task(keeper.keep(needs))
            self._tasks[name].add_done_callback(self._ended)
        await self._told.wait()
        await self._stop_all()
        for task in background:
            task.cancel()
        self._enter("failed" if self.state.failure else "stopped")
        self._follow()
        with contextlib.suppress(OSError):
            write(self._instance, self.state)
        return self.state

    def stop(self) -> None:
        """Stop everything."""
        self._told.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        wrong = task.exception()
        if wrong is None or self.state.failure is not None:
            return
        if not isinstance(wrong, NotStarted):
            wrong = NotStarted("supervisor", f"{type(wrong).__name__}: {wrong}", [])
        file = logs.log_file(self._instance, wrong.part)
        advice = f"The whole log is {file}. Mend what it says, then run `./mindlyfe up` again; nothing was lost."
        self.state.failure = Failure(wrong.part, wrong.reason, wrong.lines, advice)
        self.stop()

    async def _greet(self) -> None:
        for keeper in self._keepers.values():
            await keeper.ready.wait()
        self.state.ready_after_s = round(warnings.elapsed() - self._begun, 2)
        self._enter("ready")
        if self._until_ready:
            self.stop()

    async def _stop_all(self) -> None:
        self._enter("stopping")
        for tier in sorted(Tier, reverse=True):
            keepers = [keeper for keeper in self._keepers.values() if keeper.part.tier is tier]
            await asyncio.gather(*(keeper.stop() for keeper in keepers))
            tasks = [self._tasks[keeper.part.name] for keeper in keepers]
            if tasks and (await asyncio.wait(tasks, timeout=STOP_WITHIN_S[tier]))[1]:
                for keeper in keepers:
                    keeper.kill()
                await asyncio.wait(tasks, timeout=1)

    async def _publish(self) -> None:
        """Write the state after changes, several at once."""
        while True:
            self._moved.clear()
            self._follow()
            with contextlib.suppress(OSError):  # a full disk must not end the supervision
                write(self._instance, self.state)
            await self._moved.wait()
            await asyncio.sleep(0.02)

    def _follow(self) -> None:
        try:
            self._plan.follow(self.state.parts)
        except OSError as wrong:
            print(f"the gateway cannot be told of addresses: {wrong}", file=sys.stderr)

    async def _rounds(self) -> None:
        clock = warnings.Clock()
        while True:
            with contextlib.suppress(OSError):
                logs.turn(self._instance)
                found = (warnings.disk(self._instance.directory), clock.check())
                self.state.warnings = [warning for warning in found if warning]
                self._moved.set()
            await asyncio.sleep(ROUND_S)

    def _enter(self, phase: Phase) -> None:
        self.state.phase = phase
        self._moved.set()
