"""The query both sides run: the entries of one person, under row-level security, by the kernel's pool."""

from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.audit import AuditRow
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database

ENTRIES: Final[LiteralString] = """
    select id, starts_at::text, minutes, status from entry where person = %s order by starts_at limit %s"""


class Source:
    """The entries of a person. Also an audit that nobody asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rows(self, tenant: TenantId, person: PersonId, limit: int) -> list[tuple[UUID, str, int, str]]:
        """At most `limit` rows, soonest first."""
        async with self._database.app(tenant) as tx:
            cursor = await tx.execute(ENTRIES, (person, limit))
            return await cursor.fetchall()

    async def read(self, rows: Sequence[AuditRow]) -> None:
        """Nothing here is audited."""
