"""Two tiny contexts for tests and measurements of messaging: one tells what it books, the other listens."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

import msgspec

from mindlyfe.kernel.messages import Event, Heard, PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.streams import Streams

REGION: Final = "eu"
FILL: Final[LiteralString] = """
    insert into event (tenant, stream, version, type, data, meta)
    select %(tenant)s, gen_random_uuid(), 1, 'appointment.booked.v1',
           convert_to(format('{"type":"appointment.booked.v1","patient":"%%s","therapist":"%%s"}',
                             gen_random_uuid(), gen_random_uuid()), 'utf8'),
           '{"actor":"00000000-0000-0000-0000-000000000000",
             "correlation":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}'
    from generate_series(1, %(count)s)"""
BOOKED: Final[LiteralString] = """
    insert into booking (appointment, patient, therapist)
    select * from unnest(%b::uuid[], %b::uuid[], %b::uuid[])
    on conflict (appointment) do update set applied = booking.applied + 1"""
MOVED: Final[LiteralString] = """
    update booking set moves = moves + 1, applied = applied + 1 where appointment = any(%b::uuid[])"""


class Booked(Event, frozen=True, tag="appointment.booked.v1"):
    """Private: somebody has an appointment."""

    patient: UUID
    therapist: UUID


class Moved(Event, frozen=True, tag="appointment.moved.v1"):
    """Private: it is at another time."""


class Noted(Event, frozen=True, tag="appointment.noted.v1"):
    """Private, and of no concern to others."""


class BookedV1(Event, frozen=True, tag="teller.booked.v1"):
    """Public: somebody has an appointment."""

    appointment: UUID
    patient: UUID
    therapist: UUID


class MovedV1(Event, frozen=True, tag="teller.moved.v1"):
    """Public: it is at another time."""

    appointment: UUID


type Change = Booked | Moved | Noted


class Appointment(msgspec.Struct, frozen=True):
    """An appointment as it stands."""

    patient: PersonId


def evolve(state: Appointment | None, event: Change) -> Appointment:
    """The state after `event`."""
    if isinstance(event, Booked):
        return Appointment(PersonId(event.patient))
    assert state is not None
    return state


def published(recorded: Recorded[Any]) -> Event | None:
    """As a context's wiring maps it."""
    match recorded.event:
        case Booked(patient=patient, therapist=therapist):
            return BookedV1(appointment=recorded.stream, patient=patient, therapist=therapist)
        case Moved():
            return MovedV1(appointment=recorded.stream)
        case _:
            return None


class Bookings:
    """A read model as a context would have it. `applied` counts events."""

    name = "bookings"
    events: Sequence[type[Event]] = (BookedV1, MovedV1)

    def __init__(self) -> None:
        self.applied = 0

    async def apply(self, tx: Tx, heard: Sequence[Heard[Any]], /) -> None:
        """Two statements for the batch."""
        booked = [h.event for h in heard if isinstance(h.event, BookedV1)]
        moved = [h.event.appointment for h in heard if isinstance(h.event, MovedV1)]
        if booked:
            rows = [[e.appointment for e in booked], [e.patient for e in booked], [e.therapist for e in booked]]
            await tx.execute(BOOKED, rows)
        if moved:
            await tx.execute(MOVED, (moved,))
        self.applied += len(heard)


def contexts(none: Path) -> Mapping[str, Path]:
    """The two contexts and their migrations; `none` is an empty directory."""
    none.mkdir(parents=True, exist_ok=True)
    return {"teller": none, "listener": Path(__file__).parent / "listener"}


def appointments(database: Database, keys: Keys) -> Streams[Appointment, Change]:
    """The teller's streams, each sealed for its patient."""
    return Streams(
        database, keys, name="appointment", events=Change, evolve=evolve, subject=lambda state: state.patient
    )


async def filled(teller: Database, count: int, tenant: TenantId | None = None) -> TenantId:
    """`count` bookings, unsealed, in one transaction."""
    tenant = tenant or TenantId(uuid4())
    async with teller.app(tenant) as tx:
        await tx.execute(FILL, {"tenant": tenant, "count": count})
    return tenant
