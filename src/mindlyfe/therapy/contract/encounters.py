"""Encounters: sessions that take place. What is asked, answered, told and refused of them; places never in an event."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId, Kind
from mindlyfe.therapy.contract.bookings import Side

type Stage = Literal["planned", "arrived", "left", "in-progress", "finished", "cancelled"]
"""`arrived`: the patient waits to be let in. `left`: they went before; they may come back."""
type Part = Literal["patient", "therapist"]
type Came = Literal[
    "to-come", "came", "not-admitted", "missed", "cancelled", "cancelled-late", "called-off", "not-recorded"
]
"""What became of an appointment.

`missed`: one of the two did not come. `called-off`: it was never agreed. `not-recorded`: it is over, and nobody said.
"""
Place = Annotated[
    str,
    msgspec.Meta(min_length=3, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$"),
    msgspec.Meta(description="Where help would find them.", examples=["4 Quay Street, flat 2, Bristol"]),
]
CallBack = Annotated[
    str,
    msgspec.Meta(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164.", examples=["+442079460958"]),
]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, two letters.", examples=["GB"])]


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the patient is for a remote encounter, and how to reach them if the line breaks or help is needed."""

    country: Country
    place: Place
    call_back: CallBack


class CheckIn(Command, frozen=True):
    """The patient is there. Whoever meets by video says from where."""

    whereabouts: Whereabouts | None = None


class EncounterSaved(msgspec.Struct, frozen=True):
    """The encounter stands at this version."""

    encounter: UUID
    version: int


class EncounterView(msgspec.Struct, frozen=True, kw_only=True):
    """An encounter as its parties see it. `patient_s` and `therapist_s`: how long each was in, in seconds."""

    encounter: UUID
    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    kind: Kind
    stage: Stage
    starts_at: Instant
    minutes: int
    check_in_from: Instant
    check_in_until: Instant
    arrived_at: Instant | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    patient_inside: bool = False
    therapist_inside: bool = False
    patient_s: int = 0
    therapist_s: int = 0
    closed_by_platform: bool = False
    """Nobody ended it: how long it took is what is known of it at most."""
    whereabouts: Whereabouts | None = None
    version: int = 0


class WaitingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the waiting room."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    kind: Kind
    starts_at: Instant
    arrived_at: Instant


class AttendanceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an appointment. `late_minutes`: how long after its start the patient was there.

    `absent`: who of the two did not come, of what was missed.
    """

    appointment: AppointmentId
    therapist: PersonId
    starts_at: Instant
    minutes: int
    came: Came
    absent: Side | None
    late_minutes: int
    patient_s: int
    therapist_s: int
    closed_by_platform: bool


class EncounterStartedV1(Event, frozen=True, kw_only=True, tag="therapy.encounter-started.v1"):
    """Patient and therapist meet."""

    encounter: UUID
    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    at: Instant


class EncounterEndedV1(Event, frozen=True, kw_only=True, tag="therapy.encounter-ended.v1"):
    """They have met. `by_platform`: nobody ended it, so that `ended_at` is the latest that is known of it."""

    encounter: UUID
    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    started_at: Instant
    ended_at: Instant
    by_platform: bool = False


class CheckInClosed(DomainError):
    """Nobody checks in yet, or any more."""

    code = "check-in-closed"
    advice = "Check in from 30 minutes before the start until the end of the appointment."


class WhereaboutsMissing(DomainError):
    """A remote encounter needs to know where the patient is and how to call them back."""

    status = 422
    code = "whereabouts-missing"
    advice = "Give the country, the place and a telephone number, as they are now."


class NoSuchCountry(DomainError):
    """There is no such country."""

    status = 422
    code = "no-such-country"
    advice = "Give the two letters of ISO 3166-1, such as GB."


class PatientNotThere(DomainError):
    """The patient is not in the waiting room."""

    code = "patient-not-there"
    advice = "Wait until they check in, or check them in."


class NotAdmitted(DomainError):
    """The therapist has not let the patient in yet."""

    code = "not-admitted"
    advice = "Wait until the therapist begins."


class EncounterOver(DomainError):
    """The encounter is over, or was called off."""

    code = "encounter-over"
