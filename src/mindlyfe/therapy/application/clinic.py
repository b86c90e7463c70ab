"""What a clinic does with its types of appointments and its rooms."""

from dataclasses import dataclass
from typing import Protocol

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import Act, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract import RoomId, TypeId
from mindlyfe.therapy.contract.clinic import (
    AppointmentTypeView,
    RoomSaved,
    SetAppointmentType,
    SetRoom,
    TypeForStaff,
    TypeSaved,
    UnknownRoom,
    UnknownType,
)
from mindlyfe.therapy.domain.access import STAFF
from mindlyfe.therapy.domain.clinic import (
    AppointmentType,
    Room,
    RoomChange,
    RoomSet,
    TypeChange,
    TypeSet,
    close,
    retire,
    set_room,
    set_type,
)


class KnownTypes(Protocol):
    """The read model of types."""

    async def one(self, tenant: TenantId, appointment_type: TypeId) -> AppointmentTypeView | None:
        """The type, if the clinic has it."""
        ...


class KnownRooms(Protocol):
    """The read model of rooms."""

    async def has(self, tenant: TenantId, room: RoomId) -> bool:
        """Whether the clinic has it."""
        ...


@dataclass(frozen=True, slots=True)
class ClinicTypes:
    """Types of appointments."""

    streams: Streams[AppointmentType, TypeChange]
    types: KnownTypes
    ids: Ids

    async def begin(self, command: SetAppointmentType, who: Principal, act: Act) -> TypeSaved:
        """Another type. Asked again under the same key, the same one."""
        new = self.ids() if act.once is None else derived("appointment-type", who.tenant, who.id, act.once)
        return await self._set(TypeId(new), command, act, None)

    async def change(
        self, appointment_type: TypeId, command: SetAppointmentType, who: Principal, act: Act, expected: int | None
    ) -> TypeSaved:
        """Set it otherwise; what is booked stays. Raises NotFound, VersionConflict."""
        if await self.types.one(who.tenant, appointment_type) is None:
            raise NotFound
        return await self._set(appointment_type, command, act, expected)

    async def retire(self, appointment_type: TypeId, act: Act) -> None:
        """Book it no more. Raises NotFound."""
        await self.streams.decide(act, appointment_type, retire)

    async def bookable(self, appointment_type: TypeId | None, who: Principal) -> AppointmentTypeView | None:
        """The type, if this person books it; None of none. Raises UnknownType, TypeForStaff."""
        if appointment_type is None:
            return None
        found = await self.types.one(who.tenant, appointment_type)
        if found is None:
            raise UnknownType
        if found.bookable_by == "staff" and STAFF.isdisjoint(who.roles):
            raise TypeForStaff
        return found

    async def _set(
        self, appointment_type: TypeId, command: SetAppointmentType, act: Act, expected: int | None
    ) -> TypeSaved:
        wish = TypeSet(name=command.name, minutes=command.minutes, bookable_by=command.bookable_by)
        decided = await self.streams.decide(
            act, appointment_type, lambda state: set_type(state, wish), expected=expected
        )
        return TypeSaved(appointment_type, decided.version)


@dataclass(frozen=True, slots=True)
class ClinicRooms:
    """Rooms."""

    streams: Streams[Room, RoomChange]
    rooms: KnownRooms
    ids: Ids

    async def begin(self, command: SetRoom, who: Principal, act: Act) -> RoomSaved:
        """Another room. Asked again under the same key, the same one."""
        new = self.ids() if act.once is None else derived("room", who.tenant, who.id, act.once)
        return await self._set(RoomId(new), command, act, None)

    async def change(self, room: RoomId, command: SetRoom, who: Principal, act: Act, expected: int | None) -> RoomSaved:
        """Set it otherwise. Raises NotFound, VersionConflict."""
        if not await self.rooms.has(who.tenant, room):
            raise NotFound
        return await self._set(room, command, act, expected)

    async def close(self, room: RoomId, act: Act) -> None:
        """Meet there no more; appointments stay. Raises NotFound."""
        await self.streams.decide(act, room, close)

    async def known(self, tenant: TenantId, room: RoomId | None) -> RoomId | None:
        """The room, or None of none. Raises UnknownRoom."""
        if room is not None and not await self.rooms.has(tenant, room):
            raise UnknownRoom
        return room

    async def _set(self, room: RoomId, command: SetRoom, act: Act, expected: int | None) -> RoomSaved:
        wish = RoomSet(name=command.name, capacity=command.capacity)
        decided = await self.streams.decide(act, room, lambda state: set_room(state, wish), expected=expected)
        return RoomSaved(room, decided.version)
