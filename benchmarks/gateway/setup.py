"""A PostgreSQL with a thousand entries of one person, and that person's token."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, LiteralString
from uuid import UUID

import psycopg

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.postgres import address
from mindlyfe.kernel.testing.databases import prepared
from mindlyfe.kernel.testing.rooms import MIGRATIONS
from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.postgresql import Postgresql

CLINIC: Final = UUID("5b6c9a3e-1111-4000-8000-000000000001")
PERSON: Final = UUID("5b6c9a3e-2222-4000-8000-000000000002")
TABLE: Final[LiteralString] = """
    create table entry (
        tenant uuid not null default current_setting('app.tenant')::uuid,
        id uuid primary key default gen_random_uuid(),
        person uuid not null,
        starts_at timestamptz not null,
        minutes int not null,
        status text not null);
    create index on entry (person, starts_at);
    select protect('entry');"""
FILL: Final[LiteralString] = """
    insert into entry (person, starts_at, minutes, status)
    select %s, timestamptz '2026-03-02 09:00Z' + n * interval '1 hour', 50, 'booked' from generate_series(1, 1000) n"""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def database(directory: Path) -> Generator[DatabaseSettings]:
    """The server, for as long as the block lasts."""
    server = Postgresql(directory / "pg", directory / "s", free_port())
    server.prepare()
    with (directory / "pg.log").open("wb") as log:
        process = subprocess.Popen(
            server.command(), cwd=server.directory, stdout=log, stderr=log, env={"PATH": os.defpath}, **unprivileged()
        )
    try:
        _wait_for(server)
        settings = prepared(server.address(), {"rooms": MIGRATIONS}, directory / "passwords")
        with psycopg.connect(address(settings, "rooms_owner"), autocommit=True) as owner:
            owner.execute(TABLE)
        with psycopg.connect(address(settings, "rooms_app")) as app:
            app.execute("select set_config('app.tenant', %s, true)", (str(CLINIC),))
            app.execute(FILL, (PERSON,))
        yield settings
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _wait_for(server: Postgresql) -> None:
    for _ in range(200):
        try:
            psycopg.connect(server.address(), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not start")
