"""The sender: claims what is due and has it attempted, several at a time, soon after it is asked for."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from mindlyfe.kernel.errors import Erased, Unavailable
from mindlyfe.notifications.application.attempts import Attempts
from mindlyfe.notifications.application.ports import Claims, Due, Room
from mindlyfe.notifications.contract import DeliveryId

AT_ONCE: Final = 32
"""Attempts side by side, and connections at most (Postfix grants 50): what they put on record is written together."""
FOR_CRITICAL: Final = 2
"""So many of them are kept free for what is critical."""
SHORTEST_S: Final = 0.1
LONGEST_S: Final = 1.0
"""How long it rests when nothing is due, unless the bell rings: seconds, growing."""
GATHER_S: Final = 0.01
"""While busy, attempts that end within so much time make one turn."""
FINISH_S: Final = 2.0
"""How long a sender that is told to stop lets its attempts go on."""
log = structlog.get_logger()


class Sender:
    """Sends until cancelled. `bell` is rung when something may be due before the rest is over."""

    def __init__(self, claims: Claims, attempts: Attempts, bell: asyncio.Event) -> None:
        self._claims, self._attempts, self._bell = claims, attempts, bell
        self._flying: dict[Due, asyncio.Task[None]] = {}
        self._done: list[DeliveryId] = []

    async def run(self) -> None:
        """Take turns: claim what there is room for, rest until something is due or done."""
        rest = SHORTEST_S
        async with asyncio.TaskGroup() as tasks:
            try:
                while True:
                    self._bell.clear()
                    began = await self._turn(self._room(), tasks)
                    rest = SHORTEST_S if began else min(2 * rest, LONGEST_S)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._bell.wait(), rest)
                    if self._flying:
                        await asyncio.sleep(GATHER_S)
            finally:
                if self._flying:
                    await asyncio.wait(self._flying.values(), timeout=FINISH_S)
                await self._turn(Room(0, 0), tasks)

    def _room(self) -> Room:
        normal = sum(due.priority == "normal" for due in self._flying)
        return Room(AT_ONCE - len(self._flying), AT_ONCE - FOR_CRITICAL - normal)

    async def _turn(self, room: Room, tasks: asyncio.TaskGroup) -> int:
        """Returns how many attempts it began."""
        done = list(self._done)
        try:
            claimed = await self._claims.turn(room, keep=[due.delivery for due in self._flying], give_back=done)
        except Unavailable:
            log.warning("cannot look for deliveries")
            return 0
        del self._done[: len(done)]
        for due in claimed:
            self._flying[due] = tasks.create_task(self._attempt(due))
        return len(claimed)

    async def _attempt(self, due: Due) -> None:
        """Never raises. A claim whose attempt left no record is not given back: it runs out, and another follows."""
        try:
            await self._attempts.make(due)
            self._done.append(due.delivery)
        except Erased:
            log.info("nothing to send to an erased person", delivery=str(due.delivery))
            with suppress(Unavailable):
                await self._claims.forget(due)
        except Exception as failure:
            log.error("delivery attempt not recorded", delivery=str(due.delivery), exc_info=failure)
        finally:
            del self._flying[due]
            self._bell.set()
