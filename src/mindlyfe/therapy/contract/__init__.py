"""All that other contexts may know of therapy. Every time is UTC unless a zone stands beside it."""

from typing import Annotated, Literal, NewType, Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId, TenantId

AppointmentId = NewType("AppointmentId", UUID)
ScheduleId = NewType("ScheduleId", UUID)
RoomId = NewType("RoomId", UUID)
TypeId = NewType("TypeId", UUID)

type Status = Literal["requested", "held", "booked", "cancelled", "declined", "missed", "fulfilled"]
"""Asked for and not answered; kept for somebody for a while; certain; called off; answered with no; one did not come;
it took place."""
type Kind = Literal["video", "on-site"]
type Zone = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$",
        max_length=64,
        description="IANA time zone name.",
        examples=["Europe/London"],
    ),
]
type Opens = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
type Closes = Annotated[str, msgspec.Meta(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["17:00"])]


class Window(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"opens": "from", "closes": "to"}
):
    """Open every week on this weekday (ISO: Monday is 1), from … to by the wall clock of the therapist's zone."""

    weekday: Annotated[int, msgspec.Meta(ge=1, le=7)]
    opens: Opens
    closes: Closes


class PublishHours(Command, frozen=True):
    """One schedule: when and how a therapist can be met from now on. Replaces what it said before."""

    zone: Zone
    weekly: Annotated[list[Window], msgspec.Meta(max_length=100)]
    minutes: Annotated[int, msgspec.Meta(ge=5, le=240, description="Length of an appointment.")]
    notice_minutes: Annotated[int, msgspec.Meta(ge=0, le=86_400, description="Booked at least this long before.")] = 0
    horizon_days: Annotated[int, msgspec.Meta(ge=1, le=730, description="Booked at most this long before.")] = 90
    step_minutes: (
        Annotated[int, msgspec.Meta(ge=5, le=240, description="From one start to the next; else `minutes`.")] | None
    ) = None
    before_minutes: Annotated[int, msgspec.Meta(ge=0, le=120, description="Kept free before each appointment.")] = 0
    after_minutes: Annotated[int, msgspec.Meta(ge=0, le=120, description="Kept free after each appointment.")] = 0
    per_day: Annotated[int, msgspec.Meta(ge=1, le=50, description="Most appointments of a day.")] | None = None
    per_week: Annotated[int, msgspec.Meta(ge=1, le=200, description="Most of a week from Monday.")] | None = None
    kind: Kind = "video"
    place: Annotated[str, msgspec.Meta(max_length=300, description="Where, when it is on site; patients see it.")] = ""
    name: Annotated[str, msgspec.Meta(max_length=80, description="What the therapist calls it.")] = ""
    confirms: Annotated[bool, msgspec.Meta(description="Patients ask; the therapist says yes or no.")] = False
    answer_hours: Annotated[int, msgspec.Meta(ge=1, le=336, description="A request lapses after.")] = 48
    late_hours: Annotated[
        int, msgspec.Meta(ge=0, le=336, description="Later before its start, a patient moves it no more.")
    ] = 24
    offer_minutes: Annotated[
        int, msgspec.Meta(ge=1, le=2_880, description="So long a slot is kept for who waits and is offered it.")
    ] = 240
    room: Annotated[RoomId, msgspec.Meta(description="From the clinic's list.")] | None = None


class BookAppointment(Command, frozen=True):
    """Take a slot that the therapist offers."""

    therapist: PersonId
    starts_at: Instant
    schedule: ScheduleId | None = None
    """The slot's; without it, any of the therapist's that offers the start."""
    patient: PersonId | None = None
    """Whose, when staff books; without it, the caller's."""
    appointment_type: TypeId | None = None
    """Its minutes count instead of the schedule's."""
    room: RoomId | None = None
    """Another room than the schedule's; staff chooses."""


class CancelAppointment(Command, frozen=True):
    """Give the slot back. The reason is read by patient and therapist only, and by the desk when the desk wrote it."""

    reason: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


class Saved(msgspec.Struct, frozen=True):
    """The appointment stands at this version."""

    appointment: AppointmentId
    version: int


class AppointmentBookedV1(Event, frozen=True, kw_only=True, tag="therapy.appointment-booked.v1"):
    """A patient will meet a therapist at this time, for so many minutes."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int


class AppointmentCancelledV1(Event, frozen=True, kw_only=True, tag="therapy.appointment-cancelled.v1"):
    """They will not meet, or nobody asks any more. `late`: nearer to the start than the schedule allows (24 hours)."""

    appointment: AppointmentId
    patient: PersonId
    therapist: PersonId
    by: PersonId
    late: bool


class AppointmentView(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment as other contexts see it."""

    id: AppointmentId
    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int
    status: Status
    sequence: int = 0
    """How often it was moved."""
    updated_at: Instant | None = None
    """Of its last change; always there in an answer of therapy."""


class Appointments(Protocol):
    """What other contexts may ask."""

    async def appointment(self, *, tenant: TenantId, appointment: AppointmentId) -> AppointmentView:
        """One appointment of the tenant, as it stands now. Raises NotFound."""
        ...


class UnknownZone(DomainError):
    """There is no such time zone."""

    status = 422
    code = "unknown-zone"
    advice = "Use an IANA name such as Europe/London."


class WindowTooShort(DomainError):
    """A window has no room for one appointment."""

    status = 422
    code = "window-too-short"
    advice = "Let each window end at least one appointment after it begins."


class WindowsOverlap(DomainError):
    """Two windows of one weekday overlap."""

    status = 422
    code = "windows-overlap"
    advice = "Join the windows or move one."


class SlotTaken(DomainError):
    """Somebody else has this time."""

    code = "slot-taken"
    advice = "Search the slots again and choose another."


class PatientBusy(DomainError):
    """The patient has another appointment at this time."""

    code = "patient-busy"
    advice = "Choose another time, or cancel the other appointment first."


class NotOffered(DomainError):
    """The therapist does not offer this time."""

    code = "slot-not-offered"
    advice = "Choose one of the therapist's slots."


class TherapistAway(DomainError):
    """The therapist is away at this time."""

    code = "therapist-away"
    advice = "Search the slots again: the answer names who stands in."


class TherapistFull(DomainError):
    """The therapist takes no more appointments that day, or that week."""

    code = "therapist-full"
    advice = "Choose a slot on another day."


class TooSoon(DomainError):
    """The start is nearer than the therapist's minimum notice."""

    code = "too-soon"
    advice = "Choose a later slot, or telephone the clinic."


class BeyondHorizon(DomainError):
    """The start is further away than the therapist takes bookings."""

    code = "beyond-horizon"
    advice = "Choose an earlier slot."


class InThePast(DomainError):
    """The start has passed."""

    code = "in-the-past"
    advice = "Choose a slot in the future."


class AlreadyBooked(DomainError):
    """This appointment was booked before."""

    code = "appointment-already-booked"
    advice = "Make a new id for a new appointment."


class NotBooked(DomainError):
    """The appointment is not booked any more."""

    code = "appointment-not-booked"


class AlreadyStarted(DomainError):
    """The appointment has begun or is over; it can no longer be cancelled."""

    code = "appointment-already-started"
    advice = "Tell the clinic instead."


class RangeTooLong(DomainError):
    """The range of the search is empty or too long."""

    status = 422
    code = "range-too-long"
    advice = "Let `to` be after `from`, at most 62 days."
