"""The whole platform by its command line: up, killed, side by side, backed up, restored, refused, down."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from mindlyfe.stack import ports
from mindlyfe.stack.instance import find
from mindlyfe.stack.orphans import orphans
from mindlyfe.stack.servers import servers

pytestmark = pytest.mark.stack


def run(*words: str, code: int = 0, stdin: str = "") -> str:
    """What `mindlyfe …` printed, when it ended with `code`."""
    done = subprocess.run(
        [sys.executable, "-m", "mindlyfe", *words],
        capture_output=True,
        text=True,
        check=False,
        input=stdin,
        timeout=120,
    )
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def status(data: Path) -> dict[str, Any]:
    """What `status --json` says, whatever it is."""
    words = [sys.executable, "-m", "mindlyfe", "status", "--json", "--data-dir", str(data)]
    told: dict[str, Any] = json.loads(subprocess.run(words, capture_output=True, text=True, check=False).stdout)
    return told


def part(data: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in status(data)["parts"] if one["name"] == name)
    return found


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="mlp-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def data(folder: Path) -> Iterator[Path]:
    """A running platform; what `up` printed lies beside it."""
    directory = folder / "data"
    port = ports.free_port()
    (folder / "printed").write_text(run("up", "--detach", "--data-dir", str(directory), "--port", str(port)))
    yield directory
    run("down", "--data-dir", str(directory))


def test_it_says_where_to_go(data: Path) -> None:
    printed = (data.parent / "printed").read_text()
    url = status(data)["url"]
    for word in (url, "DEVELOPMENT MODE", "/dev/mailbox", str(data / "secrets" / "root.key"), "#code="):
        assert word in printed
    assert httpx.get(f"{url}/dev/mailbox/messages").status_code == 200


def test_there_are_no_dead_letters(data: Path) -> None:
    assert "There are no dead letters" in run("dead-letters", "list", "--data-dir", str(data))
    assert "no dead letter 7" in run("dead-letters", "redrive", "7", "--data-dir", str(data), code=1)


def test_everything_is_well(data: Path) -> None:
    told = status(data)
    assert told["phase"] == "ready"
    assert {one["name"] for one in told["parts"] if one["pid"]} == {
        *("postgresql", "nats", "valkey", "seaweedfs", "platform", "mailbox", "phone", "envoy")
    }
    assert all(one["state"] in ("running", "done") for one in told["parts"])
    assert told["warnings"] == [] or "disk" in told["warnings"][0]
    assert "ready" in run("status", "--data-dir", str(data))


def test_secrets_are_for_the_owner_alone(data: Path) -> None:
    assert (data / "secrets").stat().st_mode & 0o077 == 0
    assert (data / "secrets" / "root.key").stat().st_mode & 0o077 == 0
    assert (data / "run" / "settings.toml").stat().st_mode & 0o077 == 0


def test_a_second_up_only_says_that_it_runs(data: Path) -> None:
    assert "already runs" in run("up", "--detach", "--data-dir", str(data))


def test_a_taken_port_is_refused_with_another(data: Path) -> None:
    port = status(data)["url"].rsplit(":", 1)[1]
    said = run("up", "--detach", "--data-dir", str(data.with_name("other")), "--port", port, code=2)
    assert "in use" in said
    assert "--port" in said


@pytest.mark.parametrize("name", ["platform", "envoy", "nats", "postgresql", "valkey"])
def test_a_killed_part_comes_back(data: Path, name: str) -> None:
    before = part(data, name)
    os.kill(before["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (now := part(data, name))["state"] != "running" or now["pid"] == before["pid"]:
        assert time.monotonic() < deadline, now
    assert now["restarts"] == before["restarts"] + 1
    url = status(data)["url"]
    while httpx.get(f"{url}/.well-known/jwks.json", timeout=20).status_code != 200:
        assert time.monotonic() < deadline


def test_migrate_while_it_runs(data: Path) -> None:
    assert "up to date" in run("migrate", "--data-dir", str(data))


def test_logs_of_one_part(data: Path) -> None:
    assert "database system is ready" in run("logs", "postgresql", "-n", "100", "--data-dir", str(data))
    assert "nats" in run("logs", "nothing", "--data-dir", str(data), code=2)


def test_audit_is_sound(data: Path) -> None:
    heads = data.parent / "heads.json"
    assert "sound" in run("audit", "verify", "--data-dir", str(data), "--heads", str(heads))
    assert "sound" in run("audit", "verify", "--data-dir", str(data), "--heads", str(heads))


def test_backup_and_restore_side_by_side(data: Path, folder: Path) -> None:
    backup, key, second = folder / "backup", folder / "key", folder / "second"
    (data / "DEMO").touch()
    said = run("backup", str(backup), "--data-dir", str(data), "--root-key-file", str(key))
    assert "Keep it apart" in said
    text = key.read_text().strip()
    assert not [path for path in backup.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
    assert "not empty" in run("backup", str(backup), "--data-dir", str(data), code=2)

    wrong = "A" if text[0] != "A" else "B"
    refused = run("restore", str(backup), "--data-dir", str(second), code=2, stdin=wrong + text[1:])
    assert "Nothing was restored" in refused
    assert not second.exists()

    assert "Restored" in run("restore", str(backup), "--data-dir", str(second), stdin=text)
    port = ports.free_port()
    run("up", "--detach", "--data-dir", str(second), "--port", str(port))
    try:
        assert status(second)["phase"] == status(data)["phase"] == "ready"
        assert (second / "DEMO").exists(), "a copy of demo people can go live no more than they"
        assert epochs(second) == {epoch + 1 for epoch in epochs(data)}
        assert "not empty" in run("restore", str(backup), "--data-dir", str(second), code=2)
    finally:
        run("down", "--data-dir", str(second))
        (data / "DEMO").unlink()
    (backup / "keys.dump").write_bytes(b"damaged")
    assert "damaged" in run("restore", str(backup), "--data-dir", str(folder / "third"), code=2, stdin=text)


def address(data: Path) -> str:
    instance = find(data)
    assert instance
    return servers(instance, ports.assigned(instance)).postgresql.address("mindlyfe")


def epochs(data: Path) -> set[int]:
    found: set[int] = set()
    with psycopg.connect(address(data)) as database:
        for context in ("identity", "therapy", "notifications"):
            database.execute("select set_config('search_path', %s, false)", (context,))
            found |= {epoch for (epoch,) in database.execute("select current_epoch()")}
    return found


def test_after_kill_9_of_the_supervisor(data: Path) -> None:
    told = status(data)
    os.kill(told["supervisor"]["pid"], signal.SIGKILL)
    said = run("status", "--data-dir", str(data), code=3)
    assert "was killed" in said
    assert len(status(data)["orphans"]) == 8
    port = told["url"].rsplit(":", 1)[1]
    run("up", "--detach", "--data-dir", str(data), "--port", port)
    old = {one["pid"] for one in told["parts"] if one["pid"]}
    assert old.isdisjoint(one["pid"] for one in status(data)["parts"])
    assert status(data)["phase"] == "ready"


def test_a_newer_database_is_refused_and_left_alone(data: Path) -> None:
    port = status(data)["url"].rsplit(":", 1)[1]
    with psycopg.connect(address(data)) as database:
        database.execute("insert into therapy.migration (version) values ('9999')")
    run("down", "--data-dir", str(data))
    said = run("up", "--detach", "--data-dir", str(data), "--port", port, code=1)
    assert "9999" in said
    assert "newer version" in said.replace("\n", " ")
    assert "9999" in run("migrate", "--data-dir", str(data), code=1)
    instance = find(data)
    assert instance
    assert orphans(instance) == []
    assert "does not run" in run("down", "--data-dir", str(data))
