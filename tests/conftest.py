"""Servers shared by the whole test session: real ones, started on the first use."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.ports import free_port
from mindlyfe.stack.postgresql import Postgresql
from mindlyfe.stack.seaweedfs import ENVIRONMENT, INNER_PORTS, Seaweedfs
from mindlyfe.stack.valkey import Valkey


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


@pytest.fixture(scope="session")
def seaweedfs(directory: Path) -> Iterator[Seaweedfs]:
    """An S3 server for this test session."""
    server = Seaweedfs(directory / "seaweedfs", free_port(), [free_port() for _ in range(INNER_PORTS)])
    server.prepare()
    with _running(server.command(), server.directory, server.port, ENVIRONMENT):
        yield server


@pytest.fixture(scope="session")
def valkey(directory: Path) -> Iterator[Valkey]:
    """A cache for this test session."""
    server = Valkey(directory / "valkey", free_port())
    server.prepare()
    with _running(server.command(), server.directory, server.port, {}):
        yield server


@contextmanager
def _running(
    command: Sequence[str], directory: Path, port: int, environment: Mapping[str, str]
) -> Generator[subprocess.Popen[bytes]]:
    """A server that listens on `port`, for the time of the block."""
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=directory, stdout=log, stderr=log, env={"PATH": os.defpath, **environment}, **unprivileged()
        )
    try:
        for _ in range(400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"{command[0]} did not start: {(directory / 'log').read_text()[-2000:]}")
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(server: Postgresql, log: Path) -> None:
    for _ in range(200):
        try:
            psycopg.connect(server.address(), connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
