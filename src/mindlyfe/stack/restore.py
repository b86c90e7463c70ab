"""A step: fills the new, running servers of an instance from a backup."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from mindlyfe.kernel.config import Settings, load
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import REGION
from mindlyfe.kernel.migrate import MigrationFailed, NewerDatabase
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.provision import provision
from mindlyfe.stack import manifest, ports
from mindlyfe.stack.backup import KEYS, RECORDS, BackupFailed, run
from mindlyfe.stack.erased import erase_again, listed
from mindlyfe.stack.erased import later as beside
from mindlyfe.stack.instance import Instance, find
from mindlyfe.stack.manifest import BadBackup, Manifest
from mindlyfe.stack.objects import make_bucket
from mindlyfe.stack.schema import bring_up_to_date
from mindlyfe.stack.servers import servers

EPOCHS: Final[LiteralString] = """
    select n.nspname, c.relname, pg_get_expr(d.adbin, d.adrelid)::int
    from pg_attribute a
    join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
    join pg_namespace n on n.oid = c.relnamespace
    where a.attname = 'epoch' and n.nspname = any(%s)"""

ERASURES: Final[LiteralString] = """
    select e.tenant, one.person, e.region from identity.erasure e, unnest(e.person || e.namesakes) as one (person)
    where e.keys_destroyed_at is not null"""
DESTROY: Final[LiteralString] = """
    insert into person_key (tenant, person, wrapped, erased_at) values (%s, %s, null, now())
    on conflict (tenant, person) do update set wrapped = null, erased_at = coalesce(person_key.erased_at, now())"""
DESTROY_CLASSES: Final[LiteralString] = """
    update class_key set wrapped = null, erased_at = coalesce(erased_at, now()) where tenant = %s and person = %s"""


def restore(instance: Instance, directory: Path, later: Sequence[Path] = ()) -> None:
    """Fill the databases and the bucket of `instance` from the backup in `directory`.

    Who was erased since is erased again, as far as this backup, those beside it and those that are named know it.
    Raises BadBackup, BackupFailed, NewerDatabase, MigrationFailed, Unavailable.
    """
    described = manifest.read(directory)
    settings = load(file=instance.settings)
    server = servers(instance, ports.assigned(instance)).postgresql
    database, names = settings.database, {"name": settings.database.name, "keys_name": settings.database.keys_name}
    # The roles must be there before what they own; the databases come from the backup whole, not into ours.
    provision(server.address(), described.contexts, database.passwords, **names)
    with psycopg.connect(server.address(), autocommit=True) as administrator:
        for name in names.values():
            administrator.execute(SQL("drop database {}").format(Identifier(name)))
            administrator.execute(SQL("create database {} template template0").format(Identifier(name)))
    run("pg_restore", server, "-j2", "--exit-on-error", "-d", database.name, str(directory / RECORDS))
    run("pg_restore", server, "--exit-on-error", "-d", database.keys_name, str(directory / KEYS))
    begin_epoch(server.address(database.name), described.contexts)
    bring_up_to_date(instance, described.contexts)
    destroy_again(server.address(database.name), server.address(database.keys_name))
    make_bucket(instance)
    _put_objects(settings, directory, described)
    lists = listed([directory, *beside(directory, described), *later])
    print(f"Erasures repeated: {erase_again(settings, described.contexts, lists)}")


def begin_epoch(address: str, contexts: Sequence[str]) -> None:
    """Transactions are counted anew here: rows written from now on come after all that were restored."""
    with psycopg.connect(address) as database:
        for schema, table, epoch in database.execute(EPOCHS, (list(contexts),)).fetchall():
            alter = SQL("alter table {} alter column epoch set default {}")
            database.execute(alter.format(Identifier(schema, table), Literal(int(epoch) + 1)))


def destroy_again(records: str, keys: str) -> int:
    """Destroy the keys of everybody the records know to be erased: the keys may come from an older backup.

    Identity does the same at each start. Returns how many there are.
    """
    with psycopg.connect(records) as database:
        erased = database.execute(ERASURES).fetchall()
    with psycopg.connect(keys) as database:
        for tenant, person, region in erased:
            database.execute(DESTROY, (tenant, person))
            database.execute(DESTROY_CLASSES, (tenant, person))
            if region:
                database.execute(DESTROY, (REGION, person))
    return len(erased)


def _put_objects(settings: Settings, directory: Path, described: Manifest) -> None:
    store = Objects(settings.objects).store
    for stored in described.objects:
        with (directory / stored.file).open("rb") as file:
            store.put(stored.key, file)


def main(directory: str, backup: str, *later: str) -> int:
    """Run the step for the data directory; the exit code."""
    instance = find(Path(directory))
    if instance is None:
        print(f"{directory} is not a data directory", file=sys.stderr)
        return 2
    try:
        restore(instance, Path(backup), [Path(one) for one in later])
    except (BadBackup, BackupFailed, NewerDatabase, MigrationFailed, Unavailable, subprocess.SubprocessError) as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
