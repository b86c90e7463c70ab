"""A command through the event store: appended, projected, audited, or refused with nothing changed."""

from datetime import timedelta
from typing import LiteralString
from uuid import uuid4

import pytest

from mindlyfe.kernel.errors import VersionConflict
from mindlyfe.kernel.messages import Act, Cursor, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.rooms import (
    NOON,
    AlreadyReserved,
    Change,
    NotReserved,
    Reservation,
    RoomTaken,
    evolve,
    move,
    release,
    reserve,
    wish,
)


async def count(database: Database, tenant: TenantId, query: LiteralString) -> int:
    async with database.app(tenant) as tx:
        row = await (await tx.execute(query)).fetchone()
        assert row
        return int(row[0])


async def test_a_command_appends_projects_and_audits(
    rooms: Database, reservations: Streams[Reservation, Change], act: Act
) -> None:
    stream, first = uuid4(), wish()
    decided = await reservations.decide(act, stream, reserve(first))
    assert (decided.stream, decided.version, decided.replayed) == (stream, 1, False)
    assert decided.cursor > Cursor()
    state, version = await reservations.load(act.tenant, stream)
    assert (state, version) == (evolve(None, first), 1)
    async with rooms.app(act.tenant) as tx:
        events = await (await tx.execute("select version, type, subject, meta, position from event")).fetchall()
        plan = await (await tx.execute("select reservation, guest from reservation")).fetchall()
        audit = await (await tx.execute("select actor, action, subject, object, client, detail from audit")).fetchall()
    meta = {"actor": str(act.actor), "correlation": act.correlation}
    assert events == [(1, "reservation.reserved.v1", first.guest, meta, decided.cursor.position)]
    assert plan == [(stream, first.guest)]
    detail = {"version": 1, "events": ["reservation.reserved.v1"]}
    expected = (act.actor, "reservation.reserved.v1", first.guest, f"reservation/{stream}", act.client, detail)
    assert audit == [expected]


async def test_nothing_is_there_before_anything_happened(reservations: Streams[Reservation, Change], act: Act) -> None:
    assert await reservations.load(act.tenant, uuid4()) == (None, 0)


async def test_a_stream_grows(reservations: Streams[Reservation, Change], act: Act) -> None:
    stream, first = uuid4(), wish()
    await reservations.decide(act, stream, reserve(first))
    moved = await reservations.decide(act, stream, move(timedelta(hours=2)), expected=1)
    gone = await reservations.decide(act, stream, release)
    assert (moved.version, gone.version) == (2, 3)
    assert moved.cursor < gone.cursor
    state, version = await reservations.load(act.tenant, stream)
    assert version == 3
    assert state
    assert (state.starts_at, state.released) == (NOON + timedelta(hours=2), True)


async def test_a_refusal_changes_nothing(rooms: Database, reservations: Streams[Reservation, Change], act: Act) -> None:
    stream = uuid4()
    with pytest.raises(NotReserved):
        await reservations.decide(act, stream, release)
    await reservations.decide(act, stream, reserve(wish()))
    with pytest.raises(AlreadyReserved):
        await reservations.decide(act, stream, reserve(wish()))
    for table in ("event", "audit", "reservation"):
        assert await count(rooms, act.tenant, f"select count(*) from {table}") == 1


async def test_another_version_than_expected_is_refused(reservations: Streams[Reservation, Change], act: Act) -> None:
    stream = uuid4()
    await reservations.decide(act, stream, reserve(wish()), expected=0)
    with pytest.raises(VersionConflict, match="Expected version 0, found 1"):
        await reservations.decide(act, stream, release, expected=0)
    assert (await reservations.load(act.tenant, stream))[1] == 1


async def test_a_violated_constraint_is_a_refusal(
    rooms: Database, reservations: Streams[Reservation, Change], act: Act
) -> None:
    first = wish()
    await reservations.decide(act, uuid4(), reserve(first))
    with pytest.raises(RoomTaken):
        await reservations.decide(act, uuid4(), reserve(wish(first.room)))
    assert await count(rooms, act.tenant, "select count(*) from event") == 1


async def test_deciding_nothing_appends_nothing(
    rooms: Database, reservations: Streams[Reservation, Change], act: Act
) -> None:
    stream = uuid4()
    first = await reservations.decide(act, stream, reserve(wish()))
    again = await reservations.decide(act, stream, lambda _: [])
    assert again == first
    assert await count(rooms, act.tenant, "select count(*) from audit") == 1


async def test_a_bug_in_a_decision_reaches_its_caller_alone(
    reservations: Streams[Reservation, Change], act: Act
) -> None:
    def broken(_: Reservation | None) -> list[Change]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await reservations.decide(act, uuid4(), broken)
    await reservations.decide(act, uuid4(), reserve(wish()))


async def test_a_tenant_sees_its_own_streams_alone(reservations: Streams[Reservation, Change], act: Act) -> None:
    stream = uuid4()
    await reservations.decide(act, stream, reserve(wish()))
    other = act.within(TenantId(uuid4()))
    assert await reservations.load(other.tenant, stream) == (None, 0)


async def test_no_command_inside_a_transaction(
    rooms: Database, reservations: Streams[Reservation, Change], act: Act
) -> None:
    async with rooms.app(act.tenant):
        with pytest.raises(RuntimeError, match="a transaction of rooms is open"):
            await reservations.decide(act, uuid4(), reserve(wish()))
