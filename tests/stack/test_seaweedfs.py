"""The embedded SeaweedFS: S3 on loopback, behind a key, keeping what it acknowledged."""

import os
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from mindlyfe.kernel.config import ObjectSettings
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.secrecy import DataKey
from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.ports import free_port
from mindlyfe.stack.seaweedfs import ACCESS_KEY, ENVIRONMENT, INNER_PORTS, Seaweedfs

KEY = DataKey(bytes(32))


def made(directory: Path) -> Seaweedfs:
    return Seaweedfs(directory / "s3", free_port(), [free_port() for _ in range(INNER_PORTS)])


@contextmanager
def running(server: Seaweedfs) -> Generator[subprocess.Popen[bytes]]:
    server.prepare()
    environment = {"PATH": os.defpath, **ENVIRONMENT}
    with (server.directory / "log").open("wb") as log:
        process = subprocess.Popen(
            server.command(), cwd=server.directory, env=environment, stdout=log, stderr=log, **unprivileged()
        )
    try:
        for _ in range(400):
            if _healthy(server):
                break
            assert process.poll() is None, (server.directory / "log").read_text()[-2000:]
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait(10)


def _healthy(server: Seaweedfs) -> bool:
    try:
        return httpx.get(server.health, timeout=1).status_code == 200
    except httpx.TransportError:
        return False


def objects(server: Seaweedfs) -> Objects:
    return Objects(ObjectSettings(endpoint=server.endpoint, access_key=ACCESS_KEY, secret_key_file=server.secret_key))


async def test_what_it_acknowledged_survives_a_kill_and_other_ports(directory: Path) -> None:
    first, second = made(directory), made(directory)
    with running(first) as process:
        store = objects(first)
        await store.make_bucket()
        await store.put("a/small", b"hello", key=KEY)
        await store.put("a/large", bytes(9_000_000), key=KEY)
        process.kill()
    with running(second) as process:
        store = objects(second)
        await store.make_bucket()
        assert await store.get("a/small", key=KEY) == b"hello"
        assert await store.get("a/large", key=KEY) == bytes(9_000_000)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_it_is_closed_to_strangers(directory: Path) -> None:
    server = made(directory)
    with running(server) as process:
        listening = [c.laddr for c in psutil.Process(process.pid).net_connections("tcp") if c.status == "LISTEN"]
        assert {address.ip for address in listening} == {"127.0.0.1"}
        assert {server.port, *server.inner} <= {address.port for address in listening}
        assert httpx.get(f"{server.endpoint}/mindlyfe/a/small").status_code == 403
        volume, filer = server.inner[2], server.inner[4]
        for port, path in ((filer, "/buckets/mindlyfe/a/small"), (filer, "/"), (volume, "/1,0123456789")):
            assert httpx.get(f"http://127.0.0.1:{port}{path}").status_code == 401


def test_secrets_are_for_its_owner(directory: Path) -> None:
    server = made(directory)
    server.prepare()
    secret = server.secret_key.read_text()
    server.prepare()
    assert server.secret_key.read_text() == secret
    assert server.directory.stat().st_mode & 0o077 == 0
    assert secret not in " ".join(server.command())
    for name in ("secret", "s3.json", "security.toml", "options"):
        assert (server.directory / name).stat().st_mode & 0o077 == 0
