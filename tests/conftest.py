"""Servers shared by the whole test session: real ones, started on the first use."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.ports import free_port
from mindlyfe.stack.postgresql import Postgresql


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    """A short path (unix sockets allow 107 bytes) that the unprivileged account can reach."""
    path = Path(tempfile.mkdtemp(prefix="mlt-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql(directory: Path) -> Iterator[Postgresql]:
    """A PostgreSQL server for this test session."""
    server = Postgresql(directory / "pg", directory / "s", free_port())
    server.prepare()
    with (directory / "pg.log").open("wb") as log:
        process = subprocess.Popen(
            server.command(), cwd=server.directory, stdout=log, stderr=log, env={"PATH": os.defpath}, **unprivileged()
        )
    try:
        _wait_for(server, directory / "pg.log")
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _wait_for(server: Postgresql, log: Path) -> None:
    for _ in range(200):
        try:
            psycopg.connect(server.address(), connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
