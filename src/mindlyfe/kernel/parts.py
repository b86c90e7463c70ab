"""The background loops of a process: each runs by itself, and is started again when it fails."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal

import msgspec
import structlog

type Loop = Callable[[], Awaitable[None]]
type State = Literal["waiting", "running", "failed"]

_STEADY_S: Final = 30.0
"""A part that ran so long before it failed is started again at once."""
_LONGEST_S: Final = 10.0


class Part(msgspec.Struct):
    """How one loop fares."""

    state: State = "waiting"
    restarts: int = 0


class Parts:
    """Runs loops until it is cancelled. A failed one comes back after 0.1 s, then ever later, 10 s at most."""

    def __init__(self, loops: Mapping[str, Loop], *, failed: Callable[[str], None]) -> None:
        """`failed` hears the name of each part that fails."""
        self._loops, self._failed = loops, failed
        self.states = {name: Part() for name in loops}

    async def run(self) -> None:
        """Keep all of them going."""
        async with asyncio.TaskGroup() as tasks:
            for name, loop in self._loops.items():
                tasks.create_task(self._keep(name, loop), name=name)

    async def _keep(self, name: str, loop: Loop) -> None:
        part, log, pause = self.states[name], structlog.get_logger(), 0.1
        while True:
            began = time.monotonic()
            part.state = "running"
            try:
                await loop()
                log.error("part ended", part=name)
            except Exception as error:
                log.error("part failed", part=name, exc_info=error)
            part.state, part.restarts = "failed", part.restarts + 1
            self._failed(name)
            if time.monotonic() - began > _STEADY_S:
                pause = 0.1
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - only spreads the restarts
            pause = min(pause * 2, _LONGEST_S)
