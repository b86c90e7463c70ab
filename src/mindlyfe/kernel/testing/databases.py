"""Databases for tests: provisioned and migrated like real ones, fresh ones in a few milliseconds."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, LiteralString

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.migrate import migrate
from mindlyfe.kernel.postgres import address
from mindlyfe.kernel.provision import provision

# A table without a tenant is the worker's alone; the ledgers of migrations nobody but the owner may touch.
UNPROTECTED: Final[LiteralString] = """
    select c.relname from pg_class c
    where c.relnamespace = %(schema)s::regnamespace and c.relkind in ('r', 'p')
      and exists (select from aclexplode(c.relacl) where grantee <> c.relowner)
      and (not c.relrowsecurity or not c.relforcerowsecurity
           or array(select polname::text from pg_policy where polrelid = c.oid order by 1)
              <> case when exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant')
                      then array['app', 'worker'] else array['worker'] end
           or (not exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant')
               and exists (select from aclexplode(c.relacl) where grantee::regrole::text = %(schema)s || '_app')))
    order by 1"""


def prepared(
    administrator: str, contexts: Mapping[str, Path], passwords: Path, *, name: str = "mindlyfe"
) -> DatabaseSettings:
    """A database with `contexts` (name → directory of its migrations) and one for their keys.

    Roles belong to the whole server: all databases of one server share the directory of `passwords`.
    """
    keys_name = f"{name}_keys"
    provision(administrator, list(contexts), passwords, name=name, keys_name=keys_name)
    server = conninfo_to_dict(administrator)
    settings = DatabaseSettings(
        host=str(server["host"]),
        port=int(server["port"] or 5432),
        name=name,
        keys_name=keys_name,
        passwords=passwords,
    )
    migrate(settings, contexts)
    return settings


def fresh(administrator: str, template: DatabaseSettings) -> DatabaseSettings:
    """An empty copy of both databases of `template`, which nobody may be connected to."""
    suffix = secrets.token_hex(4)
    copy = msgspec.structs.replace(
        template, name=f"{template.name}_{suffix}", keys_name=f"{template.keys_name}_{suffix}"
    )
    with psycopg.connect(administrator, autocommit=True) as server:
        for new, old in ((copy.name, template.name), (copy.keys_name, template.keys_name)):
            server.execute(SQL("create database {} template {}").format(Identifier(new), Identifier(old)))
            server.execute(SQL("revoke all on database {} from public").format(Identifier(new)))
            # Rights on a database itself are not copied.
            grant = """
                select format('grant connect on database %%I to %%I', %s::text, rolname)
                from pg_roles, pg_database where datname = %s and has_database_privilege(rolname, datname, 'connect')
                and rolname not like 'pg\\_%%' and not rolsuper"""
            for (statement,) in server.execute(grant, (new, old)).fetchall():
                server.execute(statement)
    return copy


def emptied(administrator: str, settings: DatabaseSettings, context: str) -> None:
    """Remove all rows of a context: quicker than a new database."""
    with psycopg.connect(administrator, dbname=settings.name, autocommit=True) as server:
        found = server.execute(
            "select tablename from pg_tables where schemaname = %s and tablename !~ 'migration|version'", (context,)
        ).fetchall()
        tables = SQL(", ").join(Identifier(context, name) for (name,) in found)
        server.execute(SQL("truncate {} restart identity").format(tables))


def dropped(administrator: str, settings: DatabaseSettings) -> None:
    """Remove what `fresh` made, whoever is still connected."""
    with psycopg.connect(administrator, autocommit=True) as server:
        for name in (settings.name, settings.keys_name):
            server.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))


def unprotected(settings: DatabaseSettings, context: str) -> Sequence[str]:
    """Tables of a context that somebody could read across tenants, or whose owner is not held back."""
    with psycopg.connect(address(settings, f"{context}_owner")) as owner:
        return [str(name) for (name,) in owner.execute(UNPROTECTED, {"schema": context})]
