"""Makes what a context needs in PostgreSQL: roles, schemas and databases by the administrator, tables by their owner."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mindlyfe.kernel.config import DatabaseSettings


class NewerDatabase(Exception):
    """The database has migrations that this code does not know."""


def provision(administrator: str, contexts: Sequence[str], passwords: Path) -> None:
    """Roles, databases, schemas and their rights. May be repeated, also with more contexts.

    `administrator` is a superuser's connection string; `passwords` a directory that gets a file per role.
    """
    raise NotImplementedError


def migrate(settings: DatabaseSettings, contexts: Mapping[str, Path]) -> None:
    """The kernel's tables, then each context's own (context → directory of migrations), then the keys'.

    Several may run at once. Raises NewerDatabase.
    """
    raise NotImplementedError
