"""PostgreSQL killed under the relay and the inbox: both come back, and every event still takes effect once."""

import asyncio
import os
import secrets
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.inbox import Inbox
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.relay import Relay
from mindlyfe.kernel.testing.databases import prepared
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import REGION, Bookings, appointments, contexts, filled, published
from mindlyfe.kernel.transport.inprocess import InProcess
from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.ports import free_port
from mindlyfe.stack.postgresql import Postgresql

TENANT = TenantId(UUID(int=3))


class Killable:
    """A PostgreSQL server of this test's own."""

    def __init__(self, directory: Path) -> None:
        self.server = Postgresql(directory / "pg", directory / "s", free_port())
        self.server.prepare()
        self._log = directory / "pg.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.server.command(),
                cwd=self.server.directory,
                stdout=log,
                stderr=log,
                env={"PATH": os.defpath},
                **unprivileged(),
            )
        while True:
            try:
                return psycopg.connect(self.server.address(), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, self._log.read_text()[-2000:]

    def kill(self) -> None:
        """kill -9: the postmaster's children notice and end by themselves."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def killable(directory: Path) -> Generator[Killable]:
    """Started; killed at the end."""
    directory.mkdir()
    directory.chmod(0o755)
    server = Killable(directory)
    server.start()
    try:
        yield server
    finally:
        server.kill()


async def _filled(teller: Database) -> int:
    """Events committed; none when the server is away."""
    try:
        await filled(teller, 20, TENANT)
    except (psycopg.Error, Unavailable):
        return 0
    return 20


async def _applied(listener: Database) -> tuple[int, int]:
    """How many bookings there are, and how often one was applied at most."""
    async with listener.app(TENANT) as tx:
        row = await (await tx.execute("select count(*), coalesce(max(applied), 0) from booking")).fetchone()
    assert row
    return row[0], row[1]


async def test_killed_twice_under_load(directory: Path) -> None:
    within = directory / f"crash-{secrets.token_hex(4)}"
    with killable(within) as server:
        settings = prepared(server.server.address(), contexts(within / "none"), within / "passwords")
        teller, listener, keys, wire = (
            Database(settings, "teller"),
            Database(settings, "listener"),
            MemoryKeys(),
            InProcess(),
        )
        await teller.open()
        await listener.open()
        log = Log(teller, keys, [appointments(teller, keys)])
        relay = Relay(teller, log, published, wire, region=REGION)
        inbox = Inbox(listener, wire, region=REGION, hears={}, follows=[Bookings()])
        loops = [asyncio.create_task(relay.run()), asyncio.create_task(inbox.run())]
        committed = 0
        for round_ in range(60):
            committed += await _filled(teller)
            if round_ in {20, 40}:
                server.kill()
                await asyncio.to_thread(server.start)
        async with asyncio.timeout(60):
            while (await _applied(listener))[0] < committed:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        count, most = await _applied(listener)
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await teller.close()
        await listener.close()
    # A commit whose answer was lost may have happened.
    assert committed <= count <= committed + 2 * 20
    assert most == 1
