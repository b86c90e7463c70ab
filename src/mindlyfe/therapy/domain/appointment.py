"""One appointment: booked, perhaps cancelled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract import AlreadyBooked, AlreadyStarted, NotBooked, NotOffered, Status
from mindlyfe.therapy.domain.availability import Hours
from mindlyfe.therapy.domain.slots import bookable

LATE: Final = timedelta(hours=24)
"""A cancellation nearer to the start is marked late."""


class Booked(Event, frozen=True, kw_only=True, tag="appointment.booked.v1"):
    """The patient took a slot."""

    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int


class Cancelled(Event, frozen=True, kw_only=True, tag="appointment.cancelled.v1"):
    """Somebody gave the slot back."""

    patient: PersonId
    therapist: PersonId
    by: PersonId
    reason: str
    late: bool


type Change = Booked | Cancelled


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the changes so far."""

    patient: PersonId
    therapist: PersonId
    starts_at: datetime
    minutes: int
    status: Status = "booked"
    reason: str = ""
    late: bool = False


def evolve(state: Appointment | None, change: Change) -> Appointment:
    """The appointment after a change."""
    match change:
        case Booked(patient=patient, therapist=therapist, starts_at=at, minutes=minutes):
            return Appointment(patient=patient, therapist=therapist, starts_at=at, minutes=minutes)
        case Cancelled(reason=reason, late=late):
            assert state
            return msgspec.structs.replace(state, status="cancelled", reason=reason, late=late)


def book(
    state: Appointment | None, hours: Hours | None, *, patient: PersonId, starts_at: datetime, now: datetime
) -> Sequence[Change]:
    """Take a slot of the therapist whose `hours` these are.

    Raises AlreadyBooked, NotFound (no hours published), NotOffered, InThePast, TooSoon, BeyondHorizon.
    """
    if state is not None:
        raise AlreadyBooked
    if hours is None:
        raise NotFound("this therapist takes no bookings")
    if hours.therapist == patient:
        raise NotOffered("nobody books an appointment with themselves")
    at = bookable(hours, starts_at, now)
    return [Booked(patient=patient, therapist=hours.therapist, starts_at=at, minutes=hours.minutes)]


def cancel(state: Appointment, *, by: PersonId, reason: str, now: datetime) -> Sequence[Change]:
    """Give the slot back. Raises NotBooked, AlreadyStarted."""
    if state.status != "booked":
        raise NotBooked
    if state.starts_at <= now:
        raise AlreadyStarted
    late = state.starts_at - now < LATE
    return [Cancelled(patient=state.patient, therapist=state.therapist, by=by, reason=reason, late=late)]
