"""Read model: the notices of each member, how many are unread, and what is new since a place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.application.reading import NoticeRow
from mindlyfe.notifications.contract import Kind
from mindlyfe.notifications.contract.inbox import Mark, NoticeId, Shelf
from mindlyfe.notifications.domain.notice import (
    Archived,
    Arrived,
    MarkedUnread,
    Read,
    Readdressed,
    Snoozed,
    Step,
)

ARRIVED: Final[LiteralString] = """
    with counted as (
        insert into notice_count (recipient, changes) values (%(recipient)s, 1)
        on conflict (tenant, recipient) do update set changes = notice_count.changes + 1 returning changes)
    insert into notice (id, recipient, kind, about, happened_at, mark, stands_at, arrived_at, place, version)
    select %(id)s, %(recipient)s, %(kind)s, %(about)s, %(happened_at)s, 'unread', %(at)s, %(at)s, changes, %(version)s
    from counted"""
MARKED: Final[LiteralString] = """
    with marked as (
        update notice set mark = %(mark)s, version = %(version)s, seen_at = coalesce(seen_at, %(seen_at)s),
            stands_at = coalesce(%(until)s, least(stands_at, %(at)s))
        where id = %(id)s returning recipient)
    insert into notice_count (recipient, changes) select recipient, 1 from marked
    on conflict (tenant, recipient) do update set changes = notice_count.changes + 1"""
READDRESSED: Final[LiteralString] = """
    with counted as (
        insert into notice_count (recipient, changes) values (%(recipient)s, 1)
        on conflict (tenant, recipient) do update set changes = notice_count.changes + 1 returning changes)
    update notice set recipient = %(recipient)s, version = %(version)s, place = counted.changes
    from counted where id = %(id)s"""
SHOWN: Final[LiteralString] = """
    select id, kind, about, happened_at, standing as mark, stands_at, arrived_at, seen_at, version
    from notice, lateral (
        select case when mark = 'snoozed' and stands_at <= %(now)s then 'unread' else mark end as standing) as now
    where recipient = %(person)s """
LIST: Final[LiteralString] = (
    SHOWN
    + """
        and standing = any(%(marks)s) and (%(at)s::timestamptz is null or (stands_at, id) < (%(at)s, %(id)s))
    order by stands_at desc, id desc limit %(limit)s"""
)
ONE: Final[LiteralString] = SHOWN + "and id = %(id)s"
UNREAD: Final[LiteralString] = """
    select count(*) from notice where recipient = %(person)s
        and (mark = 'unread' or (mark = 'snoozed' and stands_at <= %(now)s))"""
UNREAD_UP_TO: Final[LiteralString] = """
    select id from notice where recipient = %(person)s
        and (mark = 'unread' or (mark = 'snoozed' and stands_at <= %(now)s)) and stands_at <= %(up_to)s
    order by stands_at desc limit %(limit)s"""
OF: Final[LiteralString] = "select id from notice where recipient = %s order by place"
TOLD: Final[LiteralString] = """
    select id, kind, mark, arrived_at, seen_at from notice where recipient = %s order by arrived_at, id"""
ABOUT: Final[LiteralString] = """
    select id from notice where recipient = %s and kind = %s and about = %s order by place desc limit 1"""
SINCE: Final[LiteralString] = """
    select id from notice where recipient = %s and place > %s and place <= %s order by place desc limit 100"""
STANDS: Final[LiteralString] = """
    select w.tenant, w.person,
        coalesce((select changes from notice_count c where c.tenant = w.tenant and c.recipient = w.person), 0),
        (select count(*) from notice n where n.tenant = w.tenant and n.recipient = w.person
            and (n.mark = 'unread' or (n.mark = 'snoozed' and n.stands_at <= %s)))
    from unnest(%s::uuid[], %s::uuid[]) as w (tenant, person)"""
SHELVES: Final[Mapping[Shelf, Sequence[Mark]]] = {
    "inbox": ("unread", "read"),
    "unread": ("unread",),
    "archived": ("archived",),
    "snoozed": ("snoozed",),
}


class Stand(NamedTuple):
    """How somebody's notices stand: so many changes so far, so many unread."""

    changes: int
    unread: int


class Notices:
    """Inline projection of notices, and its queries. Row-level security keeps to the tenant."""

    name = "notices"
    tables: Sequence[LiteralString] = ("notice", "notice_count")
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Step]]) -> None:
        """Fill the tables; one tenant per call."""
        for r in recorded:
            statement, more = _statement(r.event)
            await tx.execute(statement, {"id": r.stream, "version": r.version} | more)

    async def of(
        self,
        tenant: TenantId,
        person: PersonId,
        shelf: Shelf,
        *,
        now: datetime,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> Sequence[NoticeRow]:
        """Their notices, the newest first; what was snoozed stands where it came back."""
        at, last = after or (None, None)
        asked = {"person": person, "marks": list(SHELVES[shelf]), "now": now, "at": at, "id": last, "limit": limit}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(NoticeRow)) as rows:
            return await (await rows.execute(LIST, asked)).fetchall()

    async def one(self, tenant: TenantId, person: PersonId, notice: NoticeId, now: datetime) -> NoticeRow:
        """One of theirs. Raises NotFound."""
        asked = {"person": person, "id": notice, "now": now}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(NoticeRow)) as rows:
            found = await (await rows.execute(ONE, asked)).fetchone()
        if found is None:
            raise NotFound
        return found

    async def unread(self, tenant: TenantId, person: PersonId, now: datetime) -> int:
        """How many of theirs are unread."""
        return int(await self._value(tenant, UNREAD, {"person": person, "now": now}))

    async def unread_up_to(
        self, tenant: TenantId, person: PersonId, up_to: datetime, now: datetime, limit: int
    ) -> Sequence[NoticeId]:
        """Those unread that stood there by then, the newest first."""
        asked = {"person": person, "now": now, "up_to": up_to, "limit": limit}
        async with self._database.app(tenant) as tx:
            return [NoticeId(one) for (one,) in await (await tx.execute(UNREAD_UP_TO, asked)).fetchall()]

    async def all_of(self, tenant: TenantId, person: PersonId) -> Sequence[NoticeId]:
        """All of theirs, the oldest first."""
        async with self._database.app(tenant) as tx:
            return [NoticeId(one) for (one,) in await (await tx.execute(OF, (person,))).fetchall()]

    async def telling_of(self, tenant: TenantId, person: PersonId, kind: Kind, about: UUID) -> NoticeId | None:
        """The newest that tells somebody of this."""
        found = await self._value(tenant, ABOUT, (person, kind, about))
        return NoticeId(found) if found else None

    async def since(self, tenant: TenantId, person: PersonId, place: int, upto: int) -> Sequence[NoticeId]:
        """What arrived after a place, up to another; the newest hundred, the newest first."""
        async with self._database.app(tenant) as tx:
            return [NoticeId(one) for (one,) in await (await tx.execute(SINCE, (person, place, upto))).fetchall()]

    async def stands(
        self, watched: Sequence[tuple[TenantId, PersonId]], now: datetime
    ) -> Mapping[tuple[TenantId, PersonId], Stand]:
        """How the notices of many people stand, whose clinic ever they belong to. Raises Unavailable."""
        tenants, people = [tenant for tenant, _ in watched], [person for _, person in watched]
        async with self._database.worker() as tx:
            rows = await (await tx.execute(STANDS, (now, tenants, people))).fetchall()
        return {(TenantId(tenant), PersonId(person)): Stand(*rest) for tenant, person, *rest in rows}

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """For the person's export: what stood in their inbox. What it said was never kept."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(TOLD, (person,))).fetchall()
        return [
            Entry(
                topic="messages",
                values={
                    "notice": str(id_),
                    "about": kind,
                    "mark": mark,
                    "arrived_at": arrived.isoformat(),
                    "seen_at": seen.isoformat() if seen else None,
                },
            )
            for id_, kind, mark, arrived, seen in rows
        ]

    async def _value(self, tenant: TenantId, query: LiteralString, asked: Any) -> Any:
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(query, asked)).fetchone()
        return row[0] if row else None


def _statement(step: Step) -> tuple[LiteralString, dict[str, Any]]:
    match step:
        case Arrived():
            names = ("recipient", "kind", "about", "happened_at", "at")
            return ARRIVED, {name: getattr(step, name) for name in names}
        case Readdressed(recipient=recipient):
            return READDRESSED, {"recipient": recipient}
        case Read(at=at):
            return MARKED, {"mark": "read", "at": at, "seen_at": at, "until": None}
        case MarkedUnread(at=at):
            return MARKED, {"mark": "unread", "at": at, "seen_at": None, "until": None}
        case Archived(at=at):
            return MARKED, {"mark": "archived", "at": at, "seen_at": at, "until": None}
        case Snoozed(at=at, until=until):
            return MARKED, {"mark": "snoozed", "at": at, "seen_at": None, "until": until}
