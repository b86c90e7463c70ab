"""A service process as the supervisor starts it: ready when it can work, honest while it cannot, gone when asked."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.root_key import make_root_key
from mindlyfe.kernel.testing.databases import prepared
from mindlyfe.stack.postgresql import Postgresql
from mindlyfe.stack.testing.broker import Broker

LITTLE = 200 * 2**20
"""For three contexts with some three hundred routes: 110 MiB of code and 0.15 MiB for each route, and some to spare."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def database(postgresql: Postgresql, directory: Path) -> DatabaseSettings:
    folders = {name: context.migrations for name, context in CATALOGUE.items()}
    return prepared(postgresql.address(), folders, directory / "passwords", name="host")


@pytest.fixture(scope="module")
def broker(directory: Path) -> Iterator[Broker]:
    with Broker(directory / "host-nats") as broker:
        yield broker


@pytest.fixture(scope="module")
def environment(database: DatabaseSettings, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a process must be told."""
    root = tmp_path_factory.mktemp("root") / "root.key"
    make_root_key(root)
    return {
        "PATH": os.defpath,
        "MINDLYFE_MODE": "development",
        "MINDLYFE_ROOT_KEY": str(root),
        "MINDLYFE_DATABASE__PORT": str(database.port),
        "MINDLYFE_DATABASE__NAME": database.name,
        "MINDLYFE_DATABASE__KEYS_NAME": database.keys_name,
        "MINDLYFE_DATABASE__PASSWORDS": str(database.passwords),
        "MINDLYFE_NATS__URL": broker.settings.url,
        "MINDLYFE_NATS__USER": broker.settings.user,
        "MINDLYFE_NATS__PASSWORD_FILE": str(broker.settings.password_file),
    }


@contextmanager
def serving(
    environment: dict[str, str], port: int, log: Path, *more: str, contexts: str = ",".join(CATALOGUE)
) -> Generator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "mindlyfe", "serve", "--contexts", contexts, "--port", str(port), *more]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def ask(port: int, path: str, until: int | None = None, seconds: float = 30) -> httpx.Response:
    """The answer; with `until`, the first one with that status."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5)
            if until in {None, answer.status_code} or time.monotonic() > deadline:
                return answer
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def test_it_serves_all_contexts_in_little_memory_and_ends_when_told(
    environment: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    with serving(environment, port, tmp_path / "log") as process:
        ready = ask(port, "/readyz", 200).json()
        assert ready["dependencies"]["database.therapy"] == "ok", ready
        assert "relay.identity" in ready["parts"]
        assert ask(port, "/livez").json() == {"status": "alive"}
        assert 'mindlyfe_database_pool_size{context="therapy",role="app"}' in ask(port, "/metrics").text
        assert 'mindlyfe_relay_lag_seconds{context="therapy"}' in ask(port, "/metrics").text
        for name in CATALOGUE:
            assert ask(port, f"/{name}/openapi.json").json()["openapi"] == "3.1.0"
        assert ask(port, "/.well-known/jwks.json", 200).status_code == 200
        assert ask(port, "/v1/appointments").status_code == 401
        assert psutil.Process(process.pid).memory_info().rss < LITTLE
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    log = (tmp_path / "log").read_text()
    assert "part failed" not in log, log[-3000:]
    assert '"stopped"' in log


def test_one_context_loads_no_other(environment: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    with serving(environment, port, tmp_path / "log", "--no-relay", contexts="therapy"):
        parts = ask(port, "/readyz", 200).json()["parts"]
        assert "inbox.therapy" in parts
        assert not any("identity" in part or part.startswith("relay") for part in parts)
        assert ask(port, "/identity/openapi.json").status_code == 404
        # Nobody answers for the signing keys: without them, nobody is believed.
        answer = httpx.get(f"http://127.0.0.1:{port}/v1/appointments", headers={"authorization": "Bearer a.b.c"})
        assert answer.status_code in {401, 503}


def test_without_the_broker_it_serves_and_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    away = environment | {"MINDLYFE_NATS__URL": f"nats://127.0.0.1:{free_port()}"}
    with serving(away, port, tmp_path / "log") as process:
        ready = ask(port, "/readyz", 200).json()
        assert (ready["status"], ready["dependencies"]["transport"]) == ("degraded", "away")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_without_the_database_it_waits_unready(environment: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    away = environment | {"MINDLYFE_DATABASE__PORT": str(free_port())}
    with serving(away, port, tmp_path / "log") as process:
        answer = ask(port, "/readyz", 503)
        assert answer.json()["status"] == "unready"
        assert ask(port, "/livez").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_root_key_that_opens_nothing_stops_the_start(environment: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    with serving(environment, port, tmp_path / "log") as process:
        ask(port, "/readyz", 200)
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    other = tmp_path / "other.key"
    make_root_key(other)
    with serving(environment | {"MINDLYFE_ROOT_KEY": str(other)}, port, tmp_path / "log2") as process:
        assert process.wait(30) != 0
    assert "root key" in (tmp_path / "log2").read_text().lower()


def test_a_relay_alone_ends_when_told(environment: dict[str, str], tmp_path: Path) -> None:
    command: list[Any] = [sys.executable, "-m", "mindlyfe", "relay", "--contexts", "identity,therapy"]
    with (tmp_path / "log").open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    for _ in range(200):
        if "relaying" in (tmp_path / "log").read_text():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0, (tmp_path / "log").read_text()
