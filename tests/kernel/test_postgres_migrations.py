"""Provisioning and migrating: repeatable, concurrent, refusing what is newer, protecting every table."""

import concurrent.futures
from pathlib import Path

import psycopg
import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.postgres import MigrationFailed, NewerDatabase, address, migrate
from mindlyfe.kernel.testing.databases import dropped, prepared, unprotected
from mindlyfe.kernel.testing.rooms import MIGRATIONS
from mindlyfe.stack.postgresql import Postgresql


def owner(settings: DatabaseSettings) -> psycopg.Connection:
    return psycopg.connect(address(settings, "rooms_owner"), autocommit=True)


def test_every_table_is_protected(own_settings: DatabaseSettings) -> None:
    assert unprotected(own_settings, "rooms") == []
    with owner(own_settings) as connection:
        for statement in (
            "alter table visits no force row level security",
            "drop policy worker on snapshot",
            "create table open (tenant uuid); grant select on open to rooms_app",
            "grant select on cursor to rooms_app",
        ):
            connection.execute(statement)
    assert unprotected(own_settings, "rooms") == ["cursor", "open", "snapshot", "visits"]


def test_migrating_again_changes_nothing(rooms_settings: DatabaseSettings) -> None:
    migrate(rooms_settings, {"rooms": MIGRATIONS})


def test_several_may_migrate_at_once(postgresql: Postgresql, directory: Path) -> None:
    def once(_: int) -> DatabaseSettings:
        contexts = {"rooms": MIGRATIONS, "halls": MIGRATIONS}
        return prepared(postgresql.address(), contexts, directory / "passwords", name="at_once")

    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        settings, *_ = threads.map(once, range(4))
    with owner(settings) as connection:
        assert connection.execute("select count(*) from rooms.migration").fetchone() == (1,)
    dropped(postgresql.address(), settings)


def test_a_newer_database_is_refused(own_settings: DatabaseSettings) -> None:
    with owner(own_settings) as connection:
        connection.execute("insert into migration (version) values ('0999')")
    with pytest.raises(NewerDatabase, match="0999"):
        migrate(own_settings, {"rooms": MIGRATIONS})


def test_a_broken_migration_says_what_the_database_said(own_settings: DatabaseSettings, tmp_path: Path) -> None:
    for file in MIGRATIONS.glob("*.sql"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "0002_broken.sql").write_text("-- migrate:up\ncreate tabel x ();\n-- migrate:down\n")
    with pytest.raises(MigrationFailed, match='syntax error at or near "tabel"'):
        migrate(own_settings, {"rooms": tmp_path})


def test_migrating_over_a_unix_socket(postgresql: Postgresql, own_settings: DatabaseSettings, tmp_path: Path) -> None:
    for file in MIGRATIONS.glob("*.sql"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "0002_more.sql").write_text("-- migrate:up\ncreate table more ();\n-- migrate:down\n")
    settings = DatabaseSettings(
        host=str(postgresql.sockets),
        port=postgresql.port,
        name=own_settings.name,
        keys_name=own_settings.keys_name,
        passwords=own_settings.passwords,
    )
    migrate(settings, {"rooms": tmp_path})
    with owner(settings) as connection:
        assert connection.execute("select to_regclass('rooms.more')").fetchone() == ("more",)
