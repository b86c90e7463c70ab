"""The embedded PostgreSQL after kill -9, beside strangers' locks, and where its account may not walk."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from mindlyfe.stack.account import reachable, unprivileged
from mindlyfe.stack.postgresql import Postgresql

type Start = Callable[[Postgresql], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    """Starts servers and ends them after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(server: Postgresql) -> "subprocess.Popen[bytes]":
        server.prepare()
        with (place / "log").open("ab") as log:
            process = subprocess.Popen(
                server.command(), cwd=server.data, stdout=log, stderr=log, env={"PATH": os.defpath}, **unprivileged()
            )
        started.append(process)
        for _ in range(400):
            try:
                psycopg.connect(server.address(), connect_timeout=2).close()
                return process
            except psycopg.OperationalError:
                assert process.poll() is None, (place / "log").read_text()[-2000:]
                time.sleep(0.05)
        raise AssertionError((place / "log").read_text()[-2000:])

    yield begin
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(20)


@pytest.fixture
def server(place: Path, unused_port: int) -> Postgresql:
    return Postgresql(place / "pg", place / "s", unused_port)


def count(server: Postgresql) -> int:
    with psycopg.connect(server.address()) as connection:
        [row] = connection.execute("select count(*) from kept").fetchall()
        number: int = row[0]
        return number


def fill(server: Postgresql) -> None:
    with psycopg.connect(server.address()) as connection:
        connection.execute("create table kept as select generate_series(1, 1000)")


def test_nothing_committed_is_lost_by_kill_9(server: Postgresql, start: Start) -> None:
    process = start(server)
    fill(server)
    process.kill()
    process.wait()
    start(server)
    assert count(server) == 1000


def test_a_stranger_with_the_dead_servers_number_does_not_stop_it(server: Postgresql, start: Start) -> None:
    process = start(server)
    fill(server)
    process.kill()
    process.wait()
    while server.in_use():
        time.sleep(0.05)
    lock = server.data / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"], **unprivileged())
    try:
        lines = lock.read_text().splitlines()
        lock.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
        start(server)
    finally:
        stranger.kill()
        stranger.wait()
    assert count(server) == 1000


def test_a_living_server_keeps_its_lock(server: Postgresql, start: Start) -> None:
    process = start(server)
    assert server.in_use()
    server.prepare()
    lock = server.data / "postmaster.pid"
    assert lock.read_text().splitlines()[0] == str(process.pid)


def test_an_interrupted_first_start_is_begun_anew(server: Postgresql, start: Start) -> None:
    half = server.directory / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    start(server)
    fill(server)


def test_asvs_12_3_5_everybody_needs_a_password(server: Postgresql, start: Start) -> None:
    start(server)
    for host in ("127.0.0.1", str(server.sockets)):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=host, port=server.port, user="postgres", dbname="postgres", password="wrong")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends another account")
def test_under_a_directory_closed_to_its_account(start: Start, place: Path, unused_port: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mls-closed-", dir="/tmp") as closed:
        assert not reachable(Path(closed) / "pg")
        server = Postgresql(Path(closed) / "pg", place / "s", unused_port)
        process = start(server)
        fill(server)
        with psycopg.connect(server.address(), autocommit=True) as connection:
            connection.execute("select pg_reload_conf()")
            connection.execute("checkpoint")
        process.kill()
        process.wait()
        again = start(server)
        assert count(server) == 1000
        again.send_signal(signal.SIGINT)
        again.wait(20)
