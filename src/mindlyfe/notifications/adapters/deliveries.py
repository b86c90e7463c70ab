"""Read model: deliveries as lists show them and as the sender finds them due."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.contract import Arrived, DeliveryId, DeliveryView, Status
from mindlyfe.notifications.contract.workflows import Outcome
from mindlyfe.notifications.domain.delivery import (
    Change,
    DeadLettered,
    Failed,
    Held,
    Readdressed,
    Redriven,
    Requested,
    Sent,
    Withdrawn,
)
from mindlyfe.notifications.domain.notice import notice_of
from mindlyfe.notifications.domain.receipts import Bounced, Delivered

ASKED: Final[LiteralString] = """
    insert into delivery (id, kind, recipient, channel, priority, status, attempts, version, requested_at,
        next_attempt_at, correlation)
    values (%(id)s, %(kind)s, %(recipient)s, %(channel)s, %(priority)s, 'waiting', 0, %(version)s, %(at)s,
        %(at)s, %(correlation)s)"""
HANDED_OVER: Final[LiteralString] = """
    update delivery set status = 'sent', attempts = attempts + 1, version = %(version)s, sent_at = %(at)s,
        next_attempt_at = null, last_error = '' where id = %(id)s"""
POSTPONED: Final[LiteralString] = """
    update delivery set attempts = attempts + 1, version = %(version)s, next_attempt_at = %(at)s, last_error = %(error)s
    where id = %(id)s"""
HELD: Final[LiteralString] = """
    update delivery set version = %(version)s, next_attempt_at = %(at)s where id = %(id)s"""
WITHDRAWN: Final[LiteralString] = """
    update delivery set status = 'withdrawn', version = %(version)s, next_attempt_at = null, last_error = %(error)s
    where id = %(id)s"""
GIVEN_UP: Final[LiteralString] = """
    update delivery set status = 'dead', attempts = attempts + 1, version = %(version)s, next_attempt_at = null,
        last_error = %(error)s where id = %(id)s"""
AGAIN: Final[LiteralString] = """
    update delivery set status = 'waiting', attempts = 0, version = %(version)s, next_attempt_at = %(at)s
    where id = %(id)s"""
RECEIPT: Final[LiteralString] = """
    update delivery set version = %(version)s,
        status = case when %(receipt)s = 'delivered' then 'sent' else status end,
        next_attempt_at = case when %(receipt)s = 'delivered' then null else next_attempt_at end,
        receipt = case when receipt_at > %(at)s then receipt else %(receipt)s end,
        receipt_at = greatest(receipt_at, %(at)s) where id = %(id)s"""
"""The later one counts, in whatever order they come."""
READDRESS: Final[LiteralString] = (
    "update delivery set recipient = %(recipient)s, version = %(version)s where id = %(id)s"
)
TO_MOVE: Final[LiteralString] = """
    select id from delivery where recipient = %s and status = 'waiting' and kind <> 'account-merged-away'
    order by id"""
SHOWN: Final[LiteralString] = """
    select id, kind, recipient, channel, priority, status, attempts, version, requested_at, next_attempt_at, sent_at,
        receipt, last_error
    from delivery"""
FATES: Final[LiteralString] = """
    select d.id, d.status, n.seen_at is not null
    from unnest(%s::uuid[], %s::uuid[]) as wanted (delivery, notice)
    join delivery d on d.id = wanted.delivery left join notice n on n.id = wanted.notice"""
NOTHING: Final[frozenset[Outcome]] = frozenset()
SEEN: Final[frozenset[Outcome]] = frozenset({"seen"})
FATE: Final[Mapping[str, frozenset[Outcome]]] = {
    "waiting": frozenset(),
    "sent": frozenset({"sent"}),
    "dead": frozenset({"failed"}),
    "withdrawn": frozenset({"failed"}),
}
PAGE: Final[LiteralString] = """
      and (%(person)s::uuid is null or recipient = %(person)s)
      and (%(receipt)s::text is null or receipt = %(receipt)s)
      and (%(at)s::timestamptz is null or (requested_at, id) < (%(at)s, %(id)s))
    order by requested_at desc, id desc limit %(limit)s"""
LIST: Final[LiteralString] = SHOWN + " where (%(status)s::text is null or status = %(status)s)" + PAGE
DEAD: Final[LiteralString] = SHOWN + " where status = 'dead'" + PAGE
"""It has an index of its own."""
ONE: Final[LiteralString] = SHOWN + " where id = %(id)s and (%(person)s::uuid is null or recipient = %(person)s)"
TO: Final[LiteralString] = """
    select id, kind, channel, status, requested_at, sent_at from delivery where recipient = %s
    order by requested_at, id"""


class Deliveries:
    """Inline projection of delivery events, and its queries."""

    name = "deliveries"
    tables: Sequence[LiteralString] = ("delivery",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Fill the table; one tenant per call."""
        for r in recorded:
            statement, more = _statement(r.event)
            await tx.execute(
                statement, {"id": r.stream, "version": r.version, "at": r.at, "correlation": r.correlation} | more
            )

    async def of(
        self,
        tenant: TenantId,
        person: PersonId | None,
        *,
        status: Status | None = None,
        receipt: Arrived | None = None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> list[DeliveryView]:
        """Deliveries of the tenant, newest first; only those to `person`, that stand so, when it is given."""
        at, last = after or (None, None)
        asked = {"person": person, "status": status, "receipt": receipt, "at": at, "id": last, "limit": limit}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(DeliveryView)) as cursor:
            return await (await cursor.execute(DEAD if status == "dead" else LIST, asked)).fetchall()

    async def one(self, tenant: TenantId, delivery: DeliveryId, person: PersonId | None) -> DeliveryView:
        """One delivery; only when it is to `person`, if one is given. Raises NotFound."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(DeliveryView)) as cursor:
            found = await (await cursor.execute(ONE, {"id": delivery, "person": person})).fetchone()
        if found is None:
            raise NotFound
        return found

    async def place(self, delivery: DeliveryId) -> TenantId | None:
        """Whose message it is; None when there is none of this id."""
        async with self._database.worker() as tx:
            found = await (await tx.execute("select tenant from delivery where id = %s", (delivery,))).fetchone()
        return TenantId(found[0]) if found else None

    async def waiting_for(self, tenant: TenantId, person: PersonId) -> Sequence[DeliveryId]:
        """What is still to be sent to somebody, but for what is meant for this very account."""
        async with self._database.app(tenant) as tx:
            return [DeliveryId(one) for (one,) in await (await tx.execute(TO_MOVE, (person,))).fetchall()]

    async def fates_of(self, tenant: TenantId, deliveries: Collection[DeliveryId]) -> Mapping[UUID, frozenset[Outcome]]:
        """What became of each so far. Seen is what was read or archived in an inbox."""
        wanted = list(deliveries)
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(FATES, (wanted, [notice_of(one) for one in wanted]))).fetchall()
        return {delivery: FATE[status] | (SEEN if seen else NOTHING) for delivery, status, seen in rows}

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """For the person's export: what they were sent. What it said was never kept."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(TO, (person,))).fetchall()
        return [
            Entry(
                topic="messages",
                values={
                    "message": str(id_),
                    "about": kind,
                    "channel": channel,
                    "status": status,
                    "asked_for_at": asked.isoformat(),
                    "sent_at": sent_at.isoformat() if sent_at else None,
                },
            )
            for id_, kind, channel, status, asked, sent_at in rows
        ]


def _statement(change: Change) -> tuple[LiteralString, dict[str, Any]]:  # noqa: PLR0911 # one line per event
    match change:
        case Requested(kind=kind, recipient=recipient, channel=channel, priority=priority):
            return ASKED, {"kind": kind, "recipient": recipient, "channel": channel, "priority": priority}
        case Sent():
            return HANDED_OVER, {}
        case Failed(error=error, next_at=next_at):
            return POSTPONED, {"error": error, "at": next_at}
        case Held(until=until):
            return HELD, {"at": until}
        case Withdrawn(why=why):
            return WITHDRAWN, {"error": why}
        case DeadLettered(error=error):
            return GIVEN_UP, {"error": error}
        case Redriven():
            return AGAIN, {}
        case Delivered(at=at):
            return RECEIPT, {"receipt": "delivered", "at": at}
        case Bounced(at=at):
            return RECEIPT, {"receipt": "bounced", "at": at}
        case Readdressed(recipient=recipient):
            return READDRESS, {"recipient": recipient}
