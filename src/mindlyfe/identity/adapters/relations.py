"""Read model: who treats whom. Inline, so it refuses the same relationship twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract import CareView
from mindlyfe.identity.domain.care import Change, Ended, Started
from mindlyfe.identity.domain.refusals import CareRuns
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Principal, Recorded, TenantId
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx

START: Final[LiteralString] = """
    insert into care (id, patient, clinician, since, until, version) values (%s, %s, %s, %s, %s, %s)"""
END: Final[LiteralString] = "update care set until = %s, version = %s where tenant = %s and id = %s"
TREATS: Final[LiteralString] = """
    select exists (select from care where tenant = %s and clinician = %s and patient = %s
    and since <= now() and (until is null or until > now()))"""
RUNNING: Final[LiteralString] = """
    select id, patient, clinician, since, until, version from care
    where tenant = %(tenant)s and %(person)s in (patient, clinician) and (until is null or until > now())
    order by since, id"""
PAGE: Final[LiteralString] = """
    select id, patient, clinician, since, until, version from care
    where tenant = %(tenant)s and (since, id) > (%(at)s, %(id)s) and (%(all)s or clinician = %(me)s)
    order by since, id limit %(limit)s"""


class CareRelations:
    """Relationships of one organisation, past ones too."""

    name = "care"
    tables: Sequence[LiteralString] = ("care",)
    constraints: Mapping[str, type[DomainError]] = {"care_runs_once": CareRuns}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow beginnings and ends."""
        for r in recorded:
            match r.event:
                case Started(care=care, patient=patient, clinician=clinician, since=since, until=until):
                    await tx.execute(START, (care, patient, clinician, since, until, r.version))
                case Ended(care=care, until=until):
                    await tx.execute(END, (until, r.version, r.tenant, care))

    async def treats(self, tenant: TenantId, clinician: PersonId, patient: PersonId) -> bool:
        """Whether a relationship of the two runs now."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(TREATS, (tenant, clinician, patient))).fetchone()
        return bool(row and row[0])

    async def running(self, tenant: TenantId, person: PersonId) -> list[CareView]:
        """Those that run, in which the person treats or is treated, oldest first."""
        values = {"tenant": tenant, "person": person}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(CareView)) as rows:
            return await (await rows.execute(RUNNING, values)).fetchall()

    async def page(self, who: Principal, *, everybody: bool, word: str | None, limit: int) -> Page[CareView]:
        """The caller's own, or everybody's, oldest first. Raises Malformed for a cursor that is not ours."""
        at, last = after(word, tuple[datetime, UUID]) or BEGINNING
        values = {"tenant": who.tenant, "at": at, "id": last, "all": everybody, "me": who.id, "limit": limit + 1}
        async with self._database.app(who.tenant) as tx, tx.cursor(row_factory=class_row(CareView)) as rows:
            found = await (await rows.execute(PAGE, values)).fetchall()
        items = found[:limit]
        more = len(found) > limit
        return Page(items, cursor(items[-1].since, items[-1].id) if more else None)
