"""What a clinic keeps for its appointments: their types, and its rooms."""

from typing import Annotated, Literal

import msgspec

from mindlyfe.kernel.errors import DomainError, Forbidden
from mindlyfe.kernel.messages import Command
from mindlyfe.therapy.contract import RoomId, TypeId

type Bookers = Literal["patients", "staff"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"\S", examples=["Intake"])]


class SetAppointmentType(Command, frozen=True):
    """A type of appointment: how long it takes, whatever the schedule says, and who books it."""

    name: Name
    minutes: Annotated[int, msgspec.Meta(ge=5, le=240, examples=[90])]
    bookable_by: Bookers = "patients"
    """`patients`: by everybody."""


class AppointmentTypeView(msgspec.Struct, frozen=True, kw_only=True):
    """A type of appointment of the clinic."""

    id: TypeId
    name: str
    minutes: int
    bookable_by: Bookers
    version: int


class TypeSaved(msgspec.Struct, frozen=True):
    """The type stands at this version."""

    appointment_type: TypeId
    version: int


class SetRoom(Command, frozen=True):
    """A room, and how many people it holds."""

    name: Name
    capacity: Annotated[int, msgspec.Meta(ge=1, le=500)] = 2


class RoomView(msgspec.Struct, frozen=True, kw_only=True):
    """A room of the clinic."""

    id: RoomId
    name: str
    capacity: int
    version: int


class RoomSaved(msgspec.Struct, frozen=True):
    """The room stands at this version."""

    room: RoomId
    version: int


class UnknownType(DomainError):
    """The clinic has no such type of appointment."""

    status = 422
    code = "unknown-appointment-type"
    advice = "Choose one of the clinic's list."


class TypeForStaff(Forbidden):
    """Appointments of this type are booked by the clinic."""

    code = "appointment-type-for-staff"
    advice = "Telephone the clinic."


class UnknownRoom(DomainError):
    """The clinic has no such room."""

    status = 422
    code = "unknown-room"
    advice = "Choose one of the clinic's list."
