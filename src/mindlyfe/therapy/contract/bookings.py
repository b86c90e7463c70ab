"""Appointments beside booking and cancelling: what is told of them, and refused. Every time is UTC."""

from typing import NewType
from uuid import UUID

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId

RoomId = NewType("RoomId", UUID)
TypeId = NewType("TypeId", UUID)


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
