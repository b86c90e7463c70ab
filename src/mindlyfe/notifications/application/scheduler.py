"""The scheduler: what goes on at a moment is carried out then, by one worker at a time, whoever dies meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec
import structlog

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, Unavailable
from mindlyfe.kernel.messages import TenantId

AT_ONCE: Final = 128
"""Turns taken together: their decisions share transactions."""
TURN_S: Final = 10.0
"""A turn that takes longer is given up, and taken again when its claim has run out."""
SHORTEST_S: Final = 0.1
LONGEST_S: Final = 1.0
"""How long it rests when nothing is due, unless the bell rings: seconds, growing."""
log = structlog.get_logger()


class Turn(msgspec.Struct, frozen=True):
    """A stream that goes on now; `correlation` leads back to what caused it."""

    tenant: TenantId
    stream: UUID
    correlation: str


class Due(Protocol):
    """What goes on now, claimed so that no two workers carry out the same."""

    async def claim(self, limit: int, now: datetime) -> Sequence[Turn]:
        """Claim up to `limit` that are due at `now`, the critical ones first. Raises Unavailable."""
        ...

    async def give_back(self, turns: Sequence[Turn]) -> None:
        """They are carried out. Raises Unavailable."""
        ...

    async def forget(self, turn: Turn) -> None:
        """Its person was erased: it never goes on. Raises Unavailable."""
        ...


class Scheduler:
    """Carries out until cancelled. `bell` is rung when something may be due before the rest is over.

    `carry_out` may run twice for one step, when a worker died between its effect and its record: what it asks for has
    an id that follows from the step.
    """

    def __init__(
        self, due: Due, carry_out: Callable[[Turn], Awaitable[None]], clock: Clock, bell: asyncio.Event
    ) -> None:
        self._due, self._carry_out, self._clock, self._bell = due, carry_out, clock, bell

    async def run(self) -> None:
        """Take turns; rest when nothing is due."""
        rest = SHORTEST_S
        while True:
            self._bell.clear()
            if await self._round():
                rest = SHORTEST_S
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), rest)
            rest = min(2 * rest, LONGEST_S)

    async def _round(self) -> int:
        """Returns how many turns were taken."""
        try:
            turns = await self._due.claim(AT_ONCE, self._clock())
            if turns:
                taken = await asyncio.gather(*(self._turn(turn) for turn in turns))
                await self._due.give_back([turn for turn, done in zip(turns, taken, strict=True) if done])
        except Unavailable:
            log.warning("cannot look for what is due")
            return 0
        return len(turns)

    async def _turn(self, turn: Turn) -> bool:
        """Whether it was carried out. Never raises; a claim on what was not is kept until it runs out."""
        try:
            async with asyncio.timeout(TURN_S):
                await self._carry_out(turn)
        except Erased:
            log.info("nothing goes on for an erased person", stream=str(turn.stream))
            with suppress(Unavailable):
                await self._due.forget(turn)
        except Exception as failure:
            log.error("a step was not carried out", stream=str(turn.stream), exc_info=failure)
            return False
        return True
