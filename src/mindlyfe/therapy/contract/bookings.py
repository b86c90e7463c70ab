"""Appointments beside booking and cancelling: what is told of them, and refused. Every time is UTC."""

from typing import Annotated, Literal

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId, RoomId, ScheduleId

type Side = Literal["patient", "therapist"]
Reason = Annotated[str, msgspec.Meta(max_length=2_000)]


class MoveAppointment(Command, frozen=True):
    """Give it another time; the old one is free. It stays the same appointment, with its history."""

    starts_at: Instant
    schedule: ScheduleId | None = None
    """The slot's; without it, any of the therapist's that offers the start."""
    therapist: PersonId | None = None
    """Another one, for the front desk alone; without it, the same."""
    room: RoomId | None = None
    """Another room than the schedule's; staff chooses."""
    reason: Reason = ""
    """Read by patient and therapist only, and by the desk when the desk wrote it."""


class DeclineAppointment(Command, frozen=True):
    """Say no to a request. The patient reads the reason."""

    reason: Reason = ""


class MarkAbsence(Command, frozen=True):
    """Who did not come."""

    absent: Side


class AppointmentRequestedV1(Event, frozen=True, kw_only=True, tag="therapy.appointment-requested.v1"):
    """A patient asks for this time; the therapist has yet to say yes (then it is booked) or no."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int


class AppointmentDeclinedV1(Event, frozen=True, kw_only=True, tag="therapy.appointment-declined.v1"):
    """The therapist said no, or nobody answered in time."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId


class AppointmentMovedV1(Event, frozen=True, kw_only=True, tag="therapy.appointment-moved.v1"):
    """They will meet at another time, or the patient will meet another therapist than `was_with`."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    was_with: PersonId
    starts_at: Instant
    minutes: int
    by: PersonId


class AppointmentMissedV1(Event, frozen=True, kw_only=True, tag="therapy.appointment-missed.v1"):
    """One of them did not come: `absent` is the patient or the therapist."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    absent: PersonId


class RoomTaken(DomainError):
    """Somebody else has the room at this time."""

    code = "room-taken"
    advice = "Choose another time or another room."


class NotRequested(DomainError):
    """Nobody asks for this appointment, or not any more."""

    code = "appointment-not-requested"


class RequestLapsed(DomainError):
    """The request was not answered in time."""

    code = "request-lapsed"
    advice = "Book another time with the patient."


class NotAnswered(DomainError):
    """The patient asks for this time, and has no answer yet."""

    code = "request-not-answered"
    advice = "Confirm or decline it first."


class ConfirmationNeeded(DomainError):
    """The therapist confirms every time: an appointment that is certain is not moved to one that is not."""

    code = "confirmation-needed"
    advice = "Ask for the new time as another appointment, and cancel this one when that is confirmed."


class TooLateToMove(DomainError):
    """The appointment is too near to be moved by its patient."""

    code = "too-late-to-move"
    advice = "Telephone the clinic."


class NotStarted(DomainError):
    """The appointment has not begun."""

    code = "appointment-not-started"
    advice = "Wait for its start."


class NotMissed(DomainError):
    """Nobody is said to have missed this appointment."""

    code = "appointment-not-missed"


class TooLateToCorrect(DomainError):
    """It was said more than 7 days ago."""

    code = "too-late-to-correct"


class NoPatient(DomainError):
    """It is not said whose appointment it is."""

    status = 422
    code = "no-patient"
    advice = "Name the patient."
