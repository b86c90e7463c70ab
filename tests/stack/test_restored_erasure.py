"""A backup from before an erasure is restored: who was erased since is erased again, before anybody can come in.

Beside a real broker, so what its streams keep is looked at here, too.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import nats
import psycopg
import pytest
from tests.stack.test_platform import run, status

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.mail import Mailbox
from mindlyfe.demo.person import Person, expect
from mindlyfe.identity.bootstrap import new_setup_link
from mindlyfe.kernel.config import Settings, load
from mindlyfe.stack import ports
from mindlyfe.stack.instance import find
from mindlyfe.stack.manifest import read
from mindlyfe.stack.restore import main
from mindlyfe.stack.servers import servers

pytestmark = pytest.mark.stack
PATIENCE_S = 90.0
NAME, WORDS = "Xanthippe Quillfeather", "Matterhorn-words-9182"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="mlr-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def data(folder: Path) -> Iterator[Path]:
    directory = folder / "data"
    run("up", "--detach", "--data-dir", str(directory), "--port", str(ports.free_port()))
    yield directory
    run("down", "--data-dir", str(directory))


def settings_of(data: Path) -> Settings:
    instance = find(data)
    assert instance
    return load(file=instance.settings)


def rows(data: Path, question: Any, *values: Any, keys: bool = False) -> list[Any]:
    instance = find(data)
    assert instance
    database = settings_of(data).database
    server = servers(instance, ports.assigned(instance)).postgresql
    with psycopg.connect(server.address(database.keys_name if keys else database.name)) as connection:
        return connection.execute(question, values).fetchall()


async def streams_of(settings: Settings) -> tuple[list[str], bytes]:
    """The names of all streams, those under buckets of keys and objects too; every message with its headers."""
    s = settings.nats
    client = await nats.connect(s.url, user=s.user, password=s.password_file.read_text().strip())
    try:
        manager, kept, names = client.jetstream(), list[bytes](), list[str]()
        for info in await manager.streams_info():
            names.append(str(info.config.name))
            for number in range(max(info.state.first_seq, 1), info.state.last_seq + 1):
                found = await manager.get_msg(names[-1], number)
                kept += [(found.subject or "").encode(), found.data or b"", str(found.headers).encode()]
        return names, b"\n".join(kept).lower()
    finally:
        await client.close()


def erased(data: Path, person: Person) -> None:
    """Ask, and wait until the keys are destroyed."""
    assert expect(person.call("POST", "/v1/me/erasure-request"), 202).json()["status"] == "granted"
    deadline = time.monotonic() + PATIENCE_S
    gone = "select from identity.erasure where person = %s and keys_destroyed_at is not null"
    while not rows(data, gone, person.id):
        assert time.monotonic() < deadline, "the erasing does not come to its end"
        time.sleep(0.3)


def test_who_was_erased_since_the_backup_does_not_come_back(data: Path, folder: Path) -> None:
    url, settings = status(data)["url"], settings_of(data)
    mailbox, link = Mailbox(f"{url}/dev/mailbox"), asyncio.run(new_setup_link(settings))
    clinic = Clinic.open(url, mailbox, "restored", "Harbour Clinic", link)
    gone, kept = clinic.register(NAME, "xanthippe"), clinic.register("Wilhelmina Control", "wilhelmina")
    expect(gone.call("POST", "/v1/me/corrections", {"what": "name", "words": WORDS}), 201)
    before, after, key = folder / "before", folder / "after", folder / "key"
    run("backup", str(before), "--data-dir", str(data), "--root-key-file", str(key))
    erased(data, gone)
    assert mailbox.expect(gone.email, "an answer")
    run("backup", str(after), "--data-dir", str(data))

    names, told = asyncio.run(streams_of(settings))
    assert {f"{settings.region}-identity".upper()} <= set(names)
    assert gone.id.encode() in told, "it is looked for where it would be found"
    for value in (NAME, "quillfeather", WORDS, gone.email, kept.email, "wilhelmina"):
        assert value.lower().encode() not in told, value

    second = folder / "second"
    said = run("restore", str(before), "--data-dir", str(second), "--root-key-file", str(key))
    assert "Restored" in said
    run("up", "--detach", "--data-dir", str(second), "--port", str(ports.free_port()))
    try:
        ids = [UUID(gone.id)]
        assert rows(second, "select wrapped from person_key where person = any(%s)", ids, keys=True) == [(None,)] * 2
        for table in ("member", "account_address", "session", "correction"):
            assert rows(second, f"select from identity.{table} where person = any(%s)", ids) == [], table
        assert rows(second, "select name from identity.member where name = %s", NAME) == []
        again = Person(status(second)["url"], kept.name, kept.email, kept.password)
        again.sign_in()
        back = {"email": gone.email, "password": gone.password, "delivery": "bearer"}
        expect(again.call("POST", "/v1/sessions", back), 401)
        told_again = Mailbox(f"{status(second)['url']}/dev/mailbox").of(gone.email)
        assert told_again == [], "nobody is told a second time"
    finally:
        run("down", "--data-dir", str(second))


def test_a_list_is_read_from_where_it_is_named_and_a_missing_one_is_no_silent_gap(folder: Path, data: Path) -> None:
    """Without the later backup beside it, it is given by name; one that is not whole stops the restore."""
    del data
    apart, elsewhere = folder / "apart", folder / "elsewhere"
    for name in ("before", "after"):
        shutil.copytree(folder / name, (apart if name == "before" else elsewhere) / name)
    assert read(apart / "before").made_at < read(elsewhere / "after").made_at
    words = [
        "restore",
        str(apart / "before"),
        "--data-dir",
        str(folder / "third"),
        "--root-key-file",
        str(folder / "key"),
    ]
    run(*words, "--erasures", str(folder / "nowhere"), code=1)
    assert not (folder / "third").exists()
    assert "Restored" in run(*words, "--erasures", str(elsewhere / "after"))
    assert main(str(folder / "nowhere"), str(apart / "before")) == 2
