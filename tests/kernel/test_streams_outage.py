"""A database that goes away: nothing happens twice, nothing acknowledged is lost, and callers wait for its return."""

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psutil
import psycopg
import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Act, ByKey
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.cutter import Cutter
from mindlyfe.kernel.testing.databases import prepared
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import MIGRATIONS, Change, Plan, Reservation, evolve, reserve, wish
from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.postgresql import Postgresql

type Reservations = Streams[Reservation, Change]


def reservations(database: Database, keys: MemoryKeys) -> Reservations:
    return Streams(
        database, keys, name="reservation", events=Change, evolve=evolve, subject=lambda s: s.guest, inline=(Plan(),)
    )


@pytest.fixture
async def cutter(postgresql: Postgresql) -> AsyncGenerator[Cutter]:
    async with Cutter(postgresql.port) as cutter:
        yield cutter


@pytest.fixture
async def through(cutter: Cutter, rooms_settings: DatabaseSettings) -> AsyncGenerator[Database]:
    """The database, reached through the cutter."""
    database = Database(msgspec.structs.replace(rooms_settings, host="127.0.0.1", port=cutter.port), "rooms")
    await database.open()
    yield database
    await database.close()


async def events(database: Database, act: Act) -> list[UUID]:
    async with database.app(act.tenant) as tx:
        return [stream for (stream,) in await (await tx.execute("select stream from event")).fetchall()]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("word", [b"lock table event", b"insert into event", b"COMMIT"])
@pytest.mark.parametrize("once", [None, ByKey("k", b"digest")])
async def test_a_cut_connection_is_not_seen_by_callers(
    rooms: Database, through: Database, cutter: Cutter, keys: MemoryKeys, act: Act,
    when: Any, word: bytes, once: ByKey | None,
) -> None:  # fmt: skip
    streams, act, wished = reservations(through, keys), msgspec.structs.replace(act, once=once), uuid4()
    cutter.cut(when, word)
    decided = await streams.decide(act, wished, reserve(wish()))
    assert cutter.cuts == 1
    assert (decided.version, await events(rooms, act)) == (1, [wished])


async def test_a_whole_batch_is_settled_after_a_cut(
    rooms: Database, through: Database, cutter: Cutter, keys: MemoryKeys, act: Act
) -> None:
    streams, wished = reservations(through, keys), [uuid4() for _ in range(40)]
    cutter.cut("after", b"COMMIT")
    decided = await asyncio.gather(*(streams.decide(act, s, reserve(wish())) for s in wished))
    assert {d.version for d in decided} == {1}
    assert sorted(await events(rooms, act)) == sorted(wished)


async def test_what_cannot_be_known_is_said(
    monkeypatch: pytest.MonkeyPatch, rooms: Database, through: Database, cutter: Cutter, keys: MemoryKeys, act: Act
) -> None:
    monkeypatch.setattr("mindlyfe.kernel.transact.PATIENCE_S", 0.3)
    through.app_pool.timeout = 0.3
    streams, wished = reservations(through, keys), uuid4()
    cutter.stays_away = True
    cutter.cut("after", b"COMMIT")
    with pytest.raises(Unavailable, match="may or may not be saved"):
        await streams.decide(act, wished, reserve(wish()))
    assert await events(rooms, act) == [wished]
    with pytest.raises(Unavailable, match="Nothing was changed"):
        await streams.decide(act, uuid4(), reserve(wish()))


@pytest.fixture
def doomed() -> Generator["Doomed"]:
    """A server that may be killed."""
    directory = Path(tempfile.mkdtemp(prefix="mld-", dir="/tmp"))
    directory.chmod(0o755)
    server = Doomed(directory)
    server.start()
    yield server
    server.kill()
    shutil.rmtree(directory, ignore_errors=True)


class Doomed:
    """A PostgreSQL of its own that is killed and started again."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.postgresql = Postgresql(directory / "pg", directory / "s", probe.getsockname()[1])
        self._log = directory / "log"
        self._process: psutil.Popen | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.postgresql.prepare()
        with self._log.open("ab") as log:
            self._process = psutil.Popen(
                self.postgresql.command(),
                cwd=self.postgresql.directory,
                stdout=log,
                stderr=log,
                env={"PATH": os.defpath},
                **unprivileged(),
            )
        for _ in range(400):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.postgresql.address(), connect_timeout=2).close()
                return
            time.sleep(0.05)
        raise RuntimeError(self._log.read_text()[-2000:])

    def crash(self) -> None:
        """One of its processes dies: it ends all others and recovers."""
        assert self._process
        backends = [child for child in self._process.children() if "rooms_app" in " ".join(child.cmdline())]
        if backends:
            backends[0].kill()

    def kill(self) -> None:
        """All of it at once, as if the power went."""
        assert self._process
        family = [self._process, *self._process.children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, 10)


@pytest.fixture
async def mortal(doomed: Doomed) -> AsyncGenerator[Database]:
    """The database on the server that is killed."""
    passwords = doomed.postgresql.directory.parent / "passwords"
    database = Database(prepared(doomed.postgresql.address(), {"rooms": MIGRATIONS}, passwords), "rooms")
    await database.open()
    yield database
    await database.close()


async def once_back[T](read: Callable[[], Awaitable[T]]) -> T:
    """What was read after the last disaster is over."""
    while True:
        with contextlib.suppress(Unavailable):
            return await read()


async def test_asvs_2_3_3_kills_lose_nothing_and_double_nothing(
    doomed: Doomed, mortal: Database, keys: MemoryKeys, act: Act
) -> None:
    streams, sent, acknowledged = reservations(mortal, keys), list[UUID](), list[UUID]()
    going = True

    async def write() -> None:
        while going:
            sent.append(stream := uuid4())
            with contextlib.suppress(Unavailable):
                await streams.decide(act, stream, reserve(wish()))
                acknowledged.append(stream)
            await asyncio.sleep(0.002)

    writers = [asyncio.create_task(write()) for _ in range(12)]
    for disaster in (doomed.crash, doomed.kill, doomed.crash, doomed.kill, doomed.crash):
        enough = len(acknowledged) + 100
        while len(acknowledged) < enough:  # noqa: ASYNC110 - the writers are the clock
            await asyncio.sleep(0.01)
        disaster()
        if disaster == doomed.kill:
            await asyncio.to_thread(doomed.start)
    going = False
    await asyncio.gather(*writers)
    there = await once_back(lambda: events(mortal, act))
    assert len(there) == len(set(there))
    assert set(acknowledged) <= set(there) <= set(sent)
    # All callers waited long enough for the server's return: what is there was acknowledged, too.
    assert len(sent) - len(acknowledged) < 12
