"""A clinic's types of appointments, and its rooms."""

from litestar import Router

from mindlyfe.kernel.errors import IdTaken, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, delete, get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.adapters.clinic import Rooms, Types
from mindlyfe.therapy.application.clinic import ClinicRooms, ClinicTypes
from mindlyfe.therapy.contract import RoomId, TypeId
from mindlyfe.therapy.contract.clinic import (
    AppointmentTypeView,
    RoomSaved,
    RoomView,
    SetAppointmentType,
    SetRoom,
    TypeSaved,
)
from mindlyfe.therapy.domain.access import STAFF

TYPES = "/{appointment_type:uuid}"


def type_routes(types: ClinicTypes, listing: Types) -> Router:
    """Set up types of appointments."""

    @get(needs="appointment-types:read")
    async def listed(who: Principal) -> Page[AppointmentTypeView]:
        """The clinic's types of appointments, by name, in one page; a patient sees those that patients book."""
        return Page(await listing.all(who.tenant, for_patients=STAFF.isdisjoint(who.roles)))

    @post(needs="appointment-types:set")
    async def begin(data: SetAppointmentType, who: Principal, act: Act) -> TypeSaved:
        """Set up a type, such as an intake of 90 minutes."""
        return await types.begin(data, who, act)

    @put(TYPES, needs="appointment-types:set", refuses=(NotFound, VersionConflict))
    async def change(
        appointment_type: TypeId, data: SetAppointmentType, who: Principal, act: Act, expected: int | None
    ) -> TypeSaved:
        """Give a type another name, length or circle of bookers. Appointments stay as they were booked."""
        return await types.change(appointment_type, data, who, act, expected)

    @delete(TYPES, needs="appointment-types:set", refuses=(NotFound, IdTaken))
    async def retire(appointment_type: TypeId, act: Act) -> None:
        """Book a type no more. Appointments stay."""
        await types.retire(appointment_type, act)

    return Router("/v1/appointment-types", route_handlers=[listed, begin, change, retire], tags=["Clinic"])


def room_routes(rooms: ClinicRooms, listing: Rooms) -> Router:
    """Set up rooms."""

    @get(needs="rooms:read")
    async def listed(who: Principal) -> Page[RoomView]:
        """The clinic's rooms, by name, in one page."""
        return Page(await listing.all(who.tenant))

    @post(needs="rooms:set")
    async def begin(data: SetRoom, who: Principal, act: Act) -> RoomSaved:
        """Set up a room. A schedule or a booking names it, and nobody else has it at that time."""
        return await rooms.begin(data, who, act)

    @put("/{room:uuid}", needs="rooms:set", refuses=(NotFound, VersionConflict))
    async def change(room: RoomId, data: SetRoom, who: Principal, act: Act, expected: int | None) -> RoomSaved:
        """Give a room another name or capacity."""
        return await rooms.change(room, data, who, act, expected)

    @delete("/{room:uuid}", needs="rooms:set", refuses=(NotFound, IdTaken))
    async def close(room: RoomId, act: Act) -> None:
        """Meet in a room no more. Appointments stay, and are moved one by one."""
        await rooms.close(room, act)

    return Router("/v1/rooms", route_handlers=[listed, begin, change, close], tags=["Clinic"])
