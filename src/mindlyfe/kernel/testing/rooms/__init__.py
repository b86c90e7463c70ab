"""A tiny context, for the kernel's own tests and measurements: rooms, and who reserves them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, LiteralString
from uuid import UUID, uuid4

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Event, Instant, PersonId, Recorded
from mindlyfe.kernel.postgres import Tx

MIGRATIONS: Final = Path(__file__).parent / "migrations"
NOON: Final = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Reserved(Event, frozen=True, tag="reservation.reserved.v1"):
    """A guest has a room for a time."""

    guest: PersonId
    room: UUID
    starts_at: Instant
    minutes: int


class Moved(Event, frozen=True, tag="reservation.moved.v1"):
    """It begins at another time."""

    starts_at: Instant


class Released(Event, frozen=True, tag="reservation.released.v1"):
    """The room is free again."""

    reason: str = ""


type Change = Reserved | Moved | Released


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation as it stands."""

    guest: PersonId
    room: UUID
    starts_at: datetime
    minutes: int
    moves: int = 0
    released: bool = False


class RoomTaken(DomainError):
    """The room is taken at that time."""

    code = "room-taken"


class GuestBusy(DomainError):
    """The guest has another room at that time."""

    code = "guest-busy"


class AlreadyReserved(DomainError):
    """This reservation was made before."""

    code = "already-reserved"


class NotReserved(DomainError):
    """There is no such reservation."""

    code = "not-reserved"


def evolve(state: Reservation | None, change: Change) -> Reservation:
    """The reservation after a change."""
    match change:
        case Reserved(guest=guest, room=room, starts_at=at, minutes=minutes):
            return Reservation(guest=guest, room=room, starts_at=at, minutes=minutes)
        case Moved(starts_at=at):
            state = standing(state)
            return msgspec.structs.replace(state, starts_at=at, moves=state.moves + 1)
        case Released():
            return msgspec.structs.replace(standing(state), released=True)


def standing(state: Reservation | None) -> Reservation:
    """The reservation, which must be there. Raises NotReserved."""
    if state is None or state.released:
        raise NotReserved
    return state


def wish(room: UUID | None = None, at: datetime = NOON, who: UUID | None = None) -> Reserved:
    """A wish for 50 minutes; a room and a guest of its own unless they are named."""
    return Reserved(guest=PersonId(who or uuid4()), room=room or uuid4(), starts_at=at, minutes=50)


def reserve(wish: Reserved) -> Callable[[Reservation | None], Sequence[Change]]:
    """Reserve a room. Refuses AlreadyReserved."""

    def decision(state: Reservation | None) -> Sequence[Change]:
        if state is not None:
            raise AlreadyReserved
        return [wish]

    return decision


def move(later: timedelta) -> Callable[[Reservation | None], Sequence[Change]]:
    """Begin later. Refuses NotReserved."""
    return lambda state: [Moved(starts_at=standing(state).starts_at + later)]


def release(state: Reservation | None) -> Sequence[Change]:
    """Give the room back. Refuses NotReserved."""
    standing(state)
    return [Released()]


def guest(state: Reservation) -> PersonId | None:
    """Whose data a reservation is."""
    return state.guest


class Plan:
    """Read model: which room is whose at what time. Nobody is in two rooms, no room has two guests."""

    name: str = "plan"
    tables: Sequence[LiteralString] = ("reservation",)
    constraints: Mapping[str, type[DomainError]] = {"room_free": RoomTaken, "guest_free": GuestBusy}
    TAKE: Final[LiteralString] = """
        insert into reservation (reservation, guest, room, during)
        select r, g, o, tstzrange(a, a + m * interval '1 minute')
        from unnest(%b::uuid[], %b::uuid[], %b::uuid[], %b::timestamptz[], %b::int[]) as wish (r, g, o, a, m)"""
    MOVE: Final[LiteralString] = """
        update reservation set during = tstzrange(a, a + (upper(during) - lower(during)))
        from unnest(%b::uuid[], %b::timestamptz[]) as wish (r, a) where reservation = r"""
    FREE: Final[LiteralString] = "delete from reservation where reservation = any(%b)"

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """At most three statements for all reservations, then for those that changed twice, and so on."""
        for turn in _turns(recorded):
            if freed := [r.stream for r in turn if isinstance(r.event, Released)]:
                await tx.execute(self.FREE, (freed,))
            if moved := [(r.stream, e.starts_at) for r in turn if isinstance(e := r.event, Moved)]:
                await tx.execute(self.MOVE, [*map(list, zip(*moved, strict=True))])
            if taken := [
                (r.stream, e.guest, e.room, e.starts_at, e.minutes) for r in turn if isinstance(e := r.event, Reserved)
            ]:
                await tx.execute(self.TAKE, [*map(list, zip(*taken, strict=True))])


def _turns(recorded: Sequence[Recorded[Change]]) -> list[list[Recorded[Change]]]:
    """The first event of each stream, the second of each, and so on."""
    turns: list[list[Recorded[Change]]] = []
    seen: dict[UUID, int] = {}
    for one in recorded:
        turn = seen.get(one.stream, 0)
        seen[one.stream] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(one)
    return turns


class Visits:
    """Read model, filled after the commit: how often each guest reserved."""

    name: str = "visits"
    tables: Sequence[LiteralString] = ("visits",)
    constraints: Mapping[str, type[DomainError]] = {}
    COUNT: Final[LiteralString] = """
        insert into visits (guest, times) values (%s, 1)
        on conflict (tenant, guest) do update set times = visits.times + 1"""

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Counts reservations, not changes of them."""
        for r in recorded:
            if isinstance(r.event, Reserved):
                await tx.execute(self.COUNT, (r.event.guest,))
