"""ASVS 8.4.1: each table holds a row of one clinic; the app of another neither sees it nor touches it."""

from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection, errors
from psycopg.sql import SQL, Composed, Identifier

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.testing.databases import dropped, prepared
from mindlyfe.stack.postgresql import Postgresql

OURS, THEIRS = uuid4(), uuid4()
VALUES: dict[str, LiteralString] = {
    "uuid": "gen_random_uuid()",
    "text": "'x'",
    "integer": "1",
    "bigint": "1",
    "boolean": "true",
    "bytea": "'x'",
    "jsonb": "'{}'",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "tstzrange": "'empty'",
    "xid8": "'1'",
}
TABLES = """
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
    where n.nspname = %s and c.relkind in ('r', 'p') order by c.relname"""
LIMITS = """
    select conname, conrelid::regclass::text from pg_constraint
    where connamespace = %s::regnamespace and contype in ('c', 'x', 'f')"""
NEEDED = """
    select attname, format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = %s::regclass and attnum > 0 and not attisdropped and attnotnull and not atthasdef
    and attidentity = '' and attname <> 'tenant'"""


@pytest.fixture(scope="module")
def server(postgresql: Postgresql, directory: Path) -> Iterator[Connection]:
    """All contexts, each table with one row of THEIRS; constraints that ask for meaning are gone."""
    contexts = {name: entry.migrations for name, entry in CATALOGUE.items()}
    settings: DatabaseSettings = prepared(postgresql.address(), contexts, directory / "passwords", name="tenants")
    with psycopg.connect(postgresql.address(), dbname=settings.name, autocommit=True) as connection:
        for context in CATALOGUE:
            for name, table in connection.execute(LIMITS, (context,)).fetchall():
                connection.execute(SQL("alter table {} drop constraint {}").format(_table(table), Identifier(name)))
            for (table,) in connection.execute(TABLES, (context,)).fetchall():
                _put(connection, context, table)
        yield connection
    dropped(postgresql.address(), settings)


def _table(name: str) -> Identifier:
    return Identifier(*name.replace('"', "").split("."))


def _put(connection: Connection, context: str, table: str) -> None:
    needed = connection.execute(NEEDED, (f'{context}."{table}"',)).fetchall()
    names = [Identifier("tenant"), *(Identifier(name) for name, _ in needed)]
    values = [SQL("'{}'") if kind.endswith("[]") else SQL(VALUES[kind]) for _, kind in needed]
    row = SQL(", ").join([SQL("%s"), *values])
    into = SQL("insert into {} ({}) values ({})").format(Identifier(context, table), SQL(", ").join(names), row)
    connection.execute(into, (THEIRS,))


def _rows(server: Connection[tuple[object, ...]], context: str, tenant: UUID | None, statement: Composed) -> int:
    """How many rows the app of `tenant` sees or touches by this; what it may not do at all touches none."""
    with server.transaction(force_rollback=True):
        server.execute(SQL("set local role {}").format(Identifier(f"{context}_app")))
        if tenant:
            server.execute("select set_config('app.tenant', %s, true)", (str(tenant),))
        return server.execute(statement).rowcount


@pytest.mark.parametrize("context", sorted(CATALOGUE))
def test_asvs_8_4_1_another_clinics_row_is_neither_seen_nor_touched(server: Connection, context: str) -> None:
    tables = [table for (table,) in server.execute(TABLES, (context,)).fetchall()]
    assert {"event", "inbox"} <= set(tables)
    for table in tables:
        name = Identifier(context, table)
        for statement in (
            SQL("select from {}").format(name),
            SQL("update {} set tenant = tenant").format(name),
            SQL("delete from {}").format(name),
        ):
            for tenant, most in ((THEIRS, 1), (OURS, 0)):
                try:
                    assert _rows(server, context, tenant, statement) == most, f"{table} as {tenant}"
                except errors.InsufficientPrivilege:
                    continue
        put = SQL("insert into {} (tenant) values ({})").format(name, THEIRS)
        with pytest.raises(errors.InsufficientPrivilege):
            _rows(server, context, OURS, put)
        with pytest.raises((errors.InsufficientPrivilege, errors.UndefinedObject, errors.InvalidTextRepresentation)):
            _rows(server, context, None, SQL("select from {}").format(name))
