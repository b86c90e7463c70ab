"""Taking a time: booking a slot or asking for it, and moving an appointment to another one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from mindlyfe.kernel.errors import DomainError, Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import (
    AlreadyBooked,
    AlreadyStarted,
    BeyondHorizon,
    InThePast,
    NotBooked,
    NotOffered,
    PatientBusy,
    RoomId,
    ScheduleId,
    SlotTaken,
    TherapistAway,
    TherapistFull,
    TooSoon,
    TypeId,
)
from mindlyfe.therapy.contract.availability import Lack
from mindlyfe.therapy.contract.bookings import ConfirmationNeeded, NotAnswered, TooLateToMove
from mindlyfe.therapy.contract.groups import SeatStays
from mindlyfe.therapy.domain.appointment import Appointment, Booked, Change, Limit, Moved, Requested
from mindlyfe.therapy.domain.availability import Availability, Schedule, zone_of
from mindlyfe.therapy.domain.clocks import clocks_of, instant, seconds
from mindlyfe.therapy.domain.slots import Engaged, first_day, offering

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
FARTHEST_DAYS: Final = 730
"""No schedule is booked as long before."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Who would like which start; of this schedule or any, of this type or none, in this room or the schedule's.

    `by` is who books when it is not the patient: staff is bound by no notice, no horizon and no confirmation.
    """

    patient: PersonId
    starts_at: datetime
    schedule: ScheduleId | None = None
    by: PersonId | None = None
    minutes: int | None = None
    """Of the type."""
    appointment_type: TypeId | None = None
    room: RoomId | None = None

    @property
    def by_staff(self) -> bool:
        """Whether somebody else than the patient wishes it."""
        return self.by not in {None, self.patient}


def book(
    state: Appointment | None, availability: Availability | None, engaged: Engaged, wish: Wish, now: datetime
) -> Sequence[Change]:
    """Take a slot of the therapist whose `availability` this is, engaged as they are; or ask for it.

    Raises AlreadyBooked, NotFound (no hours published), NotOffered, InThePast, TooSoon, BeyondHorizon, TherapistAway,
    TherapistFull, SlotTaken.
    """
    if state is not None:
        raise AlreadyBooked
    hours = published(availability)
    found, at = offered(hours, engaged, wish, now), seconds(wish.starts_at)
    place = _place(found, at, wish, hours)
    if found.confirms and not wish.by_staff:
        return [Requested(**place, lapses_at=lapse(found, at, now))]
    return [Booked(**place)]


def move(
    state: Appointment, availability: Availability | None, engaged: Engaged, wish: Wish, now: datetime, *, reason: str
) -> Sequence[Change]:
    """Give the appointment another time, perhaps another therapist; `engaged` leaves out the appointment itself.

    Raises NotBooked, SeatStays, AlreadyStarted, NotAnswered, TooLateToMove, ConfirmationNeeded, Forbidden, and what
    `book` raises for a start that is not given.
    """
    if state.status not in {"requested", "booked"}:
        raise NotBooked
    if state.group_session is not None:
        raise SeatStays
    if state.starts_at <= now:
        raise AlreadyStarted
    if wish.by_staff and state.status == "requested":
        raise NotAnswered
    hours = published(availability)
    if not wish.by_staff:
        _movable_by_patient(state, hours, now)
    if _same(state, hours, wish):
        return []
    found, at = offered(hours, engaged, wish, now), seconds(wish.starts_at)
    lapses_at = lapse(found, at, now) if state.status == "requested" else None
    if found.confirms and not wish.by_staff and lapses_at is None:
        raise ConfirmationNeeded
    place = _place(found, at, wish, hours)
    return [Moved(**place, was_with=state.therapist, reason=reason, lapses_at=lapses_at)]


def published(availability: Availability | None) -> Availability:
    """Raises NotFound."""
    if availability is None or not availability.schedules:
        raise NotFound("this therapist takes no bookings")
    return availability


def offered(availability: Availability, engaged: Engaged, wish: Wish, now: datetime) -> Schedule:
    """The schedule that gives the start. Raises NotOffered, and what the start lacks."""
    if availability.therapist == wish.patient:
        raise NotOffered("nobody books an appointment with themselves")
    found = offering(asked(availability, wish), engaged, wish.starts_at, now, wish.schedule)
    if not isinstance(found, Schedule):
        raise REFUSED[found]
    return found


def asked(availability: Availability, wish: Wish) -> Availability:
    """The availability as this wish meets it."""
    found = lasting(availability, wish.minutes)
    return msgspec.structs.replace(found, schedules=tuple(_asked(each, wish) for each in found.schedules))


def lasting(availability: Availability, minutes: int | None) -> Availability:
    """The availability for appointments of another length; they start at the same times."""
    if minutes is None:
        return availability
    longer = tuple(
        msgspec.structs.replace(each, minutes=minutes, step_minutes=each.step_minutes or each.minutes)
        for each in availability.schedules
    )
    return msgspec.structs.replace(availability, schedules=longer)


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


def lapse(schedule: Schedule, at: int, now: datetime) -> datetime:
    """Until when a request for this start is answered: at latest until it."""
    return min(instant(at), now + timedelta(hours=schedule.answer_hours))


def _asked(schedule: Schedule, wish: Wish) -> Schedule:
    if wish.room is not None:
        schedule = msgspec.structs.replace(schedule, room=wish.room)
    if wish.by_staff:
        schedule = msgspec.structs.replace(schedule, notice_minutes=0, horizon_days=FARTHEST_DAYS)
    return schedule


def _movable_by_patient(state: Appointment, availability: Availability, now: datetime) -> None:
    if availability.therapist != state.therapist:
        raise Forbidden("only the clinic moves an appointment to another therapist")
    if state.status == "booked" and state.starts_at - now < timedelta(hours=state.late_hours):
        raise TooLateToMove


def _same(state: Appointment, availability: Availability, wish: Wish) -> bool:
    return (
        (state.therapist, state.starts_at) == (availability.therapist, wish.starts_at)
        and wish.schedule in {None, state.schedule}
        and wish.room in {None, state.room}
    )


def _place(found: Schedule, at: int, wish: Wish, hours: Availability) -> dict[str, Any]:
    return {
        "patient": wish.patient,
        "therapist": hours.therapist,
        "starts_at": instant(at),
        "minutes": found.minutes,
        "schedule": found.id,
        "kind": found.kind,
        "place": found.place,
        "before_minutes": found.before_minutes,
        "after_minutes": found.after_minutes,
        "limits": limits(found, at),
        "room": found.room,
        "appointment_type": wish.appointment_type,
        "late_hours": found.late_hours,
        "by": wish.by if wish.by_staff else None,
    }
