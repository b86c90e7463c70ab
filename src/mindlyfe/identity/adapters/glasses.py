"""Read model: broken glasses and which of them wait for a review. Inline, so one clinician breaks each only once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.identity.contract.break_glass import GlassEntry
from mindlyfe.identity.domain.break_glass import REVIEWED_WITHIN, Change, Ended, GlassBroken, Opened, Reviewed
from mindlyfe.identity.domain.discretion import Emergency
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Principal, Recorded, TenantId
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx

OPEN: Final[LiteralString] = """
    insert into break_glass (id, patient, clinician, opened_at, until, version) values (%s, %s, %s, %s, %s, %s)"""
END: Final[LiteralString] = "update break_glass set until = %s, version = %s where tenant = %s and id = %s"
REVIEW: Final[LiteralString] = """
    update break_glass set reviewed_at = %s, told = %s, version = %s where tenant = %s and id = %s"""
OF_PATIENT: Final[LiteralString] = """
    select id, clinician, opened_at, until, told from break_glass where tenant = %s and patient = %s"""
PENDING: Final[LiteralString] = """
    select id, patient, clinician, opened_at, until, version from break_glass
    where tenant = %(tenant)s and reviewed_at is null and (opened_at, id) > (%(at)s, %(id)s)
    order by opened_at, id limit %(limit)s"""
OVERDUE: Final[LiteralString] = "select count(*) from break_glass where reviewed_at is null and opened_at < %s"
OFFICERS: Final[LiteralString] = """
    select person from member where tenant = %(tenant)s and case
        when exists (select from member where tenant = %(tenant)s and 'privacy-officer' = any (roles))
        then 'privacy-officer' = any (roles) else 'clinic-admin' = any (roles) end order by person"""


class Glasses:
    """Which records were opened without care. Why, and what became of it, is sealed in the log."""

    name = "break-glass"
    tables: Sequence[LiteralString] = ("break_glass",)
    constraints: Mapping[str, type[DomainError]] = {"break_glass_once": GlassBroken}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow openings, ends and reviews."""
        for r in recorded:
            match r.event:
                case Opened(patient=patient, clinician=clinician, at=at, until=until):
                    await tx.execute(OPEN, (r.stream, patient, clinician, at, until, r.version))
                case Ended(at=at):
                    await tx.execute(END, (at, r.version, r.tenant, r.stream))
                case Reviewed(at=at, notice=notice):
                    await tx.execute(REVIEW, (at, notice == "send", r.version, r.tenant, r.stream))

    async def pending(self, who: Principal, now: datetime, *, word: str | None, limit: int) -> Page[GlassEntry]:
        """What waits for a review, oldest first. Raises Malformed for a cursor that is not ours."""
        at, last = after(word, tuple[datetime, UUID]) or BEGINNING
        values = {"tenant": who.tenant, "at": at, "id": last, "limit": limit + 1}
        async with self._database.app(who.tenant) as tx:
            rows = await (await tx.execute(PENDING, values)).fetchall()
        items = [
            GlassEntry(
                id=id_,
                patient=patient,
                clinician=clinician,
                opened_at=opened_at,
                until=until,
                review_by=opened_at + REVIEWED_WITHIN,
                overdue=now >= opened_at + REVIEWED_WITHIN,
                version=version,
            )
            for id_, patient, clinician, opened_at, until, version in rows[:limit]
        ]
        return Page(items, cursor(items[-1].opened_at, items[-1].id) if len(rows) > limit else None)

    async def of_patient(self, tenant: TenantId, patient: PersonId) -> list[Emergency]:
        """All emergency accesses to a patient's record."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(OF_PATIENT, (tenant, patient))).fetchall()
        return [
            Emergency(glass=g, clinician=c, since=since, until=until, told=told) for g, c, since, until, told in rows
        ]

    async def overdue(self, now: datetime) -> int:
        """How many in all clinics wait for longer than they may."""
        async with self._database.worker() as tx:
            row = await (await tx.execute(OVERDUE, (now - REVIEWED_WITHIN,))).fetchone()
        return int(row[0]) if row else 0

    async def officers(self, *, tenant: TenantId) -> list[PersonId]:
        """The clinic's privacy officers; while there are none, its administrators."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(OFFICERS, {"tenant": tenant})).fetchall()
        return [PersonId(person) for (person,) in rows]
