"""What members do with their notices: mark one, or all that they were shown."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Act, Heard, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.contract.inbox import Mark, NoticeId, NoticeMarked, ReadMany
from mindlyfe.notifications.domain.notice import (
    Notice,
    Step,
    archive,
    follow_merge,
    mark_unread,
    own,
    read,
    read_if_unread,
    snooze,
)

MOST_AT_ONCE: Final = 500
"""Notices that one request marks."""


type Decision = Callable[[Notice | None, datetime], Sequence[Step]]


class Standing(Protocol):
    """The read model."""

    async def unread(self, tenant: TenantId, person: PersonId, now: datetime) -> int:
        """How many of theirs are unread."""
        ...

    async def unread_up_to(
        self, tenant: TenantId, person: PersonId, up_to: datetime, now: datetime, limit: int
    ) -> Sequence[NoticeId]:
        """Those unread that stood there by then, the newest first."""
        ...

    async def all_of(self, tenant: TenantId, person: PersonId) -> Sequence[NoticeId]:
        """All of theirs."""
        ...


@dataclass(frozen=True, slots=True)
class Inbox:
    """The notices of who asks: nobody else's are ever found."""

    streams: Streams[Notice, Step]
    notices: Standing
    clock: Clock

    async def read(self, notice: NoticeId, who: Principal, act: Act, expected: int | None) -> NoticeMarked:
        """It was read. Raises NotFound, VersionConflict."""
        return await self._decide(notice, act, expected, "read", lambda s, now: read(own(s, who.id), now))

    async def mark_unread(self, notice: NoticeId, who: Principal, act: Act, expected: int | None) -> NoticeMarked:
        """As if it had just come. Raises NotFound, VersionConflict."""
        return await self._decide(notice, act, expected, "unread", lambda s, now: mark_unread(own(s, who.id), now))

    async def archive(self, notice: NoticeId, who: Principal, act: Act, expected: int | None) -> NoticeMarked:
        """Put it away for good. Raises NotFound, VersionConflict."""
        return await self._decide(notice, act, expected, "archived", lambda s, now: archive(own(s, who.id), now))

    async def snooze(
        self, notice: NoticeId, until: datetime, who: Principal, act: Act, expected: int | None
    ) -> NoticeMarked:
        """Put it away until then. Raises NotFound, WrongSnooze, VersionConflict."""

        def decision(state: Notice | None, now: datetime) -> Sequence[Step]:
            return snooze(own(state, who.id), now, until=until)

        return await self._decide(notice, act, expected, "snoozed", decision)

    async def read_up_to(self, up_to: datetime, who: Principal, act: Act) -> ReadMany:
        """Mark as read what is unread and stood there by then: so many at once, the newest first."""
        now = self.clock()
        found = await self.notices.unread_up_to(who.tenant, who.id, up_to, now, MOST_AT_ONCE)
        decision = partial(read_if_unread, by=who.id, now=now)
        decided = await asyncio.gather(*(self.streams.decide(act.step(str(one)), one, decision) for one in found))
        return ReadMany(len(decided), await self.notices.unread(who.tenant, who.id, self.clock()))

    async def member_merged(self, heard: Heard[MemberMergedV1]) -> None:
        """What was said to the duplicate stands in the survivor's inbox. Raises Unavailable."""
        event = heard.event
        follow = partial(follow_merge, duplicate=event.duplicate, survivor=event.survivor)
        for notice in await self.notices.all_of(heard.act.tenant, event.duplicate):
            await self.streams.decide(heard.act.step(str(notice)), notice, follow)

    async def _decide(
        self, notice: NoticeId, act: Act, expected: int | None, mark: Mark, decision: Decision
    ) -> NoticeMarked:
        now = self.clock()
        decided = await self.streams.decide(act, notice, lambda state: decision(state, now), expected=expected)
        return NoticeMarked(notice, mark, decided.version)
