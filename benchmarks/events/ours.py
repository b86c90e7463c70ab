"""Appends through the event store: bare, and as production does them. Rebuilds of a read model."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID, uuid4

from mindlyfe.kernel.aggregate import Aggregate
from mindlyfe.kernel.batch import Command
from mindlyfe.kernel.codec import Codec
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.flush import Flushes
from mindlyfe.kernel.ids import uuid7
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import Act, ByKey, Decided, PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.rebuild import rebuilds
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import Change, Plan, Reservation, Reserved, evolve, guest, move, reserve

LENGTH: Final = 4
"""Events of a stream: a reservation and its moves, each loaded, decided and appended by itself."""
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)

type Decision = Callable[[Reservation | None], Sequence[Change]]
type Append = Callable[[UUID, Decision], Awaitable[Decided]]


def bare(database: Database, keys: MemoryKeys) -> Append:
    """Load, decide, append, and nothing else."""
    codec: Codec[Change] = Codec(database.context, Change, {})
    aggregate: Aggregate[Reservation, Change] = Aggregate("reservation", codec, evolve, None, (), None, audited=False)
    flushes = Flushes(database, keys, aggregate)
    act = Act(tenant=TenantId(uuid4()), actor=PersonId(uuid4()), correlation=_correlation())

    def append(stream: UUID, decision: Decision) -> Awaitable[Decided]:
        return flushes.run(Command(act, stream, decision, None, asyncio.get_running_loop().create_future()))

    return append


def production(database: Database, keys: MemoryKeys) -> Append:
    """Sealed for the guest, once per key, audited, and with a read model under two exclusion constraints."""
    streams = Streams(database, keys, name="reservation", events=Change, evolve=evolve, subject=guest, inline=(Plan(),))
    tenant, actor, correlation = TenantId(uuid4()), PersonId(uuid4()), _correlation()
    digest, numbers = hashlib.sha256(b"request").digest(), count()

    def append(stream: UUID, decision: Decision) -> Awaitable[Decided]:
        once = ByKey(f"{correlation}-{next(numbers)}", digest)
        act = Act(tenant=tenant, actor=actor, correlation=correlation, once=once, client="192.0.2.1")
        return streams.decide(act, stream, decision)

    return append


async def appends_per_s(settings: DatabaseSettings, path: Callable[[Database, MemoryKeys], Append],
                        callers: int, seconds: float) -> float:  # fmt: skip
    """Durable appends a second, by so many callers who each wait for their answer."""
    database, keys = Database(settings, "rooms"), MemoryKeys()
    await database.open()
    try:
        append = path(database, keys)
        guests = [PersonId(uuid4()) for _ in range(64)]
        await keys.of_many(TenantId(UUID(int=0)), guests)
        until, done = time.perf_counter() + 0.5, [0]
        await asyncio.gather(*(_caller(append, n, until, [0]) for n in range(callers)))
        start = time.perf_counter()
        await asyncio.gather(*(_caller(append, n, start + seconds, done) for n in range(callers)))
        return done[0] / (time.perf_counter() - start)
    finally:
        await database.close()


async def _caller(append: Append, number: int, until: float, done: list[int]) -> None:
    """One reservation after the other, each moved until it is LENGTH events long; nobody is in another's way."""
    room, person, day = uuid4(), PersonId(uuid4()), 0
    while time.perf_counter() < until:
        stream, day = uuid7(), day + 1
        first = Reserved(guest=person, room=room, starts_at=BEGIN + timedelta(days=day, hours=number % 8), minutes=50)
        await append(stream, reserve(first))
        done[0] += 1
        for _ in range(LENGTH - 1):
            if time.perf_counter() >= until:
                break
            await append(stream, move(timedelta(hours=1)))
            done[0] += 1


async def rebuilt_per_s(settings: DatabaseSettings, events: int) -> float:
    """Events a second from the log into a new read model, writers idle."""
    database, keys = Database(settings, "rooms"), MemoryKeys()
    await database.open()
    try:
        streams = Streams(
            database, keys, name="reservation", events=Change, evolve=evolve, subject=guest, inline=(Plan(),)
        )
        await _fill(streams, events)
        [rebuild] = rebuilds(Log(database, keys, [streams]), [streams])
        start = time.perf_counter()
        await rebuild.run()
        return events / (time.perf_counter() - start)
    finally:
        await database.close()


async def _fill(streams: Streams[Reservation, Change], events: int) -> None:
    act = Act(tenant=TenantId(uuid4()), actor=PersonId(uuid4()), correlation=_correlation())
    guests = [PersonId(uuid4()) for _ in range(100)]

    async def caller(number: int) -> None:
        for n in range(number, events // LENGTH, 128):
            stream = uuid7()
            at = BEGIN + timedelta(days=n)
            await streams.decide(
                act, stream, reserve(Reserved(guest=guests[n % 100], room=uuid4(), starts_at=at, minutes=50))
            )
            for _ in range(LENGTH - 1):
                await streams.decide(act, stream, move(timedelta(hours=1)))

    await asyncio.gather(*(caller(number) for number in range(128)))


def _correlation() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
