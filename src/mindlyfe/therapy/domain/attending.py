"""What follows a booking: the answer to a request, calling it off, who did not come, and that it took place."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.therapy.contract import AlreadyStarted, NotBooked
from mindlyfe.therapy.contract.bookings import (
    NotMissed,
    NotRequested,
    NotStarted,
    RequestLapsed,
    Side,
    TooLateToCorrect,
)
from mindlyfe.therapy.domain.appointment import (
    AbsenceTakenBack,
    Appointment,
    Cancelled,
    Change,
    Confirmed,
    Declined,
    Fulfilled,
    Missed,
)

CORRECTABLE: Final = timedelta(days=7)
"""How long it can be taken back that somebody did not come."""
EARLY: Final = timedelta(minutes=15)
"""So much before its start a session may begin."""
UNANSWERED: Final = "Nobody answered in time."


def confirm(state: Appointment, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Say yes to a request. Raises NotRequested, RequestLapsed."""
    if state.status != "requested" or state.lapses_at is None:
        raise NotRequested
    if state.lapses_at <= now:
        raise RequestLapsed
    return [
        Confirmed(
            patient=state.patient,
            therapist=state.therapist,
            starts_at=state.starts_at,
            minutes=state.minutes,
            room=state.room,
            by=by,
        )
    ]


def decline(state: Appointment, *, by: PersonId, reason: str) -> Sequence[Change]:
    """Say no to a request. Raises NotRequested."""
    if state.status != "requested":
        raise NotRequested
    return [Declined(patient=state.patient, therapist=state.therapist, by=by, reason=reason)]


def let_lapse(state: Appointment | None, *, now: datetime) -> Sequence[Change]:
    """Decline what nobody answered in time; all else stays as it is."""
    if state is None or state.status != "requested" or state.lapses_at is None or state.lapses_at > now:
        return []
    return decline(state, by=SYSTEM, reason=UNANSWERED)


def cancel(state: Appointment, *, by: PersonId, reason: str, now: datetime) -> Sequence[Change]:
    """Give the slot back, or take a request back. Raises NotBooked, AlreadyStarted."""
    if state.status not in {"requested", "booked"}:
        raise NotBooked
    if state.starts_at <= now:
        raise AlreadyStarted
    late = state.status == "booked" and state.starts_at - now < timedelta(hours=state.late_hours)
    return [Cancelled(patient=state.patient, therapist=state.therapist, by=by, reason=reason, late=late)]


def miss(state: Appointment, *, absent: Side, by: PersonId, now: datetime) -> Sequence[Change]:
    """Say that one of them did not come; the same again changes nothing. Raises NotBooked, NotStarted."""
    missing = state.patient if absent == "patient" else state.therapist
    if state.status == "missed" and state.absent == missing:
        return []
    if state.status != "booked":
        raise NotBooked
    if now < state.starts_at:
        raise NotStarted
    return [Missed(patient=state.patient, therapist=state.therapist, absent=missing, by=by, at=now)]


def take_back(state: Appointment, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Say that they did come. Raises NotMissed, TooLateToCorrect (7 days after it was said)."""
    if state.status != "missed" or state.marked_at is None:
        raise NotMissed
    if now - state.marked_at > CORRECTABLE:
        raise TooLateToCorrect
    return [AbsenceTakenBack(patient=state.patient, therapist=state.therapist, by=by)]


def fulfil(state: Appointment, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Say that it took place, even of what was said to be missed; again, nothing. Raises NotBooked, NotStarted."""
    if state.status == "fulfilled":
        return []
    if state.status not in {"booked", "missed"}:
        raise NotBooked
    if now < state.starts_at - EARLY:
        raise NotStarted
    return [Fulfilled(patient=state.patient, therapist=state.therapist, by=by)]
