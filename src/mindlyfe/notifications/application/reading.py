"""What notices say, at the moment of reading: asked from its owners, in the reader's language, never kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from mindlyfe.identity.contract import Contact
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import Principal
from mindlyfe.notifications.application.content import Contents
from mindlyfe.notifications.application.ports import NotAnyMore
from mindlyfe.notifications.contract import Kind
from mindlyfe.notifications.contract.inbox import Mark, NoticeId, NoticeView
from mindlyfe.notifications.domain.delivery import Delivery


class NoticeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as the read model has it, with what it counts as now."""

    id: NoticeId
    kind: Kind
    about: UUID
    happened_at: datetime | None
    mark: Mark
    stands_at: datetime
    """Its place in the list; of what is snoozed: when it comes back."""
    arrived_at: datetime
    seen_at: datetime | None
    version: int


class NoticeWords(Protocol):
    """The templates of notices."""

    def notice(self, kind: Kind, locale: str, values: dict[str, object] | None) -> tuple[str, str]:
        """Title and text; without values, the title alone."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """Writes notices for who reads them."""

    contents: Contents
    words: NoticeWords

    async def shown(self, rows: Sequence[NoticeRow], who: Principal) -> Sequence[NoticeView]:
        """They, in the reader's language and zone; what they tell of is asked side by side. Raises Unavailable."""
        if not rows:
            return []
        contact = await self.contents.recipients.contact(tenant=who.tenant, person=who.id)
        return await asyncio.gather(*(self._shown(row, who, contact) for row in rows))

    async def _shown(self, row: NoticeRow, who: Principal, contact: Contact) -> NoticeView:
        about = Delivery(
            kind=row.kind, recipient=who.id, about=row.about, flow=None, happened_at=row.happened_at, channel="in-app"
        )
        try:
            values = await self.contents.values(who.tenant, about, contact)
        except (NotFound, Erased, NotAnyMore):
            values = None  # it is there no longer, or not so: that something was told of it stays
        title, text = self.words.notice(row.kind, contact.locale, values)
        return NoticeView(
            id=row.id,
            kind=row.kind,
            mark=row.mark,
            title=title,
            text=text,
            about=row.about,
            arrived_at=row.arrived_at,
            snoozed_until=row.stands_at if row.mark == "snoozed" else None,
            seen_at=row.seen_at,
            version=row.version,
        )
