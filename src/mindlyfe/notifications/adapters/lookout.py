"""Tells open streams what is new in inboxes: one look a second for all that a process holds, whoever wrote it."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from typing import Final

import structlog

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.notifications.adapters.notices import Notices, Stand
from mindlyfe.notifications.contract.inbox import InboxNews

EVERY_S: Final = 1.0
log = structlog.get_logger()

type Reader = tuple[TenantId, PersonId]


class Lookout:
    """Looks while anybody listens. What is snoozed comes back by the clock, so a look counts what is unread, too."""

    def __init__(self, notices: Notices, clock: Clock, *, every_s: float = EVERY_S) -> None:
        self._notices, self._clock, self._every_s = notices, clock, every_s
        self._listening: dict[Reader, set[asyncio.Event]] = {}
        self._stands: dict[Reader, Stand] = {}
        self._looking: asyncio.Task[None] | None = None

    async def news(self, reader: Reader, after: int | None) -> AsyncGenerator[tuple[int, InboxNews]]:
        """A place and the news up to it: at once how it stands (with what came `after` a place), then each change."""
        told: Stand | None = None
        with self._heard(reader) as bell:
            while True:
                bell.clear()
                stand = await self._stand(reader)
                if stand is not None and stand != told:
                    place = stand.changes if after is None or after > stand.changes else after
                    new = await self._notices.since(*reader, place, stand.changes) if place < stand.changes else []
                    yield stand.changes, InboxNews(stand.unread, new)
                    told, after = stand, stand.changes
                await bell.wait()

    async def _stand(self, reader: Reader) -> Stand | None:
        """None while the database is away: the look that finds it again rings."""
        try:
            return (await self._notices.stands([reader], self._clock()))[reader]
        except Unavailable:
            self._stands.pop(reader, None)
            return None

    @contextmanager
    def _heard(self, reader: Reader) -> Generator[asyncio.Event]:
        bell = asyncio.Event()
        self._listening.setdefault(reader, set()).add(bell)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="inbox lookout")
        try:
            yield bell
        finally:
            self._listening[reader].discard(bell)
            if not self._listening[reader]:
                del self._listening[reader]
                self._stands.pop(reader, None)
            if not self._listening and self._looking:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        """Until nobody listens."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                found = await self._notices.stands(list(self._listening), self._clock())
            except Unavailable:
                log.warning("cannot look for notices")
                continue
            for reader, stand in found.items():
                if self._stands.get(reader) != stand:
                    self._stands[reader] = stand
                    for bell in self._listening.get(reader, ()):
                        bell.set()
