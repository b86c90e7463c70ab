"""Sealed documents in PostgreSQL: one table per class of them."""

from collections.abc import Collection, Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.therapy.domain.note_text import Revision

INTO: Final[LiteralString] = "insert into "
DELETE: Final[LiteralString] = "delete from "
ADD: Final[LiteralString] = """
    (note, revision, patient, author, part, base, at, sealed)
    values (%s, %s, %s, %s, %s, %s::uuid[], %s, %s) on conflict do nothing returning true"""
SELECT: Final[LiteralString] = """
    select note, revision, patient, author, part, base, at, octet_length(sealed) = 0 from """
SEALED: Final[LiteralString] = """
    select sealed, note, revision, patient, author, part, base, at, octet_length(sealed) = 0 from """
ONE: Final[LiteralString] = " where note = %s and revision = %s"
OF_NOTE: Final[LiteralString] = " where note = %s order by at, revision"
# Nobody may change a row: it is taken away, and put back without its bytes.
WITH_GONE: Final[LiteralString] = "with gone as (delete from "
EMPTIED: Final[LiteralString] = """ where note = %s and revision = any(%s) and part = 'text'
    returning note, revision, patient, author, part, base, at)
    select note, revision, patient, author, part, base, at from gone"""
OF_PATIENT: Final[LiteralString] = " where patient = %(person)s"


class PostgresShelf:
    """`Shelf` in a table of therapy's schema. Rows are added, emptied, and deleted with a patient; never changed."""

    def __init__(self, database: Database, table: LiteralString) -> None:
        self._database = database
        self.table: LiteralString = table

    @property
    def erases(self) -> LiteralString:
        """What deletes a person's rows."""
        return DELETE + self.table + OF_PATIENT

    async def add(self, tenant: TenantId, revision: Revision, sealed: bytes) -> bool:
        """Keep it, unless there is one with this id: then False, and nothing changes. Raises Unavailable."""
        one = revision
        row = (one.note, one.revision, one.patient, one.author, one.part, list(one.base), one.at, sealed)
        async with self._database.app(tenant) as tx:
            return await (await tx.execute(INTO + self.table + ADD, row)).fetchone() is not None

    async def one(self, tenant: TenantId, note: UUID, revision: UUID) -> tuple[Revision, bytes] | None:
        """One document as it is kept. Raises Unavailable."""
        query = SEALED + self.table + ONE
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(query, (note, revision))).fetchone()
        return (_revision(row[1:]), row[0]) if row else None

    async def of_note(self, tenant: TenantId, note: UUID) -> Sequence[Revision]:
        """All of a note, oldest first. Raises Unavailable."""
        async with self._database.app(tenant) as tx:
            rows = await tx.execute(SELECT + self.table + OF_NOTE, (note,))
            return [_revision(row) async for row in rows]

    async def empty(self, tenant: TenantId, note: UUID, revisions: Collection[UUID]) -> None:
        """Let the sealed bytes of these texts go, in one transaction. Raises Unavailable."""
        async with self._database.app(tenant) as tx:
            rows = await tx.execute(WITH_GONE + self.table + EMPTIED, (note, list(revisions)))
            for row in await rows.fetchall():
                await tx.execute(INTO + self.table + ADD, (*row, b""))

    async def delete(self, tenant: TenantId, patient: PersonId) -> None:
        """All of a patient. Raises Unavailable."""
        async with self._database.app(tenant) as tx:
            await tx.execute(self.erases, {"person": patient})


def _revision(row: Sequence[Any]) -> Revision:
    note, revision, patient, author, part, base, at, pruned = row
    return Revision(
        note=note,
        revision=revision,
        patient=patient,
        author=author,
        part=part,
        base=tuple(base),
        at=at,
        pruned=pruned,
    )
