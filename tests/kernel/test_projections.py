"""A projection after the commit: every event counts once, and a reader can wait for its own write."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import Act, Cursor, Decided, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.projections import AsyncProjection
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import NOON, Change, Reservation, Visits, release, reserve, wish
from mindlyfe.stack.postgresql import Postgresql

type Reservations = Streams[Reservation, Change]


@pytest.fixture
def rooms_settings(own_settings: DatabaseSettings) -> DatabaseSettings:
    """The log of each test begins empty."""
    return own_settings


@pytest.fixture
def log(rooms: Database, keys: MemoryKeys, reservations: Reservations) -> Log:
    return Log(rooms, keys, [reservations])


@contextlib.asynccontextmanager
async def running(projection: AsyncProjection[Any]) -> AsyncGenerator[None]:
    task = asyncio.create_task(projection.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def times(rooms: Database, tenant: TenantId) -> dict[UUID, int]:
    async with rooms.app(tenant) as tx:
        return dict(await (await tx.execute("select guest, times from visits")).fetchall())


async def test_it_follows_and_can_be_waited_for(
    rooms: Database, reservations: Reservations, log: Log, act: Act
) -> None:
    visits, guest = AsyncProjection(log, Visits()), uuid4()
    await reservations.decide(act, uuid4(), reserve(wish(who=uuid4())))
    async with running(visits):
        for expected in range(1, 4):
            stream = uuid4()
            await reservations.decide(act, stream, reserve(wish(who=guest)))
            decided = await reservations.decide(act, stream, release)
            assert await visits.caught_up(decided.cursor, 10)
            assert (await times(rooms, act.tenant))[guest] == expected


async def test_waiting_ends(log: Log) -> None:
    visits = AsyncProjection(log, Visits())
    assert await visits.caught_up(Cursor())
    assert not await visits.caught_up(Cursor(1, 1, 1), 0.02)


async def test_tenants_are_kept_apart(rooms: Database, reservations: Reservations, log: Log, act: Act) -> None:
    guest, acts = uuid4(), [act.within(TenantId(uuid4())) for _ in range(3)]
    decided = Decided(uuid4(), 0, Cursor())
    for number in range(9):
        decided = await reservations.decide(acts[number % 3], uuid4(), reserve(wish(at=later(number), who=guest)))
    visits = AsyncProjection(log, Visits())
    async with running(visits):
        assert await visits.caught_up(decided.cursor, 10)
    for one in acts:
        assert await times(rooms, one.tenant) == {guest: 3}


def later(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


class Shaky(Visits):
    """Fails now and then, after it has already written."""

    def __init__(self) -> None:
        self.runs = 0

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        await super().apply(tx, recorded)
        self.runs += 1
        if self.runs % 2:
            raise ZeroDivisionError


async def test_a_failure_repeats_the_batch_and_counts_once(
    rooms: Database, reservations: Reservations, log: Log, act: Act
) -> None:
    visits, guest = AsyncProjection(log, Shaky()), uuid4()
    async with running(visits):
        for number in range(3):
            decided = await reservations.decide(act, uuid4(), reserve(wish(at=later(number), who=guest)))
            assert await visits.caught_up(decided.cursor, 10)
    assert await times(rooms, act.tenant) == {guest: 3}


async def test_several_processes_count_once_and_take_over(
    postgresql: Postgresql, rooms: Database, rooms_settings: DatabaseSettings,
    reservations: Reservations, twin: Reservations, keys: MemoryKeys, log: Log, act: Act,
) -> None:  # fmt: skip
    guest = uuid4()
    one, other = AsyncProjection(log, Visits()), AsyncProjection(Log(twin.database, keys, [twin]), Visits())
    decided = Decided(uuid4(), 0, Cursor())
    async with running(one), running(other):
        for number in range(30):
            decided = await reservations.decide(act, uuid4(), reserve(wish(at=later(number), who=guest)))
            if number % 10 == 5:
                with psycopg.connect(postgresql.address(), autocommit=True) as administrator:
                    ended: LiteralString = """
                        select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = %s and usename = 'rooms_worker'"""
                    administrator.execute(ended, (rooms_settings.name,))
        assert await one.caught_up(decided.cursor, 20)
    assert await times(rooms, act.tenant) == {guest: 30}
