"""Delivery to one consumer: what fails is tried again later, its stream waits behind it, and at last it is buried."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from mindlyfe.kernel.errors import TooMany, Unavailable
from mindlyfe.kernel.messages import MessageId
from mindlyfe.kernel.transport.port import Deliver, Envelope, Failures

PAUSES_S: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)
"""Between attempts, seconds. A message that fails once more is buried."""
PASSING: Final = frozenset({Unavailable.code, TooMany.code})
"""Failures that say nothing about the message: tried again for ever."""

type Bury = Callable[[Envelope, str], Awaitable[None]]
"""Puts a message with its error's code where an operator finds it. Returns when it is safe there."""


@dataclass(slots=True)
class _Parked:
    """A stream whose first message failed; the others wait behind it."""

    waiting: dict[MessageId, Envelope]
    attempts: int = 0
    faults: int = 0
    """Attempts that failed by the message itself."""
    due: float = 0.0

    @property
    def first(self) -> Envelope:
        return next(iter(self.waiting.values()))


class Delivery:
    """Keeps each stream in order through failures.

    One per consumer, in memory: after a crash the carrier delivers again what was not finished.
    """

    def __init__(self, consumer: str, deliver: Deliver, bury: Bury, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self._consumer, self._deliver, self._bury, self._pauses_s = consumer, deliver, bury, pauses_s
        self._parked: dict[UUID, _Parked] = {}
        self._log = structlog.get_logger("delivery").bind(consumer=consumer)

    @property
    def waiting(self) -> int:
        """How many messages wait to be tried again."""
        return sum(len(parked.waiting) for parked in self._parked.values())

    def due_in(self, longest_s: float) -> float:
        """Seconds until something is to be tried again, `longest_s` at most."""
        soonest = min((parked.due for parked in self._parked.values()), default=float("inf"))
        return max(0.0, min(longest_s, soonest - time.monotonic()))

    async def feed(self, arrived: Sequence[Envelope]) -> Sequence[Envelope]:
        """Try what arrived and what is due again; returns what is finished with, handled or buried."""
        now = time.monotonic()
        due = {stream: parked for stream, parked in self._parked.items() if parked.due <= now}
        ready = {message: envelope for parked in due.values() for message, envelope in parked.waiting.items()}
        for envelope in arrived:
            behind = None if envelope.stream in due else self._parked.get(envelope.stream)
            (ready if behind is None else behind.waiting).setdefault(envelope.id, envelope)
        if not ready:
            return ()
        batch = list(ready.values())
        failures = await self._attempt(batch)
        return await self._settle(batch, failures) if failures or due else batch

    async def _attempt(self, batch: Sequence[Envelope]) -> Failures:
        """One attempt at all of it, as soon as any is possible."""
        pauses = iter(self._pauses_s)
        while True:
            try:
                return await self._deliver(batch)
            except Unavailable:
                pause = next(pauses, self._pauses_s[-1])
                self._log.warning("nothing can be handled at present", pause_s=pause)
                await asyncio.sleep(pause)

    async def _settle(self, batch: Sequence[Envelope], failures: Failures) -> Sequence[Envelope]:
        finished: list[Envelope] = []
        failed: dict[UUID, dict[MessageId, Envelope]] = {}
        for envelope in batch:
            if envelope.stream in failed:
                failed[envelope.stream][envelope.id] = envelope
            elif envelope.id in failures:
                failed[envelope.stream] = {envelope.id: envelope}
            else:
                finished.append(envelope)
        before = {stream: self._parked.pop(stream, None) for stream in {envelope.stream for envelope in batch}}
        for stream, waiting in failed.items():
            parked = _Parked(waiting)
            earlier = before[stream]
            if earlier is not None and earlier.first.id == parked.first.id:
                parked.attempts, parked.faults = earlier.attempts, earlier.faults
            finished += await self._put_off(parked, failures[parked.first.id])
        return finished

    async def _put_off(self, parked: _Parked, code: str) -> Sequence[Envelope]:
        """Have a failed message and its followers wait, or bury it; returns what was buried."""
        first = parked.first
        parked.attempts += 1
        parked.faults += code not in PASSING
        self._parked[first.stream] = parked
        if parked.faults <= len(self._pauses_s):
            pause = self._pauses_s[min(parked.attempts, len(self._pauses_s)) - 1]
            parked.due = time.monotonic() + pause
            self._log.warning("message failed", message=str(first.id), code=code, attempt=parked.attempts)
            return ()
        await self._bury(first, code)
        self._log.error("message buried", message=str(first.id), subject=first.subject, code=code)
        del parked.waiting[first.id]
        if parked.waiting:
            parked.attempts = parked.faults = 0
            parked.due = 0.0
        else:
            del self._parked[first.stream]
        return (first,)
