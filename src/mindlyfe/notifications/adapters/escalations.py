"""Read model: escalations, and how many of all clinics' nobody answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.contract.escalations import EscalationId, EscalationStatus
from mindlyfe.notifications.domain.escalation import (
    Acknowledged,
    Called,
    Change,
    Closed,
    Exhausted,
    Opened,
    Resumed,
)

OPENED: Final[LiteralString] = """
    insert into escalation (id, subject, opened_by, status, round, called, ever_called, due_at, opened_at, version,
        correlation)
    values (%(id)s, %(subject)s, %(by)s, 'calling', 1, '{}', '{}', %(at)s, %(at)s, %(version)s, %(correlation)s)"""
CALLED: Final[LiteralString] = """
    update escalation set round = %(round)s, due_at = %(until)s, version = %(version)s,
        called = case when round = %(round)s then called else '{}' end || %(person)s::uuid,
        ever_called = ever_called || %(person)s::uuid
    where id = %(id)s"""
EXHAUSTED: Final[LiteralString] = """
    update escalation set status = 'exhausted', due_at = %(until)s, version = %(version)s where id = %(id)s"""
ACKNOWLEDGED: Final[LiteralString] = """
    update escalation set status = 'acknowledged', acknowledged_by = %(person)s, due_at = %(until)s,
        version = %(version)s where id = %(id)s"""
RESUMED: Final[LiteralString] = """
    update escalation set status = 'calling', acknowledged_by = null, due_at = %(until)s, version = %(version)s
    where id = %(id)s"""
CLOSED: Final[LiteralString] = """
    update escalation set status = 'closed', due_at = null, version = %(version)s where id = %(id)s"""
SELECT: Final[LiteralString] = """
    select id, subject, opened_by, status, round, called, ever_called, acknowledged_by, due_at, opened_at, version
    from escalation"""
LIST: Final[LiteralString] = (
    SELECT
    + """
    where (%(everything)s or %(person)s = opened_by or %(person)s = any(ever_called) or %(person)s = acknowledged_by)
      and (%(status)s::text is null or status = %(status)s)
      and (%(at)s::timestamptz is null or (opened_at, id) < (%(at)s, %(id)s))
    order by opened_at desc, id desc limit %(limit)s"""
)
ONE: Final[LiteralString] = SELECT + " where id = %s"
UNANSWERED: Final[LiteralString] = "select count(*) from escalation where status = 'exhausted'"


class EscalationRow(msgspec.Struct, frozen=True, kw_only=True):
    """An escalation as the table has it."""

    id: EscalationId
    subject: PersonId
    opened_by: PersonId
    status: EscalationStatus
    round: int
    called: list[PersonId]
    ever_called: list[PersonId]
    acknowledged_by: PersonId | None
    due_at: datetime | None
    opened_at: datetime
    version: int


class EscalationList:
    """Inline projection of escalations, and its queries."""

    name = "escalations"
    tables: Sequence[LiteralString] = ("escalation",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each change in its place."""
        for r in recorded:
            statement, more = _statement(r.event)
            await tx.execute(statement, {"id": r.stream, "version": r.version, "correlation": r.correlation, **more})

    async def of(
        self,
        tenant: TenantId,
        person: PersonId | None,
        *,
        status: EscalationStatus | None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> list[EscalationRow]:
        """The newest first; only those that `person` opened, was called for or answered, when one is given."""
        at, last = after or (None, None)
        asked = {"everything": person is None, "person": person, "status": status, "at": at, "id": last, "limit": limit}
        async with self._database.app(tenant) as tx:
            return [_row(row) for row in await (await tx.execute(LIST, asked)).fetchall()]

    async def one(self, tenant: TenantId, escalation: UUID) -> EscalationRow:
        """One of them. Raises NotFound."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(ONE, (escalation,))).fetchone()
        if row is None:
            raise NotFound
        return _row(row)

    async def unanswered(self) -> int:
        """How many of all clinics' are exhausted. Raises Unavailable."""
        async with self._database.worker() as tx:
            row = await (await tx.execute(UNANSWERED)).fetchone()
        return int(row[0]) if row else 0


def _row(row: Sequence[Any]) -> EscalationRow:
    return EscalationRow(**dict(zip(EscalationRow.__struct_fields__, row, strict=True)))


def _statement(change: Change) -> tuple[LiteralString, dict[str, Any]]:
    match change:
        case Opened(subject=subject, by=by, at=at):
            return OPENED, {"subject": subject, "by": by, "at": at}
        case Called(person=person, round=number, until=until):
            return CALLED, {"person": person, "round": number, "until": until}
        case Exhausted(again_at=until):
            return EXHAUSTED, {"until": until}
        case Acknowledged(by=person, until=until):
            return ACKNOWLEDGED, {"person": person, "until": until}
        case Resumed(at=until):
            return RESUMED, {"until": until}
        case Closed():
            return CLOSED, {}
