"""Rebuilding a read model while writers go on: equal to the old one, nothing lost, swapped in whole."""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import Act, PersonId
from mindlyfe.kernel.postgres import Database, address
from mindlyfe.kernel.projections import AsyncProjection
from mindlyfe.kernel.rebuild import Difference, Progress, Rebuild, RebuildRunning, rebuilds
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import NOON, Change, Reservation, RoomTaken, Visits, move, release, reserve, wish

type Reservations = Streams[Reservation, Change]
SHAPE = """
    select 'index', indexname, regexp_replace(indexdef, '\\w+_rebuild\\.|rooms\\.', '') from pg_indexes
        where schemaname = 'rooms' and tablename = any(%(tables)s)
    union all select 'policy', polname, concat(polrelid::regclass, pg_get_expr(polqual, polrelid), polroles::regrole[])
        from pg_policy where polrelid::regclass::text = any(%(tables)s)
    union all select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint
        where conrelid::regclass::text = any(%(tables)s)
    union all select 'right', concat(relname, grantee::regrole), privilege_type from pg_class, aclexplode(relacl)
        where relnamespace = 'rooms'::regnamespace and relname = any(%(tables)s)
    order by 1, 2, 3"""


@pytest.fixture
def rooms_settings(own_settings: DatabaseSettings) -> DatabaseSettings:
    """The log of each test begins empty."""
    return own_settings


@pytest.fixture
def log(rooms: Database, keys: MemoryKeys, reservations: Reservations) -> Log:
    return Log(rooms, keys, [reservations])


@pytest.fixture
def plan(log: Log, reservations: Reservations) -> Rebuild:
    [rebuild] = rebuilds(log, [reservations])
    return rebuild


async def some(reservations: Reservations, act: Act, many: int) -> list[UUID]:
    streams = [uuid4() for _ in range(many)]
    await asyncio.gather(*(reservations.decide(act, s, reserve(wish())) for s in streams))
    await asyncio.gather(*(reservations.decide(act, s, move(timedelta(hours=1))) for s in streams[::2]))
    await asyncio.gather(*(reservations.decide(act, s, release) for s in streams[::3]))
    return streams


def shape(settings: DatabaseSettings) -> list[tuple[object, ...]]:
    with psycopg.connect(address(settings, "rooms_owner")) as owner:
        return owner.execute(SHAPE, {"tables": ["reservation", "visits"]}).fetchall()


async def test_the_new_table_equals_the_old_one_and_is_as_protected(
    rooms: Database, rooms_settings: DatabaseSettings, reservations: Reservations, plan: Rebuild, act: Act
) -> None:
    await some(reservations, act, 60)
    before = shape(rooms_settings)
    async with rooms.app(act.tenant) as tx:
        old = await (await tx.execute("select * from reservation order by reservation")).fetchall()
    seen: list[Progress] = []
    await plan.run(seen.append)
    async with rooms.app(act.tenant) as tx:
        new = await (await tx.execute("select * from reservation order by reservation")).fetchall()
    assert new == old
    assert len(new) == 40
    assert shape(rooms_settings) == before
    assert (seen[-1].projection, seen[-1].done, seen[-1].total) == ("plan", 110, 110)
    taken = wish()
    await reservations.decide(act, uuid4(), reserve(taken))
    with pytest.raises(RoomTaken):
        await reservations.decide(act, uuid4(), reserve(wish(taken.room)))


async def test_what_was_wrong_is_found_and_mended(
    rooms: Database, reservations: Reservations, plan: Rebuild, act: Act
) -> None:
    first, *_ = [s for n, s in enumerate(await some(reservations, act, 20)) if n % 3]
    assert await plan.compare() == []
    async with rooms.app(act.tenant) as tx:
        await tx.execute("delete from reservation where reservation = %s", (first,))
        await tx.execute("insert into reservation values (default, %s, %s, %s, 'empty')", (uuid4(), uuid4(), uuid4()))
    assert await plan.compare() == [Difference("reservation", missing=1, surplus=1)]
    await plan.run()
    assert await plan.compare() == []


@contextlib.asynccontextmanager
async def busy(streams: list[Reservations], act: Act) -> AsyncGenerator[list[int]]:
    """Writers that reserve, move and release without pause; what comes is how often they did."""
    done = [0]
    going = True

    async def write(one: Reservations, chance: random.Random) -> None:
        mine: list[UUID] = []
        while going:
            with contextlib.suppress(DomainError):
                match chance.randrange(4) if mine else 0:
                    case 0 | 1:
                        mine.append(uuid4())
                        await one.decide(act, mine[-1], reserve(wish()))
                    case 2:
                        await one.decide(act, chance.choice(mine), move(timedelta(hours=chance.randrange(9))))
                    case _:
                        await one.decide(act, mine.pop(chance.randrange(len(mine))), release)
                done[0] += 1
            await asyncio.sleep(0.005)

    tasks = [asyncio.create_task(write(streams[n % len(streams)], random.Random(n))) for n in range(8)]
    try:
        yield done
    finally:
        going = False
        await asyncio.gather(*tasks)


async def more(done: list[int], many: int) -> None:
    """Wait until the writers did so many more."""
    until = done[0] + many
    while done[0] < until:  # noqa: ASYNC110 - the writers are the clock
        await asyncio.sleep(0.01)


async def test_writers_go_on_and_lose_nothing(
    reservations: Reservations, twin: Reservations, plan: Rebuild, act: Act
) -> None:
    async with busy([reservations, twin], act) as done:
        for _ in range(6):
            await more(done, 60)
            await plan.run()
            assert await plan.compare() == []
    assert await plan.compare() == []


async def test_an_asynchronous_one_is_rebuilt_with_its_cursor(
    rooms: Database, reservations: Reservations, twin: Reservations, log: Log, act: Act
) -> None:
    visits = AsyncProjection(log, Visits())
    rebuild = rebuilds(log, [reservations], [visits])[1]
    task = asyncio.create_task(visits.run())
    async with busy([reservations, twin], act) as done:
        for _ in range(4):
            await more(done, 40)
            await rebuild.run()
            assert await rebuild.compare() == []
    decided = await reservations.decide(act, uuid4(), reserve(wish(at=NOON, who=PersonId(uuid4()))))
    assert await visits.caught_up(decided.cursor, 10)
    task.cancel()
    async with rooms.app(act.tenant) as tx:
        [(counted,)] = await (await tx.execute("select sum(times) from visits")).fetchall()
        [(reserved,)] = await (await tx.execute("select count(*) from event where version = 1")).fetchall()
    assert counted == reserved
    assert await rebuild.compare() == []


async def test_erased_events_are_left_out(
    rooms: Database, reservations: Reservations, plan: Rebuild, keys: MemoryKeys, act: Act
) -> None:
    gone, here = wish(), wish()
    await reservations.decide(act, uuid4(), reserve(gone))
    await reservations.decide(act, uuid4(), reserve(here))
    await keys.erase(act.tenant, gone.guest)
    await plan.run()
    async with rooms.app(act.tenant) as tx:
        assert await (await tx.execute("select guest from reservation")).fetchall() == [(here.guest,)]


async def test_one_rebuild_at_a_time(plan: Rebuild, log: Log, reservations: Reservations, act: Act) -> None:
    await some(reservations, act, 5)
    results = await asyncio.gather(
        plan.run(), *(r.run() for _ in range(3) for r in rebuilds(log, [reservations])), return_exceptions=True
    )
    assert sorted(str(type(r).__name__) for r in results) == ["NoneType"] + [RebuildRunning.__name__] * 3
    await plan.run()
