"""One appointment: booked, perhaps cancelled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract import (
    AlreadyBooked,
    AlreadyStarted,
    BeyondHorizon,
    InThePast,
    Kind,
    NotBooked,
    NotOffered,
    PatientBusy,
    ScheduleId,
    SlotTaken,
    Status,
    TherapistAway,
    TherapistFull,
    TooSoon,
)
from mindlyfe.therapy.contract.availability import Lack
from mindlyfe.therapy.contract.bookings import RoomId, TypeId
from mindlyfe.therapy.domain.availability import Availability, Schedule, zone_of
from mindlyfe.therapy.domain.clocks import clocks_of, instant, seconds
from mindlyfe.therapy.domain.slots import Engaged, first_day, offering

LATE: Final = timedelta(hours=24)
"""A cancellation nearer to the start is marked late."""
REFUSED: Final[dict[Lack, type[DomainError]]] = {
    "in-the-past": InThePast,
    "too-soon": TooSoon,
    "beyond-horizon": BeyondHorizon,
    "not-offered": NotOffered,
    "away": TherapistAway,
    "full": TherapistFull,
    "taken": SlotTaken,
    "you-are-busy": PatientBusy,
}


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """The therapist has at most so many appointments that start in this time."""

    since: Instant
    until: Instant
    most: int


class Placed(Event, frozen=True, kw_only=True):
    """Takes a time: of whom, where, what is kept free around it, and the limits that it counts for."""

    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int
    schedule: ScheduleId | None = None
    kind: Kind = "video"
    place: str = ""
    before_minutes: int = 0
    after_minutes: int = 0
    limits: tuple[Limit, ...] = ()
    room: RoomId | None = None
    appointment_type: TypeId | None = None


class Booked(Placed, frozen=True, kw_only=True, tag="appointment.booked.v1"):
    """The patient took a slot."""


class Cancelled(Event, frozen=True, kw_only=True, tag="appointment.cancelled.v1"):
    """Somebody gave the slot back."""

    patient: PersonId
    therapist: PersonId
    by: PersonId
    reason: str
    late: bool


class PatientMerged(Event, frozen=True, kw_only=True, tag="appointment.patient-merged.v1"):
    """The patient's account became another one, `patient`, whose appointment it is from now on."""

    patient: PersonId
    was: PersonId
    therapist: PersonId


type Change = Booked | Cancelled | PatientMerged


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the changes so far."""

    patient: PersonId
    therapist: PersonId
    starts_at: datetime
    minutes: int
    schedule: ScheduleId | None = None
    kind: Kind = "video"
    place: str = ""
    room: RoomId | None = None
    appointment_type: TypeId | None = None
    sequence: int = 0
    status: Status = "booked"
    reason: str = ""
    late: bool = False


def evolve(state: Appointment | None, change: Change) -> Appointment:
    """The appointment after a change."""
    match change:
        case Booked():
            return Appointment(
                patient=change.patient,
                therapist=change.therapist,
                starts_at=change.starts_at,
                minutes=change.minutes,
                schedule=change.schedule,
                kind=change.kind,
                place=change.place,
                room=change.room,
                appointment_type=change.appointment_type,
            )
        case Cancelled(reason=reason, late=late):
            assert state
            return msgspec.structs.replace(state, status="cancelled", reason=reason, late=late)
        case PatientMerged(patient=patient):
            assert state
            return msgspec.structs.replace(state, patient=patient)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a patient would like: this start, and this schedule or any."""

    patient: PersonId
    starts_at: datetime
    schedule: ScheduleId | None = None


def book(
    state: Appointment | None, availability: Availability | None, engaged: Engaged, wish: Wish, now: datetime
) -> Sequence[Change]:
    """Take a slot of the therapist whose `availability` this is, engaged as they are.

    Raises AlreadyBooked, NotFound (no hours published), NotOffered, InThePast, TooSoon, BeyondHorizon, TherapistAway,
    TherapistFull, SlotTaken.
    """
    if state is not None:
        raise AlreadyBooked
    if availability is None or not availability.schedules:
        raise NotFound("this therapist takes no bookings")
    if availability.therapist == wish.patient:
        raise NotOffered("nobody books an appointment with themselves")
    found = offering(availability, engaged, wish.starts_at, now, wish.schedule)
    if not isinstance(found, Schedule):
        raise REFUSED[found]
    at = seconds(wish.starts_at)
    return [
        Booked(
            patient=wish.patient,
            therapist=availability.therapist,
            starts_at=instant(at),
            minutes=found.minutes,
            schedule=found.id,
            kind=found.kind,
            place=found.place,
            before_minutes=found.before_minutes,
            after_minutes=found.after_minutes,
            limits=limits(found, at),
        )
    ]


def limits(schedule: Schedule, at: int) -> tuple[Limit, ...]:
    """What the schedule allows of the day and the week of a start, by its clocks."""
    clocks = clocks_of(zone_of(schedule.zone))
    found: list[Limit] = []
    for most, size in ((schedule.per_day, 1), (schedule.per_week, 7)):
        if most is not None:
            day = first_day(clocks.day_of(at), size)
            since, until = clocks.moment(day, 0), clocks.moment(day + size, 0)
            found.append(Limit(since=instant(since), until=instant(until), most=most))
    return tuple(found)


def cancel(state: Appointment, *, by: PersonId, reason: str, now: datetime) -> Sequence[Change]:
    """Give the slot back. Raises NotBooked, AlreadyStarted."""
    if state.status != "booked":
        raise NotBooked
    if state.starts_at <= now:
        raise AlreadyStarted
    late = state.starts_at - now < LATE
    return [Cancelled(patient=state.patient, therapist=state.therapist, by=by, reason=reason, late=late)]


def follow_merge(state: Appointment | None, *, duplicate: PersonId, survivor: PersonId) -> Sequence[Change]:
    """Make the duplicate's appointment the survivor's, past and cancelled ones too; what is theirs already stays so."""
    if state is None or state.patient != duplicate:
        return []
    return [PatientMerged(patient=survivor, was=duplicate, therapist=state.therapist)]
