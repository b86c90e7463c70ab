"""Types of appointments and rooms: set, changed, given up. What was booked with them stays as it was booked."""

from collections.abc import Sequence

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event
from mindlyfe.therapy.contract.clinic import Bookers


class TypeSet(Event, frozen=True, kw_only=True, tag="appointment-type.set.v1"):
    """The type is so from now on."""

    name: str
    minutes: int
    bookable_by: Bookers


class TypeRetired(Event, frozen=True, kw_only=True, tag="appointment-type.retired.v1"):
    """No appointment of this type is booked any more."""


class RoomSet(Event, frozen=True, kw_only=True, tag="room.set.v1"):
    """The room is so from now on."""

    name: str
    capacity: int


class RoomClosed(Event, frozen=True, kw_only=True, tag="room.closed.v1"):
    """Nobody meets there any more."""


type TypeChange = TypeSet | TypeRetired
type RoomChange = RoomSet | RoomClosed


class AppointmentType(msgspec.Struct, frozen=True, kw_only=True):
    """A type after the changes so far; `said` is None once it is retired."""

    said: TypeSet | None


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room after the changes so far; `said` is None once it is closed."""

    said: RoomSet | None


def evolve_type(_: AppointmentType | None, change: TypeChange) -> AppointmentType:
    """The type after a change."""
    return AppointmentType(said=change if isinstance(change, TypeSet) else None)


def evolve_room(_: Room | None, change: RoomChange) -> Room:
    """The room after a change."""
    return Room(said=change if isinstance(change, RoomSet) else None)


def set_type(state: AppointmentType | None, wish: TypeSet) -> Sequence[TypeChange]:
    """Set up a type, or change it; nothing happens when it is so. Raises NotFound (retired)."""
    if state is not None and state.said is None:
        raise NotFound
    return [] if state is not None and state.said == wish else [wish]


def retire(state: AppointmentType | None) -> Sequence[TypeChange]:
    """Book it no more. Raises NotFound."""
    if state is None or state.said is None:
        raise NotFound
    return [TypeRetired()]


def set_room(state: Room | None, wish: RoomSet) -> Sequence[RoomChange]:
    """Set up a room, or change it; nothing happens when it is so. Raises NotFound (closed)."""
    if state is not None and state.said is None:
        raise NotFound
    return [] if state is not None and state.said == wish else [wish]


def close(state: Room | None) -> Sequence[RoomChange]:
    """Meet there no more. Raises NotFound."""
    if state is None or state.said is None:
        raise NotFound
    return [RoomClosed()]
