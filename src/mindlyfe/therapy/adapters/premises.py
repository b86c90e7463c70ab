"""A clinic's types of appointments and its rooms put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from litestar import Router

from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Platform
from mindlyfe.kernel.roles import ADMIN
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.clinic import Rooms, Types
from mindlyfe.therapy.adapters.http.clinic import room_routes, type_routes
from mindlyfe.therapy.application.clinic import ClinicRooms, ClinicTypes
from mindlyfe.therapy.domain.access import PARTIES, STAFF
from mindlyfe.therapy.domain.clinic import AppointmentType, Room, RoomChange, TypeChange, evolve_room, evolve_type

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "appointment-types:read": PARTIES | STAFF,
    "appointment-types:set": ADMIN,
    "rooms:read": STAFF,
    "rooms:set": ADMIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What the context's wiring takes over."""

    types: ClinicTypes
    rooms: ClinicRooms
    routes: Sequence[Router]

    @property
    def streams(self) -> Sequence[Streams[Any, Any]]:
        """All of them."""
        return self.types.streams, self.rooms.streams

    @classmethod
    def of(cls, p: Platform) -> Self:
        """Put it together."""
        listed_types, listed_rooms = Types(p.database), Rooms(p.database)
        types: Streams[AppointmentType, TypeChange] = Streams(
            p.database, p.keys, name="appointment-type", events=TypeChange, evolve=evolve_type, inline=(listed_types,)
        )
        rooms: Streams[Room, RoomChange] = Streams(
            p.database, p.keys, name="room", events=RoomChange, evolve=evolve_room, inline=(listed_rooms,)
        )
        of_types, of_rooms = ClinicTypes(types, listed_types, p.ids), ClinicRooms(rooms, listed_rooms, p.ids)
        routes = [type_routes(of_types, listed_types), room_routes(of_rooms, listed_rooms)]
        return cls(types=of_types, rooms=of_rooms, routes=routes)
