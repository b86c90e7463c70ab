"""A PostgreSQL of its own, durable as in production."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.postgresql import Postgresql


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def directory() -> Generator[Path]:
    """A short path that the unprivileged account can reach; gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="mlb-", dir="/tmp"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def postgresql(within: Path) -> Generator[Postgresql]:
    """The server, for as long as the block lasts."""
    server = Postgresql(within / "pg", within / "s", free_port())
    server.prepare()
    with (within / "pg.log").open("wb") as log:
        process = subprocess.Popen(
            server.command(), cwd=server.directory, stdout=log, stderr=log, env={"PATH": os.defpath}, **unprivileged()
        )
    try:
        _wait_for(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _wait_for(server: Postgresql) -> None:
    for _ in range(400):
        try:
            psycopg.connect(server.address(), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not start")
