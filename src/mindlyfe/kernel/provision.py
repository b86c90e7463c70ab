"""Makes roles, databases and schemas in PostgreSQL, as its administrator. The tables are made by `migrate`."""

import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Composed, Identifier, Literal

KEYS_ROLES: Final = ("keys_owner", "keys_app")
LOCK: Final = 7_401_931
"""Advisory lock of the cluster: one provisioning at a time."""
APP: Final[Mapping[str, str]] = {"transaction_timeout": "5s", "idle_in_transaction_session_timeout": "5s"}
WORKER: Final[Mapping[str, str]] = {"transaction_timeout": "30s", "idle_in_transaction_session_timeout": "10s"}


def provision(
    administrator: str,
    contexts: Sequence[str],
    passwords: Path,
    *,
    name: str = "mindlyfe",
    keys_name: str = "mindlyfe_keys",
) -> None:
    """Roles, databases, schemas and their rights. May be repeated, also with more contexts.

    `administrator` is a superuser's connection string; `passwords` a directory that gets a file per role.
    """
    passwords.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(administrator) as server:
        for role in (*KEYS_ROLES, *(f"{c}_{kind}" for c in contexts for kind in ("owner", "app", "worker"))):
            _role(server, role, _password(passwords / role))
        for context in contexts:
            _configure(server, f"{context}_owner", context, {})
            _configure(server, f"{context}_app", context, APP)
            _configure(server, f"{context}_worker", context, WORKER)
        _configure(server, "keys_app", "public", APP)
        _database(server, name)
        _database(server, keys_name)
        with psycopg.connect(make_conninfo(administrator, dbname=name), autocommit=True) as database:
            _extensions(database)
            for context in contexts:
                _schemas(database, name, context)
        with psycopg.connect(make_conninfo(administrator, dbname=keys_name), autocommit=True) as keys:
            _keys(keys, keys_name)


@contextmanager
def _locked(administrator: str) -> Generator[psycopg.Connection]:
    with psycopg.connect(make_conninfo(administrator, dbname="postgres"), autocommit=True) as server:
        server.execute("select pg_advisory_lock(%s)", (LOCK,))
        yield server


def _password(file: Path) -> str:
    """The role's password, made once."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24) + "\n")
    return file.read_text().strip()


def _role(server: psycopg.Connection, role: str, password: str) -> None:
    known = server.execute("select from pg_roles where rolname = %s", (role,)).fetchone()
    # Hashed here: a statement may end in the server's log.
    hashed = server.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = SQL("alter role {} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password {}")
    if known is None:
        server.execute(SQL("create role {}").format(Identifier(role)))
    server.execute(verb.format(Identifier(role), Literal(hashed)))


def _configure(server: psycopg.Connection, role: str, schema: str, settings: Mapping[str, str]) -> None:
    alter = SQL("alter role {} set {} = {}")
    path = SQL("{}, extensions").format(Identifier(schema))
    server.execute(SQL("alter role {} set search_path = {}").format(Identifier(role), path))
    for setting, value in settings.items():
        server.execute(alter.format(Identifier(role), Identifier(setting), Literal(value)))


def _database(server: psycopg.Connection, name: str) -> None:
    if server.execute("select from pg_database where datname = %s", (name,)).fetchone() is None:
        server.execute(SQL("create database {}").format(Identifier(name)))
    server.execute(SQL("revoke all on database {} from public").format(Identifier(name)))


def _extensions(database: psycopg.Connection) -> None:
    database.execute("create schema if not exists extensions")
    database.execute("grant usage on schema extensions to public")
    database.execute("revoke all on schema public from public")
    database.execute("create extension if not exists btree_gist schema extensions")


def _schemas(database: psycopg.Connection, name: str, context: str) -> None:
    owner, app, worker = (Identifier(f"{context}_{kind}") for kind in ("owner", "app", "worker"))
    everybody = SQL(", ").join((owner, app, worker))
    statements: list[Composed] = [
        SQL("grant connect on database {} to {}").format(Identifier(name), everybody),
        SQL("grant temporary on database {} to {}").format(Identifier(name), worker),
    ]
    for schema in (Identifier(context), Identifier(f"{context}_rebuild")):
        statements += [
            SQL("create schema if not exists {} authorization {}").format(schema, owner),
            SQL("grant usage on schema {} to {}, {}").format(schema, app, worker),
        ]
    for statement in statements:
        database.execute(statement)


def _keys(keys: psycopg.Connection, name: str) -> None:
    keys.execute(SQL("grant connect on database {} to keys_owner, keys_app").format(Identifier(name)))
    keys.execute("revoke all on schema public from public")
    keys.execute("grant create, usage on schema public to keys_owner")
    keys.execute("grant usage on schema public to keys_app")
