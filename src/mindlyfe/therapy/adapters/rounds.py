"""When each clinic's waiting list is next gone through for slots to offer."""

from datetime import datetime
from typing import Final, LiteralString

from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import Database

LOOK: Final[LiteralString] = """
    insert into waiting_round (due_at) values (%s)
    on conflict (tenant) do update set due_at = least(waiting_round.due_at, excluded.due_at)"""


class Rounds:
    """Answers `Looks` of the application."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, tenant: TenantId, at: datetime) -> None:
        """Go through the clinic's list at this time, or before."""
        async with self._database.app(tenant) as tx:
            await tx.execute(LOOK, (at,))
