"""Sessions of groups: what staff says and reads of them, and what is refused. Guests learn nothing of one another."""

from typing import Annotated, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId, Kind, RoomId, Status
from mindlyfe.therapy.contract.bookings import Reason

GroupId = NewType("GroupId", UUID)


class OfferGroup(Command, frozen=True):
    """A session of a group. It takes its therapist's time and its room from now on."""

    title: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=80, pattern=r"\S", description="Every guest reads it.", examples=["Tuesday group"]
        ),
    ]
    starts_at: Instant
    minutes: Annotated[int, msgspec.Meta(ge=5, le=240)]
    seats: Annotated[int, msgspec.Meta(ge=1, le=100)]
    therapist: PersonId | None = None
    """Whose, when the front desk offers it; without it, the caller's."""
    kind: Kind = "video"
    place: Annotated[str, msgspec.Meta(max_length=300)] = ""
    room: RoomId | None = None


class CallOffGroup(Command, frozen=True):
    """It does not take place. Every guest reads the reason."""

    reason: Reason = ""


class TakeSeat(Command, frozen=True):
    """A place for this patient."""

    patient: PersonId


class GroupSaved(msgspec.Struct, frozen=True):
    """The session stands at this version."""

    group_session: GroupId
    version: int


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """A session of a group. How many come is for staff alone."""

    id: GroupId
    therapist: PersonId
    title: str
    starts_at: Instant
    minutes: int
    kind: Kind
    place: str
    called_off: bool
    room: RoomId | None
    seats: int | None
    taken: int | None


class GroupEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A session in a list of the staff's."""

    id: GroupId
    therapist: PersonId
    title: str
    starts_at: Instant
    minutes: int
    room: RoomId | None
    seats: int
    taken: int


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """Who has, or had, a seat: an appointment of its own."""

    appointment: AppointmentId
    patient: PersonId
    status: Status
    late: bool


class GroupFull(DomainError):
    """All seats are taken."""

    code = "group-full"
    advice = "Choose another session."


class GroupOver(DomainError):
    """The session was called off."""

    code = "group-called-off"
    advice = "Choose another session."


class SeatStays(DomainError):
    """A seat in a group's session has the time of the session."""

    code = "seat-not-moved"
    advice = "Cancel the seat, and take one in another session."
