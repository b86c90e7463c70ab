"""Read model: the calendar. Inline, so it can also refuse: nobody is in two places at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import Instant, PersonId, Recorded, TenantId
from mindlyfe.kernel.paging import Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract import AppointmentId, AppointmentView, PatientBusy, SlotTaken, Status, TherapistFull
from mindlyfe.therapy.domain.appointment import Booked, Cancelled, Change, PatientMerged

# Two bookings that collide would wait for each other; they queue here instead. A lock per person and day, in order.
QUEUE: Final[LiteralString] = """
    select pg_advisory_xact_lock(key) from (
        select distinct hashtextextended(person || '/' || day, 0) as key
        from unnest(%s::text[], %s::text[]) as wanted (person, day) order by key)"""
BOOK: Final[LiteralString] = """
    insert into calendar (appointment, patient, therapist, starts_at, minutes, during, held, schedule, status, version)
    values (%(appointment)s, %(patient)s, %(therapist)s, %(starts_at)s, %(minutes)s,
            tstzrange(%(starts_at)s, %(ends_at)s), tstzrange(%(held_from)s, %(held_until)s), %(schedule)s, 'booked',
            %(version)s)"""
# A limit is kept by counting, and who counts must see who came before: their writes to one row collide.
TURN: Final[LiteralString] = """
    insert into turn (therapist, taken) values (%s, 1)
    on conflict (tenant, therapist) do update set taken = turn.taken + 1"""
KEEP: Final[LiteralString] = "select keep_limit(%s, %s, %s, %s)"
CANCEL: Final[LiteralString] = """
    update calendar set status = 'cancelled', late = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and appointment = %s"""
# Two appointments of one patient at one time, booked as two people: both stand, and somebody must choose.
MERGE: Final[LiteralString] = """
    update calendar as mine set patient = %(patient)s, version = %(version)s, doubled = exists (
        select from calendar other where other.patient = %(patient)s and other.status = 'booked'
        and not other.doubled and other.during && mine.during and mine.status = 'booked')
    where tenant = current_setting('app.tenant')::uuid and appointment = %(appointment)s"""
OF_DUPLICATE: Final[LiteralString] = (
    "select appointment from calendar where patient = %s order by appointment limit 200"
)
SELECT: Final[LiteralString] = """
    select appointment as id, patient, therapist, starts_at, minutes, status, late, version from calendar """
ONE: Final[LiteralString] = SELECT + "where appointment = %s"
LISTED: Final[LiteralString] = """
    and (starts_at, appointment) > (%(after_start)s, %(after_id)s)
    and starts_at >= %(start)s and starts_at < %(end)s
    and (%(status)s::text is null or status = %(status)s)
    order by starts_at, appointment limit %(limit)s"""
OF_PERSON: Final[LiteralString] = SELECT + "where (patient = %(person)s or therapist = %(person)s)" + LISTED
OF_PATIENT: Final[LiteralString] = SELECT + "where patient = %(person)s" + LISTED
OF_CLINIC: Final[LiteralString] = SELECT + "where true" + LISTED
KNOWN: Final[LiteralString] = """
    select exists (select from calendar where patient = %(person)s)
        or exists (select from tie where subject = %(person)s)"""
ALWAYS: Final = (datetime.fromisoformat("0001-01-01T00:00Z"), datetime.fromisoformat("9999-12-31T00:00Z"))
BUFFER: Final = timedelta(hours=2)
"""No more is kept free around an appointment."""


class AppointmentEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment in a list. `late`: cancelled less than 24 hours before its start."""

    id: AppointmentId
    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int
    status: Status
    late: bool
    version: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list: starts from `start` until before `end`, one status or both, a page of it."""

    start: datetime | None = None
    end: datetime | None = None
    status: Status | None = None
    limit: int = 50
    cursor: str | None = None


class Calendar:
    """The appointments of a clinic. Row-level security keeps to the tenant, each query to the person."""

    name = "calendar"
    tables: Sequence[LiteralString] = ("calendar", "turn")
    constraints: Mapping[str, type[DomainError]] = MappingProxyType(
        {
            "calendar_therapist_free": SlotTaken,
            "calendar_patient_free": PatientBusy,
            "calendar_within_limit": TherapistFull,
        }
    )

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Take and free times, in the order of the events."""
        await _queue(tx, [each.event for each in recorded if isinstance(each.event, Booked)])
        for each in recorded:
            match each.event:
                case Booked():
                    await _book(tx, each.event, {"appointment": each.stream, "version": each.version})
                case Cancelled(late=late):
                    await tx.execute(CANCEL, (late, each.version, each.stream))
                case PatientMerged(patient=patient):
                    row = {"appointment": each.stream, "patient": patient, "version": each.version}
                    await tx.execute(MERGE, row)

    async def appointment(self, *, tenant: TenantId, appointment: AppointmentId) -> AppointmentView:
        """Answers the contract's question. Raises NotFound."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(AppointmentEntry)) as rows:
            entry = await (await rows.execute(ONE, (appointment,))).fetchone()
        if entry is None:
            raise NotFound
        return AppointmentView(
            id=entry.id,
            patient=entry.patient,
            therapist=entry.therapist,
            starts_at=entry.starts_at,
            minutes=entry.minutes,
            status=entry.status,
        )

    async def of_person(self, tenant: TenantId, person: PersonId, wanted: Wanted) -> Page[AppointmentEntry]:
        """Those the person takes part in, soonest first. Raises Malformed."""
        return await self._page(tenant, OF_PERSON, person, wanted)

    async def of_patient(self, tenant: TenantId, patient: PersonId, wanted: Wanted) -> Page[AppointmentEntry]:
        """The patient's, with whichever therapist, soonest first. Raises Malformed."""
        return await self._page(tenant, OF_PATIENT, patient, wanted)

    async def knows(self, tenant: TenantId, patient: PersonId) -> bool:
        """Whether anything here is about the patient: an appointment, or a tie of a clinician to them, of any time."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(KNOWN, {"person": patient})).fetchone()
        return bool(row and row[0])

    async def of_duplicate(self, tenant: TenantId, patient: PersonId) -> Sequence[UUID]:
        """Up to 200 appointments that stand under this patient."""
        async with self._database.app(tenant) as tx:
            return [one for (one,) in await (await tx.execute(OF_DUPLICATE, (patient,))).fetchall()]

    async def of_clinic(self, tenant: TenantId, wanted: Wanted) -> Page[AppointmentEntry]:
        """Everybody's, soonest first. Raises Malformed."""
        return await self._page(tenant, OF_CLINIC, None, wanted)

    async def _page(
        self, tenant: TenantId, query: LiteralString, person: PersonId | None, wanted: Wanted
    ) -> Page[AppointmentEntry]:
        since = after(wanted.cursor, tuple[Instant, UUID]) or (ALWAYS[0], UUID(int=0))
        row = {
            "person": person,
            "after_start": since[0],
            "after_id": since[1],
            "start": wanted.start or ALWAYS[0],
            "end": wanted.end or ALWAYS[1],
            "status": wanted.status,
            "limit": wanted.limit + 1,
        }
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(AppointmentEntry)) as rows:
            found = await (await rows.execute(query, row)).fetchall()
        items = found[: wanted.limit]
        return Page(items, cursor(items[-1].starts_at, items[-1].id) if len(found) > len(items) else None)


async def _book(tx: Tx, booked: Booked, row: dict[str, Any]) -> None:
    minute, at = timedelta(minutes=1), booked.starts_at
    ends_at = at + booked.minutes * minute
    row |= {"patient": booked.patient, "therapist": booked.therapist, "schedule": booked.schedule}
    row |= {"starts_at": at, "minutes": booked.minutes, "ends_at": ends_at}
    row |= {"held_from": at - booked.before_minutes * minute, "held_until": ends_at + booked.after_minutes * minute}
    await tx.execute(BOOK, row)
    if booked.limits:
        await tx.execute(TURN, (booked.therapist,))
    for limit in booked.limits:
        await tx.execute(KEEP, (booked.therapist, limit.since, limit.until, limit.most))


async def _queue(tx: Tx, booked: Sequence[Booked]) -> None:
    wanted = [
        (str(person), day.date().isoformat())
        for each in booked
        for person in (each.patient, each.therapist)
        for day in {each.starts_at - BUFFER, each.starts_at + timedelta(minutes=each.minutes) + BUFFER}
    ]
    if wanted:
        persons, days = zip(*wanted, strict=True)
        await tx.execute(QUEUE, (list(persons), list(days)))
