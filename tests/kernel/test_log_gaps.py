"""The log reader misses nothing and keeps the order of each stream, whatever writers do at the same time."""

import asyncio
import random
from typing import Final, LiteralString
from uuid import UUID, uuid4

import psycopg

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import Cursor
from mindlyfe.kernel.postgres import Database, address
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import appointments

WRITERS: Final = 12
EVENTS: Final = 20_000
STREAMS: Final = 40
META: Final = '{"actor":"00000000-0000-0000-0000-000000000000","correlation":""}'
NOTED: Final = b'{"type":"appointment.noted.v1"}'
INBOX: Final[LiteralString] = "insert into inbox (consumer, message) values ('test', gen_random_uuid())"
VERSION: Final[LiteralString] = "select coalesce(max(version), 0) from event where stream = %s"
APPEND: Final[LiteralString] = """
    insert into event (stream, version, type, data, meta)
    select %s, %s + g, 'appointment.noted.v1', %s, %s from generate_series(1, %s) g"""
NAIVE: Final[LiteralString] = "select position from event where position > %s order by position limit 500"


class Writers:
    """Writers that pause inside their transactions, roll back, and clash on shared streams."""

    def __init__(self, settings: DatabaseSettings, seed: int) -> None:
        self._settings, self._random = settings, random.Random(seed)
        self._streams = [uuid4() for _ in range(STREAMS)]
        self.committed = 0

    async def run(self) -> None:
        """Until enough events are committed."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(WRITERS):
                tasks.create_task(self._write())

    async def _write(self) -> None:
        connection = await psycopg.AsyncConnection.connect(address(self._settings, "teller_app"))
        async with connection:
            await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
            await connection.execute("select set_config('app.tenant', %s, false)", (str(UUID(int=7)),))
            await connection.commit()
            while self.committed < EVENTS:
                count = self._random.randint(1, 12)
                try:
                    if await self._transaction(connection, count):
                        await connection.commit()
                        self.committed += count
                    else:
                        await connection.rollback()
                except (psycopg.errors.UniqueViolation, psycopg.errors.SerializationFailure):
                    await connection.rollback()

    async def _transaction(self, connection: psycopg.AsyncConnection, count: int) -> bool:
        # The inbox row gives the transaction its id before it has read the stream.
        await connection.execute(INBOX)
        stream = self._random.choice(self._streams)
        found = await (await connection.execute(VERSION, (stream,))).fetchone()
        assert found
        await connection.execute(APPEND, (stream, found[0], NOTED, META, count))
        if self._random.random() < 0.2:
            await asyncio.sleep(self._random.uniform(0, 0.01))
        return self._random.random() > 0.02


async def test_concurrent_writers_lose_no_event_and_no_order(
    teller: Database, telling_settings: DatabaseSettings
) -> None:
    writers = Writers(telling_settings, seed=1)
    log = Log(teller, MemoryKeys(), [appointments(teller, MemoryKeys())])
    writing = asyncio.create_task(writers.run())
    read: set[Cursor] = set()
    versions: dict[UUID, int] = {}
    at = Cursor()
    while not writing.done() or len(read) < writers.committed:
        batch = await log.read(at)
        for recorded in batch.recorded:
            assert recorded.version == versions.get(recorded.stream, 0) + 1
            versions[recorded.stream] = recorded.version
            assert recorded.cursor not in read
            read.add(recorded.cursor)
        if batch.upto == at:
            await asyncio.sleep(0.002)
        at = batch.upto
    await writing
    assert len(read) == writers.committed >= EVENTS


async def test_a_reader_by_position_would_lose_events(teller: Database, telling_settings: DatabaseSettings) -> None:
    early = await psycopg.AsyncConnection.connect(address(telling_settings, "teller_app"))
    late = await psycopg.AsyncConnection.connect(address(telling_settings, "teller_app"))
    log = Log(teller, MemoryKeys(), [appointments(teller, MemoryKeys())])
    async with early, late, teller.worker() as naive:
        for writer in (early, late):
            await writer.execute("select set_config('app.tenant', %s, false)", (str(uuid4()),))
            await writer.execute(APPEND, (uuid4(), 0, NOTED, META, 1))
        await late.commit()
        position = [row[0] for row in await (await naive.execute(NAIVE, (0,))).fetchall()]
        assert (await log.read(Cursor())).recorded == ()
        await early.commit()
        assert await (await naive.execute(NAIVE, (position[0],))).fetchall() == []
        assert len((await log.read(Cursor())).recorded) == 2
