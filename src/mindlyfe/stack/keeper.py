"""Keeps one part running: starts it, asks for its health, restarts it when it dies, stops it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine, Iterable
from subprocess import CalledProcessError
from typing import Any, Final

import psutil

from mindlyfe.stack.instance import Instance
from mindlyfe.stack.logs import log_file, tail
from mindlyfe.stack.part import Part
from mindlyfe.stack.probes import Health
from mindlyfe.stack.state import Condition, PartState, identify, now

FIRST_TRIES: Final = 3
"""A part that ends so often before it was ever ready will not start."""
SHORTEST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 10.0
STEADY_S: Final = 10.0
"""After so long without dying the pauses begin anew."""
ASK_WHILE_STARTING_S: Final = 0.05
ASK_WHILE_RUNNING_S: Final = 3.0
DRAIN_S: Final = 0.5
"""How long requests under way have before the gateway is stopped."""
HUNG_S: Final = 60.0
"""A process that answers nothing for so long is killed."""


class NotStarted(Exception):
    """A part never became ready; `lines` are the last it wrote."""

    def __init__(self, part: str, reason: str, lines: list[str]) -> None:
        super().__init__(f"{part}: {reason}")
        self.part, self.reason, self.lines = part, reason, lines


class Keeper:
    """One part and its process. `changed` is called after each change of `state`."""

    def __init__(self, part: Part, instance: Instance, changed: Callable[[], None]) -> None:
        self.part = part
        self.state = PartState(
            name=part.name, tier=part.tier, stop_signal=part.stop_signal, port=part.port, since=now()
        )
        self.ready = asyncio.Event()
        self._instance = instance
        self._changed = changed
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    async def keep(self, needs: Iterable[asyncio.Event]) -> None:
        """Run the part once `needs` are all ready, until `stop`; a step only until it has ended. Raises NotStarted."""
        await self._unless_stopped(_all(needs))
        pause_s, clock = SHORTEST_PAUSE_S, asyncio.get_running_loop().time
        while not self._stopping.is_set():
            begun, offset = clock(), _size(self._instance, self.part.name)
            wrong = await self._run()
            if self._stopping.is_set():
                break
            if self.part.once and not wrong:
                self._note("done")
                self.ready.set()
                return
            if not self.ready.is_set() and (self.part.once or self.state.restarts + 1 >= FIRST_TRIES):
                self._note("failed", wrong)
                raise NotStarted(self.part.name, wrong, tail(log_file(self._instance, self.part.name), 20, offset))
            pause_s = SHORTEST_PAUSE_S if clock() - begun > STEADY_S else pause_s
            self.state.restarts += 1
            self._note("restarting", f"{wrong}; next try in {pause_s:.1f} s")
            await self._unless_stopped(asyncio.sleep(pause_s))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        self._note("stopped")

    async def stop(self) -> None:
        """Ask the process to end, and do not start it again; `keep` returns when it is gone."""
        self._stopping.set()
        if self.part.drain and self._process and await self.part.drain() is Health.READY:
            await asyncio.sleep(DRAIN_S)
        self._signal(self.part.stop_signal)

    def kill(self) -> None:
        """End the process without asking."""
        self._signal(signal.SIGKILL)

    async def _run(self) -> str:
        """Start the process and wait for its end; what was wrong with it, nothing for exit code 0."""
        self._note("starting")
        try:
            await asyncio.to_thread(self.part.prepare)
            if self._stopping.is_set():
                return ""
            process = await self._start()
        except (OSError, CalledProcessError, RuntimeError) as wrong:
            with log_file(self._instance, self.part.name).open("a") as log:
                log.write(f"{wrong}\n{wrong.stderr or '' if isinstance(wrong, CalledProcessError) else ''}")
            return f"could not be started: {wrong}"
        self._process = process
        with contextlib.suppress(psutil.NoSuchProcess):
            self.state.process = identify(process.pid)
        self._changed()
        code = await self._watch(process)
        self._process = self.state.process = None
        return _ending(code)

    async def _watch(self, process: asyncio.subprocess.Process) -> int:
        """Ask for the health of `process` until it ends; its exit code."""
        asking = asyncio.create_task(self._ask(process))
        ended = asyncio.create_task(process.wait())
        await asyncio.wait({asking, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            asking.result()  # a probe raised, which is a mistake of ours
        asking.cancel()
        return await ended

    async def _start(self) -> asyncio.subprocess.Process:
        with log_file(self._instance, self.part.name).open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *self.part.command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.part.directory,
                env={**self.part.environment, **self._instance.mark},
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor alone
                **self.part.account,
            )

    async def _ask(self, process: asyncio.subprocess.Process) -> None:
        """Follow the health of `process`; kill it when it hangs."""
        clock = asyncio.get_running_loop().time
        heard = clock()
        while self.part.ready is not None:
            health = await self.part.ready()
            heard = clock() if health is not Health.SILENT else heard
            if health is Health.READY and self.state.state != "running" and not self._stopping.is_set():
                self._note("running")
                self.ready.set()
            elif health is not Health.READY and self.state.state == "running":
                self._note("unhealthy", f"its health check is {health.value}")
            if clock() - heard > HUNG_S:
                self._note("unhealthy", f"silent for {HUNG_S:.0f} s, ended")
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await asyncio.sleep(ASK_WHILE_RUNNING_S if self.state.state == "running" else ASK_WHILE_STARTING_S)
        await process.wait()

    async def _unless_stopped(self, other: Coroutine[Any, Any, None]) -> None:
        """Wait until `other` is done, or until `stop`."""
        waiting: asyncio.Task[Any] = asyncio.create_task(other)
        stopping: asyncio.Task[Any] = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        stopping.cancel()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    def _note(self, condition: Condition, detail: str = "") -> None:
        self.state.state, self.state.detail, self.state.since = condition, detail, now()
        self._changed()


async def _all(events: Iterable[asyncio.Event]) -> None:
    for event in events:
        await event.wait()


def _ending(code: int) -> str:
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with code {code}" if code else ""


def _size(instance: Instance, name: str) -> int:
    file = log_file(instance, name)
    return file.stat().st_size if file.exists() else 0
