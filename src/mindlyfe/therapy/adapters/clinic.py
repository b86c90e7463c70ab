"""Read models: a clinic's types of appointments, and its rooms. Inline."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, LiteralString

from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract import RoomId, TypeId
from mindlyfe.therapy.contract.clinic import AppointmentTypeView, RoomView
from mindlyfe.therapy.domain.clinic import RoomChange, RoomClosed, RoomSet, TypeChange, TypeRetired, TypeSet

SET_TYPE: Final[LiteralString] = """
    insert into appointment_type (appointment_type, name, minutes, bookable_by, version) values (%s, %s, %s, %s, %s)
    on conflict (tenant, appointment_type) do update set (name, minutes, bookable_by, version) =
        (excluded.name, excluded.minutes, excluded.bookable_by, excluded.version)"""
RETIRE: Final[LiteralString] = "delete from appointment_type where appointment_type = %s"
TYPES: Final[LiteralString] = """
    select appointment_type as id, name, minutes, bookable_by, version from appointment_type """
TYPE: Final[LiteralString] = TYPES + "where appointment_type = %s"
ALL_TYPES: Final[LiteralString] = TYPES + "where not %s or bookable_by = 'patients' order by name, id"
SET_ROOM: Final[LiteralString] = """
    insert into room (room, name, capacity, version) values (%s, %s, %s, %s)
    on conflict (tenant, room) do update set (name, capacity, version) =
        (excluded.name, excluded.capacity, excluded.version)"""
CLOSE: Final[LiteralString] = "delete from room where room = %s"
ROOM: Final[LiteralString] = "select exists (select from room where room = %s)"
ALL_ROOMS: Final[LiteralString] = "select room as id, name, capacity, version from room order by name, id"


class Types:
    """The types of appointments."""

    name = "appointment_types"
    tables: Sequence[LiteralString] = ("appointment_type",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[TypeChange]], /) -> None:
        """Each change in its place."""
        for each in recorded:
            match each.event:
                case TypeSet(name=name, minutes=minutes, bookable_by=bookable_by):
                    await tx.execute(SET_TYPE, (each.stream, name, minutes, bookable_by, each.version))
                case TypeRetired():
                    await tx.execute(RETIRE, (each.stream,))

    async def one(self, tenant: TenantId, appointment_type: TypeId) -> AppointmentTypeView | None:
        """The type, if the clinic has it."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(AppointmentTypeView)) as rows:
            return await (await rows.execute(TYPE, (appointment_type,))).fetchone()

    async def all(self, tenant: TenantId, *, for_patients: bool) -> Sequence[AppointmentTypeView]:
        """Every type, or those that patients book, by name."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(AppointmentTypeView)) as rows:
            return await (await rows.execute(ALL_TYPES, (for_patients,))).fetchall()


class Rooms:
    """The rooms."""

    name = "rooms"
    tables: Sequence[LiteralString] = ("room",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[RoomChange]], /) -> None:
        """Each change in its place."""
        for each in recorded:
            match each.event:
                case RoomSet(name=name, capacity=capacity):
                    await tx.execute(SET_ROOM, (each.stream, name, capacity, each.version))
                case RoomClosed():
                    await tx.execute(CLOSE, (each.stream,))

    async def has(self, tenant: TenantId, room: RoomId) -> bool:
        """Whether the clinic has it."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(ROOM, (room,))).fetchone()
        return bool(row and row[0])

    async def all(self, tenant: TenantId) -> Sequence[RoomView]:
        """Every room, by name."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(RoomView)) as rows:
            return await (await rows.execute(ALL_ROOMS)).fetchall()
