"""Read models: notes without their text, a table for each kind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Instant, PersonId, Recorded, TenantId
from mindlyfe.kernel.paging import Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.application.note_lists import Wanted
from mindlyfe.therapy.contract.notes import NoteEntry
from mindlyfe.therapy.domain.custody import HandedOver
from mindlyfe.therapy.domain.note import (
    Begun,
    Change,
    CosignatureAsked,
    Cosigned,
    EnteredInError,
    Kind,
    Signed,
)

INTO: Final[LiteralString] = "insert into "
UPDATE: Final[LiteralString] = "update "
DELETE: Final[LiteralString] = "delete from "
NOTE: Final[LiteralString] = "select note from "
OF_PERSON: Final[LiteralString] = " where patient = %(person)s"
BEGUN: Final[LiteralString] = """
    (note, patient, author, template, template_version, appointment, started_at, version)
    values (%s, %s, %s, %s, %s, %s, %s, %s)"""
HERE: Final[LiteralString] = " where tenant = current_setting('app.tenant')::uuid and note = %(note)s"
SIGNED: Final[LiteralString] = " set stage = 'signed', signed_at = %(at)s, version = %(version)s" + HERE
ASKED: Final[LiteralString] = " set cosignature = 'asked', version = %(version)s" + HERE
COSIGNED: Final[LiteralString] = " set cosignature = 'given', version = %(version)s" + HERE
STRUCK: Final[LiteralString] = " set stage = 'entered-in-error', version = %(version)s" + HERE
HANDED: Final[LiteralString] = " set keeper = %(keeper)s, version = %(version)s" + HERE
CHANGED: Final[LiteralString] = " set version = %(version)s" + HERE
SELECT: Final[LiteralString] = """
    select note as id, patient, author, template, template_version, appointment, stage, cosignature, started_at,
           signed_at, version from """
OF_PATIENT: Final[LiteralString] = """
    where (patient = %(patient)s or patient in (select person from merged where survivor = %(patient)s))
    and (%(reader)s in (author, keeper) or (signed_at is not null and not %(own)s))
    and (stage = %(stage)s or (%(stage)s::text is null and stage <> 'entered-in-error'))
    and (started_at, note) < (%(before)s, %(before_id)s) order by started_at desc, note desc limit %(limit)s"""
UNSIGNED: Final[LiteralString] = """
    where author = %(reader)s and stage = 'draft'
    and (started_at, note) < (%(before)s, %(before_id)s) order by started_at desc, note desc limit %(limit)s"""
TO_COSIGN: Final[LiteralString] = """ n
    where cosignature = 'asked' and stage = 'signed' and author <> %(reader)s and exists (
        select from tie s join tie c on c.kind = 'care' and c.id = s.via
        where s.kind = 'supervision' and s.holder = %(reader)s and s.subject = n.patient and c.holder = n.author
        and s.since <= %(now)s and (s.until is null or s.until > %(now)s))
    and (started_at, note) < (%(before)s, %(before_id)s) order by started_at desc, note desc limit %(limit)s"""
# What only its author had: drafts, and where it is asked for, what was signed, too.
IN_CUSTODY: Final[LiteralString] = """
    where keeper is null and (stage = 'draft' or (%(signed)s and stage = 'signed'))
    and author in (select person from leaver)
    order by started_at, note limit 200"""
SUPERVISED: Final[LiteralString] = """
    select exists (select from tie s join tie c on c.kind = 'care' and c.id = s.via
        where s.kind = 'supervision' and s.holder = %(supervisor)s and s.subject = %(patient)s
        and c.holder = %(author)s and s.since <= %(now)s and (s.until is null or s.until > %(now)s))"""
COUNT: Final[LiteralString] = "select count(*), max(coalesce(signed_at, started_at)) from "
IDS: Final[LiteralString] = " where patient = %(person)s and stage = 'signed' order by started_at, note"
LAST: Final = (datetime.fromisoformat("9999-12-31T00:00Z"), UUID(int=2**128 - 1))


class NoteList:
    """The notes of one kind. Row-level security keeps to the tenant, each query to the reader."""

    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database, kind: Kind, table: LiteralString) -> None:
        self._database, self._kind = database, kind
        self.table: LiteralString = table
        self.name = f"{kind}-notes"
        self.tables: Sequence[LiteralString] = (table,)

    @property
    def erases(self) -> LiteralString:
        """What deletes a person's rows."""
        return DELETE + self.table + OF_PERSON

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Where each note stands. What is of the other kind touches no row."""
        for each in recorded:
            match each.event:
                case Begun(kind=kind):
                    if kind == self._kind:
                        await self._begun(tx, each.stream, each.event, each.version)
                case change:
                    row = {"note": each.stream, "version": each.version, "at": change.at, "keeper": None}
                    row |= {"keeper": change.to} if isinstance(change, HandedOver) else {}
                    await tx.execute(UPDATE + self.table + _update(change), row)

    async def _begun(self, tx: Tx, note: UUID, e: Begun, version: int) -> None:
        row = (note, e.patient, e.author, e.template, e.template_version, e.appointment, e.at, version)
        await tx.execute(INTO + self.table + BEGUN, row)

    async def of_patient(self, tenant: TenantId, patient: PersonId, wanted: Wanted) -> Page[NoteEntry]:
        """What the reader may see of a patient's: signed ones, and their own. Raises Malformed.

        Those of accounts that became the patient's are among them; each is found under its own patient's address.
        """
        return await self._page(tenant, OF_PATIENT, wanted, patient=patient)

    async def unsigned(self, tenant: TenantId, wanted: Wanted) -> Page[NoteEntry]:
        """The reader's own drafts. Raises Malformed."""
        return await self._page(tenant, UNSIGNED, wanted)

    async def to_cosign(self, tenant: TenantId, now: datetime, wanted: Wanted) -> Page[NoteEntry]:
        """What clinicians whom the reader supervises want co-signed. Raises Malformed."""
        return await self._page(tenant, TO_COSIGN, wanted, now=now)

    async def supervised(
        self, tenant: TenantId, *, supervisor: PersonId, author: PersonId, patient: PersonId, now: datetime
    ) -> bool:
        """Whether `supervisor` answers now for the care that `author` gives `patient`, as far as our copy knows."""
        asked = {"supervisor": supervisor, "author": author, "patient": patient, "now": now}
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(SUPERVISED, asked)).fetchone()
        return bool(row and row[0])

    async def in_custody(self, tenant: TenantId, *, signed: bool) -> list[NoteEntry]:
        """Drafts, and with `signed` all notes, of who left, which nobody was given; oldest first, at most 200."""
        query = SELECT + self.table + IN_CUSTODY
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(NoteEntry)) as rows:
            return await (await rows.execute(query, {"signed": signed})).fetchall()

    async def signed(self, tenant: TenantId, patient: PersonId) -> list[UUID]:
        """The ids of all signed notes of a patient, oldest first."""
        query = NOTE + self.table + IDS
        async with self._database.app(tenant) as tx:
            return [note for (note,) in await (await tx.execute(query, {"person": patient})).fetchall()]

    async def count(self, tenant: TenantId, patient: PersonId) -> tuple[int, datetime | None]:
        """How many there are of a patient, and when the last was written."""
        query = COUNT + self.table + OF_PERSON
        async with self._database.app(tenant) as tx:
            count, latest = await (await tx.execute(query, {"person": patient})).fetchone() or (0, None)
        return count, latest

    async def _page(self, tenant: TenantId, query: LiteralString, wanted: Wanted, **more: object) -> Page[NoteEntry]:
        before, before_id = after(wanted.cursor, tuple[Instant, UUID]) or LAST
        row = msgspec.structs.asdict(wanted) | more | {"before": before, "before_id": before_id}
        row["limit"] = wanted.limit + 1
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(NoteEntry)) as rows:
            found = await (await rows.execute(SELECT + self.table + query, row)).fetchall()
        items = found[: wanted.limit]
        return Page(items, cursor(items[-1].started_at, items[-1].id) if len(found) > len(items) else None)


def _update(change: Change) -> LiteralString:
    match change:
        case Signed():
            return SIGNED
        case CosignatureAsked():
            return ASKED
        case Cosigned():
            return COSIGNED
        case EnteredInError():
            return STRUCK
        case HandedOver():
            return HANDED
        case _:
            return CHANGED
