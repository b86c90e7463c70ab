"""The calendar read model by itself: what it refuses, and that a crowd never waits for each other in a circle."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import psycopg
import pytest

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import SYSTEM, Cursor, PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import TENANT, Database, connection
from mindlyfe.therapy.adapters.calendar import Calendar, Wanted
from mindlyfe.therapy.contract import AppointmentId, RoomId
from mindlyfe.therapy.domain.appointment import Booked, Cancelled, Change

NINE = datetime(2026, 6, 2, 9, tzinfo=UTC)


@pytest.fixture
def tenant() -> TenantId:
    return TenantId(uuid4())


def recorded(event: Change, stream: UUID, version: int = 1) -> Recorded[Change]:
    return Recorded(
        tenant=TenantId(SYSTEM),
        stream=stream,
        version=version,
        event=event,
        at=NINE,
        cursor=Cursor(),
        actor=SYSTEM,
        correlation="",
    )


def booked(
    patient: int, therapist: int, at: datetime = NINE, minutes: int = 60, room: int | None = None
) -> Recorded[Change]:
    one, other = PersonId(UUID(int=patient)), PersonId(UUID(int=therapist))
    where = None if room is None else RoomId(UUID(int=room))
    return recorded(Booked(patient=one, therapist=other, starts_at=at, minutes=minutes, room=where), uuid4())


async def record(database: Database, tenant: TenantId, *events: Recorded[Change]) -> None:
    async with connection(database.app_pool) as tx, tx.transaction():
        await tx.execute("set transaction isolation level repeatable read")
        await tx.execute(TENANT, (str(tenant),))
        await Calendar(database).apply(tx, events)


def violated(error: psycopg.errors.ExclusionViolation) -> str:
    name = error.diag.constraint_name
    assert name
    assert name in Calendar.constraints
    return name


@pytest.mark.parametrize(
    ("second", "constraint"),
    [
        (booked(2, 9), "calendar_therapist_free"),
        (booked(2, 9, NINE + timedelta(minutes=59)), "calendar_therapist_free"),
        (booked(2, 9, NINE - timedelta(minutes=59)), "calendar_therapist_free"),
        (booked(1, 8), "calendar_patient_free"),
        (booked(2, 8, NINE + timedelta(minutes=59), room=5), "calendar_room_free"),
    ],
)
async def test_overlaps_violate_a_constraint_that_has_a_refusal(
    database: Database, tenant: TenantId, second: Recorded[Change], constraint: str
) -> None:
    await record(database, tenant, booked(1, 9, room=5))
    with pytest.raises(psycopg.errors.ExclusionViolation) as error:
        await record(database, tenant, second)
    assert violated(error.value) == constraint


async def test_touching_times_other_people_and_other_clinics_do_not_collide(
    database: Database, tenant: TenantId
) -> None:
    await record(database, tenant, booked(1, 9), booked(1, 9, NINE + timedelta(hours=1), room=5), booked(2, 8, room=5))
    await record(database, TenantId(uuid4()), booked(1, 9))


async def test_a_cancelled_time_is_free_in_the_same_batch(database: Database, tenant: TenantId) -> None:
    first = booked(1, 9)
    assert isinstance(first.event, Booked)
    people = {"patient": first.event.patient, "therapist": first.event.therapist, "by": first.event.patient}
    cancelled = recorded(Cancelled(**people, reason="secret", late=True), first.stream, 2)
    await record(database, tenant, first, cancelled, booked(1, 9))
    page = await Calendar(database).of_clinic(tenant, Wanted())
    assert sorted((each.status, each.late, each.version) for each in page.items) == [
        ("booked", False, 1),
        ("cancelled", True, 2),
    ]
    view = await Calendar(database).appointment(tenant=tenant, appointment=AppointmentId(first.stream))
    assert (view.status, view.starts_at, view.minutes) == ("cancelled", NINE, 60)
    with pytest.raises(NotFound):
        await Calendar(database).appointment(tenant=TenantId(uuid4()), appointment=AppointmentId(first.stream))


async def test_colliding_batches_are_refused_without_a_deadlock(database: Database, tenant: TenantId) -> None:
    random = Random(7)
    slots = [(p, t, NINE + timedelta(hours=h)) for p in (1, 2, 3) for t in (8, 9) for h in range(3)]

    async def batch() -> str:
        chosen: Sequence[tuple[int, int, datetime]] = random.sample(slots, 4)
        try:
            await record(database, tenant, *[booked(p, t, at) for p, t, at in chosen])
        except psycopg.errors.ExclusionViolation as error:
            return violated(error)
        return "booked"

    outcomes = [each for _ in range(10) for each in await asyncio.gather(*[batch() for _ in range(12)])]
    assert outcomes.count("booked") <= 4
    assert len(outcomes) == 120


async def test_pages_follow_each_other_without_a_gap(database: Database, tenant: TenantId) -> None:
    calendar = Calendar(database)
    events = [booked(n, n + 100, NINE + timedelta(hours=n % 3)) for n in range(20)]
    await record(database, tenant, *events)
    found, cursor = list[UUID](), None
    while True:
        page = await calendar.of_clinic(tenant, Wanted(limit=3, cursor=cursor))
        found += [each.id for each in page.items]
        assert len(page.items) <= 3
        cursor = page.next
        if cursor is None:
            break
    starts = {each.stream: each.event.starts_at for each in events if isinstance(each.event, Booked)}
    assert found == sorted(starts, key=lambda stream: (starts[stream], stream))
