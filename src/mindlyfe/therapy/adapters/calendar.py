"""Read model: the calendar. Inline, so it can also refuse: nobody is in two places at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import Instant, PersonId, Recorded, TenantId
from mindlyfe.kernel.paging import Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.adapters.groups import apply_group
from mindlyfe.therapy.adapters.taking import free, leave, merge, move, note, queue, stand, take
from mindlyfe.therapy.contract import (
    AppointmentId,
    AppointmentView,
    PatientBusy,
    RoomId,
    SlotTaken,
    Status,
    TherapistFull,
    TypeId,
)
from mindlyfe.therapy.contract.bookings import RoomTaken
from mindlyfe.therapy.contract.groups import GroupFull, GroupId, GroupOver
from mindlyfe.therapy.contract.series import SeriesId
from mindlyfe.therapy.domain.appointment import (
    AbsenceTakenBack,
    Booked,
    Cancelled,
    Change,
    Confirmed,
    Declined,
    Fulfilled,
    Held,
    HoldEnded,
    Missed,
    Moved,
    PatientMerged,
    Placed,
    Requested,
    SeriesJoined,
)
from mindlyfe.therapy.domain.group import Change as GroupChange
from mindlyfe.therapy.domain.group import GroupCalledOff, GroupOffered

OF_DUPLICATE: Final[LiteralString] = (
    "select appointment from calendar where patient = %s order by appointment limit 200"
)
SELECT: Final[LiteralString] = """
    select appointment as id, patient, therapist, starts_at, minutes, status, late, room, appointment_type, sequence,
        lapses_at, group_session, updated_at, version,
        case absent when 'patient' then patient when 'therapist' then therapist end as absent,
        (select series from occurrence
            where occurrence.tenant = calendar.tenant and occurrence.appointment = calendar.appointment) as series
    from calendar """
ONE: Final[LiteralString] = SELECT + "where appointment = %s"
LISTED: Final[LiteralString] = """
    and (starts_at, appointment) > (%(after_start)s, %(after_id)s)
    and starts_at >= %(start)s and starts_at < %(end)s
    and case when %(status)s::text is null then status <> 'held' else status = %(status)s end
    order by starts_at, appointment limit %(limit)s"""
OF_PERSON: Final[LiteralString] = SELECT + "where (patient = %(person)s or therapist = %(person)s)" + LISTED
OF_PATIENT: Final[LiteralString] = SELECT + "where patient = %(person)s" + LISTED
OF_CLINIC: Final[LiteralString] = SELECT + "where true" + LISTED
KNOWN: Final[LiteralString] = """
    select exists (select from calendar where patient = %(person)s)
        or exists (select from tie where subject = %(person)s)"""
ALWAYS: Final = (datetime.fromisoformat("0001-01-01T00:00Z"), datetime.fromisoformat("9999-12-31T00:00Z"))


class AppointmentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of every appointment. `late`: cancelled later than its schedule allows."""

    id: AppointmentId
    patient: PersonId | None
    """Null: a session of a group."""
    therapist: PersonId
    starts_at: Instant
    minutes: int
    status: Status
    late: bool
    room: RoomId | None
    appointment_type: TypeId | None
    sequence: int
    """How often it was moved."""
    lapses_at: Instant | None
    """Until when a request is answered."""
    group_session: GroupId | None
    """Of which session of a group it is a seat; without a patient it is the session."""
    absent: PersonId | None
    """Who did not come."""
    version: int


class AppointmentEntry(AppointmentFacts, frozen=True, kw_only=True):
    """An appointment in a list."""

    updated_at: Instant
    series: SeriesId | None
    """Of which it is an occurrence."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list: starts from `start` until before `end`, one status or all, a page of it."""

    start: datetime | None = None
    end: datetime | None = None
    status: Status | None = None
    limit: int = 50
    cursor: str | None = None


class Calendar:
    """The appointments of a clinic. Row-level security keeps to the tenant, each query to the person."""

    name = "calendar"
    tables: Sequence[LiteralString] = ("calendar", "turn", "group_session")
    constraints: Mapping[str, type[DomainError]] = MappingProxyType(
        {
            "calendar_therapist_free": SlotTaken,
            "calendar_patient_free": PatientBusy,
            "calendar_room_free": RoomTaken,
            "calendar_within_limit": TherapistFull,
            "calendar_seat_of": GroupOver,
            "group_session_seats": GroupFull,
        }
    )

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]] | Sequence[Recorded[GroupChange]], /) -> None:
        """Take and free times, in the order of the events."""
        taken = [each.event.then if isinstance(each.event, Held) else each.event for each in recorded]
        await queue(tx, [each for each in taken if isinstance(each, Placed | Confirmed | GroupOffered)])
        for each in recorded:
            await (apply_group if isinstance(each.event, GroupOffered | GroupCalledOff) else _applied)(tx, each)

    async def appointment(self, *, tenant: TenantId, appointment: AppointmentId) -> AppointmentView:
        """Answers the contract's question. Raises NotFound."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(AppointmentEntry)) as rows:
            entry = await (await rows.execute(ONE, (appointment,))).fetchone()
        if entry is None or entry.patient is None:
            raise NotFound
        return AppointmentView(
            id=entry.id,
            patient=entry.patient,
            therapist=entry.therapist,
            starts_at=entry.starts_at,
            minutes=entry.minutes,
            status=entry.status,
            sequence=entry.sequence,
            updated_at=entry.updated_at,
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


async def _applied(tx: Tx, each: Recorded[Any]) -> None:
    event: Change = each.event
    match event:
        case Booked() as booked:
            await take(tx, booked, each, "booked")
        case Requested(lapses_at=lapses_at) as requested:
            await take(tx, requested, each, "requested", lapses_at=lapses_at)
        case Held(then=then, until=until):
            await take(tx, then, each, "held", lapses_at=until)
        case HoldEnded():
            await free(tx, each.stream)
        case Moved() as moved:
            await move(tx, moved, each)
        case Confirmed() | AbsenceTakenBack():
            await stand(tx, each, "booked")
        case Declined():
            await stand(tx, each, "declined")
        case Cancelled(late=late):
            await leave(tx, each.stream)
            await stand(tx, each, "cancelled", late=late)
        case Missed(patient=patient, absent=absent):
            await stand(tx, each, "missed", absent="patient" if absent == patient else "therapist")
        case Fulfilled():
            await stand(tx, each, "fulfilled")
        case SeriesJoined():
            await note(tx, each)
        case PatientMerged(patient=patient):
            await merge(tx, each.stream, patient, each.version)
