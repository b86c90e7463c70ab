"""Commands saved together: each gets its own answer, and nobody suffers for another."""

import asyncio
import contextlib
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from mindlyfe.kernel.errors import DomainError, VersionConflict
from mindlyfe.kernel.messages import Act, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.rooms import (
    NOON,
    AlreadyReserved,
    Change,
    Moved,
    NotReserved,
    Reservation,
    RoomTaken,
    move,
    release,
    reserve,
    wish,
)

type Reservations = Streams[Reservation, Change]


async def outcome(work: Any) -> str:
    """`done`, or what it was refused with."""
    try:
        await work
    except DomainError as refusal:
        return refusal.code
    return "done"


async def test_commands_that_wait_share_a_transaction(rooms: Database, reservations: Reservations, act: Act) -> None:
    await asyncio.gather(*(reservations.decide(act, uuid4(), reserve(wish())) for _ in range(50)))
    async with rooms.app(act.tenant) as tx:
        [(transactions,)] = await (await tx.execute("select count(distinct tx::text) from event")).fetchall()
    assert transactions < 25


async def test_tenants_do_not_share_one(rooms: Database, reservations: Reservations, act: Act) -> None:
    acts = [act.within(TenantId(uuid4())) for _ in range(5)]
    await asyncio.gather(*(reservations.decide(a, uuid4(), reserve(wish())) for a in acts for _ in range(10)))
    async with rooms.worker() as tx:
        rows = await (await tx.execute("select tx::text, count(distinct tenant) from event group by tx")).fetchall()
    assert {tenants for _, tenants in rows} == {1}


async def test_twenty_race_for_one_room(
    rooms: Database, reservations: Reservations, twin: Reservations, act: Act
) -> None:
    room = uuid4()
    racers = [streams.decide(act, uuid4(), reserve(wish(room))) for streams in [reservations, twin] * 10]
    others = [reservations.decide(act, uuid4(), reserve(wish())) for _ in range(20)]
    results = await asyncio.gather(*map(outcome, [*racers, *others]))
    assert Counter(results[:20]) == {"done": 1, RoomTaken.code: 19}
    assert set(results[20:]) == {"done"}
    async with rooms.app(act.tenant) as tx:
        planned = await (await tx.execute("select count(*) from reservation where room = %s", (room,))).fetchall()
        audited = await (await tx.execute("select count(*) from audit")).fetchall()
    assert (planned, audited) == ([(1,)], [(21,)])


async def test_the_second_command_of_a_stream_builds_on_the_first(reservations: Reservations, act: Act) -> None:
    stream = uuid4()
    works = [reservations.decide(act, stream, reserve(wish()))]
    works += [reservations.decide(act, stream, move(timedelta(hours=1))) for _ in range(30)]
    decided = await asyncio.gather(*works)
    assert [d.version for d in decided] == list(range(1, 32))
    assert [d.cursor for d in decided] == sorted({d.cursor for d in decided})
    state, _ = await reservations.load(act.tenant, stream)
    assert state
    assert (state.moves, state.starts_at) == (30, NOON + timedelta(hours=30))


async def test_many_processes_on_one_stream_lose_nothing(
    reservations: Reservations, twin: Reservations, act: Act
) -> None:
    stream = uuid4()
    await reservations.decide(act, stream, reserve(wish()))

    async def mover(streams: Reservations) -> None:
        for _ in range(20):
            while await outcome(streams.decide(act, stream, move(timedelta(hours=1)))) != "done":
                pass

    await asyncio.gather(mover(reservations), mover(twin), mover(reservations), mover(twin))
    state, version = await reservations.load(act.tenant, stream)
    assert state
    assert (state.moves, version) == (80, 81)


async def test_of_all_who_name_a_version_one_is_first(reservations: Reservations, twin: Reservations, act: Act) -> None:
    stream = uuid4()
    await reservations.decide(act, stream, reserve(wish()))
    works = [s.decide(act, stream, move(timedelta(hours=1)), expected=1) for s in [reservations, twin] * 6]
    assert Counter(await asyncio.gather(*map(outcome, works))) == {"done": 1, VersionConflict.code: 11}


async def test_refusals_touch_their_own_command_only(reservations: Reservations, act: Act) -> None:
    def broken(_: Reservation | None) -> list[Change]:
        raise ZeroDivisionError

    streams = [uuid4() for _ in range(30)]

    def command(number: int, stream: UUID) -> Any:
        match number % 3:
            case 0:
                return reservations.decide(act, stream, reserve(wish()))
            case 1:
                return reservations.decide(act, stream, release)
            case _:
                return reservations.decide(act, stream, broken)

    works = (command(number, stream) for number, stream in enumerate(streams))
    results = await asyncio.gather(*works, return_exceptions=True)
    kinds = [type(result).__name__ for result in results]
    assert kinds == ["Decided", "NotReserved", "ZeroDivisionError"] * 10


async def test_a_caller_who_leaves_breaks_nobody(reservations: Reservations, act: Act) -> None:
    streams = [uuid4() for _ in range(60)]
    tasks = [asyncio.create_task(reservations.decide(act, s, reserve(wish()))) for s in streams]
    for number, task in enumerate(tasks):
        if number % 2:
            task.cancel()
        elif number % 10 == 0:
            await asyncio.sleep(0.001)
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(getattr(result, "version", 0) == 1 for result in done[::2])
    for stream in streams[::2]:
        assert (await reservations.load(act.tenant, stream))[1] == 1
    # Whoever left may have been saved or not; the stream is whole and usable either way.
    for stream in streams[1::2]:
        with contextlib.suppress(AlreadyReserved):
            await reservations.decide(act, stream, reserve(wish()))


async def test_a_batch_has_room_for_more_events_than_positions(reservations: Reservations, act: Act) -> None:
    def many(first: Change) -> Any:
        return lambda _: [first] + [Moved(starts_at=NOON)] * 299

    decided = await asyncio.gather(*(reservations.decide(act, uuid4(), many(wish())) for _ in range(8)))
    assert {d.version for d in decided} == {300}
    first = wish()
    with pytest.raises(OverflowError):
        await reservations.decide(act, uuid4(), lambda _: [first] * 1001)


async def test_an_impure_decision_does_not_run_for_ever(reservations: Reservations, act: Act) -> None:
    with pytest.raises(RuntimeError, match="not pure"):
        await reservations.decide(act, uuid4(), lambda _: [wish()])


async def test_nothing_to_do_twice(reservations: Reservations, act: Act) -> None:
    stream = uuid4()
    await reservations.decide(act, stream, reserve(wish()))
    results = await asyncio.gather(*(outcome(reservations.decide(act, stream, release)) for _ in range(5)))
    assert Counter(results) == {"done": 1, NotReserved.code: 4}
