"""A step of the start: the root key, then roles, databases, schemas and tables as this version expects them."""

import sys
from collections.abc import Sequence
from pathlib import Path

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.kernel.config import load
from mindlyfe.kernel.migrate import MigrationFailed, NewerDatabase, migrate
from mindlyfe.kernel.provision import provision
from mindlyfe.kernel.root_key import make_root_key
from mindlyfe.stack import ports
from mindlyfe.stack.instance import Instance, find
from mindlyfe.stack.servers import servers


def bring_up_to_date(instance: Instance, contexts: Sequence[str]) -> None:
    """Make what is missing, against the running PostgreSQL. Raises NewerDatabase, MigrationFailed."""
    if not instance.root_key.exists():
        make_root_key(instance.root_key)
    settings = load(file=instance.settings).database
    administrator = servers(instance, ports.assigned(instance)).postgresql.address()
    provision(administrator, contexts, settings.passwords, name=settings.name, keys_name=settings.keys_name)
    migrate(settings, {context: CATALOGUE[context].migrations for context in contexts})


def main(directory: str, *contexts: str) -> int:
    """Run the step for the data directory; the exit code."""
    instance = find(Path(directory))
    if instance is None:
        print(f"{directory} is not a data directory", file=sys.stderr)
        return 2
    try:
        bring_up_to_date(instance, contexts)
    except (NewerDatabase, MigrationFailed) as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
