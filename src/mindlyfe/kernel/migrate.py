"""Brings the tables of each context to what this code expects, as their owners, by dbmate."""

import os
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import psycopg
from psycopg.sql import SQL, Identifier

from mindlyfe.kernel.config import DatabaseSettings

DBMATE: Final = Path(sysconfig.get_path("scripts")) / "dbmate"
KERNEL: Final = Path(__file__).parent / "migrations"
LOCK_WAIT: Final = "2m"
"""How long one migration waits for another that runs at the same time."""


class NewerDatabase(Exception):
    """The database has migrations that this code does not know: it belongs to a newer version."""


class MigrationFailed(Exception):
    """A migration could not be applied; the words are the database's."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One directory of migrations, and the table that says which of them one schema has."""

    directory: Path
    database: str
    owner: str
    schema: str
    table: str

    def expected(self) -> set[str]:
        """Versions of the migrations in the directory: the digits their names begin with."""
        return {file.name.split("_", 1)[0] for file in self.directory.glob("*.sql")}


def migrate(settings: DatabaseSettings, contexts: Mapping[str, Path]) -> None:
    """The keys' tables, then per context the kernel's and its own (context → directory of migrations).

    Several may run at once. Raises NewerDatabase before anything is changed, and MigrationFailed.
    """
    ledgers = [Ledger(KERNEL / "keys", settings.keys_name, "keys_owner", "public", "migration")]
    for context, own in contexts.items():
        for directory, table in ((KERNEL, "kernel_migration"), (own, "migration")):
            ledgers.append(Ledger(directory, settings.name, f"{context}_owner", context, table))
    for ledger in [ledger for ledger in ledgers if _pending(settings, ledger)]:
        _dbmate(_url(settings, ledger), ledger)


def _pending(settings: DatabaseSettings, ledger: Ledger) -> set[str]:
    applied = _applied(settings, ledger)
    unknown = sorted(applied - ledger.expected())
    if unknown:
        raise NewerDatabase(
            f"schema {ledger.schema} of database {ledger.database} has migrations this version does not know: "
            f"{', '.join(unknown)}. A newer version of MindLyfe used it: run that one, or restore an older backup."
        )
    return ledger.expected() - applied


def _applied(settings: DatabaseSettings, ledger: Ledger) -> set[str]:
    with psycopg.connect(
        host=settings.host,
        port=settings.port,
        dbname=ledger.database,
        user=ledger.owner,
        password=_password(settings, ledger),
    ) as connection:
        there = connection.execute("select to_regclass(%s)", (f"{ledger.schema}.{ledger.table}",)).fetchone()
        if there == (None,):
            return set()
        versions = SQL("select version from {}").format(Identifier(ledger.schema, ledger.table))
        return {str(version) for (version,) in connection.execute(versions)}


def _password(settings: DatabaseSettings, ledger: Ledger) -> str:
    return (settings.passwords / ledger.owner).read_text().strip()


def _url(settings: DatabaseSettings, ledger: Ledger) -> str:
    user = f"{ledger.owner}:{quote(_password(settings, ledger), safe='')}"
    near = settings.host.startswith(("/", "127.")) or settings.host in ("localhost", "::1")
    options = {"sslmode": "disable" if near else "prefer", "search_path": f"{ledger.schema},extensions"}
    if settings.host.startswith("/"):
        options |= {"host": settings.host, "port": str(settings.port)}
        return f"postgres://{user}@/{ledger.database}?{urlencode(options)}"
    return f"postgres://{user}@{settings.host}:{settings.port}/{ledger.database}?{urlencode(options)}"


def _dbmate(url: str, ledger: Ledger) -> None:
    where = ["--migrations-dir", str(ledger.directory), "--migrations-table", f"{ledger.schema}.{ledger.table}"]
    lock = ["--migration-lock", "--migration-lock-timeout", LOCK_WAIT]
    done = subprocess.run(
        [str(DBMATE), *where, *lock, "--no-dump-schema", "migrate"],
        # By environment: a command line is shown to everybody on the machine.
        env={"PATH": os.defpath, "DATABASE_URL": url},
        cwd=ledger.directory,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise MigrationFailed(f"{ledger.directory}: {(done.stderr or done.stdout).strip()}")
