"""Read model: which organisations there are."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from mindlyfe.identity.domain.organisation import Change, Founded
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded
from mindlyfe.kernel.postgres import Database, Tx

FOUND: Final[LiteralString] = "insert into organisation default values"
ANY: Final[LiteralString] = "select exists (select from organisation)"


class Clinics:
    """One row per organisation of the region."""

    name = "organisation"
    tables: Sequence[LiteralString] = ("organisation",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Note each new one."""
        for r in recorded:
            if isinstance(r.event, Founded):
                await tx.execute(FOUND)

    async def any(self) -> bool:
        """Whether this installation has an organisation. Spans tenants; for the start of the platform only."""
        async with self._database.worker() as tx:
            row = await (await tx.execute(ANY)).fetchone()
        return bool(row and row[0])
