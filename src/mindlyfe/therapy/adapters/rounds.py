"""When each clinic's waiting list is next gone through for slots to offer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database

LOOK: Final[LiteralString] = """
    insert into waiting_round (due_at) values (%s)
    on conflict (tenant) do update set due_at = least(waiting_round.due_at, excluded.due_at)"""
DUE: Final[LiteralString] = "select tenant from waiting_round where due_at <= %s order by due_at limit 20"
CLAIM: Final[LiteralString] = "update waiting_round set due_at = %s where due_at <= %s"
AGAIN: Final[LiteralString] = "update waiting_round set due_at = %s where due_at = %s"
NEVER: Final[LiteralString] = "delete from waiting_round where due_at = %s"
MEETING: Final[LiteralString] = "select distinct therapist from schedule order by therapist"


class Rounds:
    """Answers `Looks` and `Rounds` of the application."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, tenant: TenantId, at: datetime) -> None:
        """Go through the clinic's list at this time, or before."""
        async with self._database.app(tenant) as tx:
            await tx.execute(LOOK, (at,))

    async def claim(self, now: datetime, until: datetime) -> Sequence[TenantId]:
        """The clinics whose list is due; nobody else goes through it until then."""
        async with self._database.worker() as tx:
            due = await (await tx.execute(DUE, (now,))).fetchall()
        return [tenant for (tenant,) in due if await self.claimed(tenant, now, until)]

    async def done(self, tenant: TenantId, claimed: datetime, again: datetime | None) -> None:
        """It was gone through; what happened meanwhile has made it due before `claimed`, and that stays."""
        async with self._database.app(tenant) as tx:
            if again is None:
                await tx.execute(NEVER, (claimed,))
            else:
                await tx.execute(AGAIN, (again, claimed))

    async def meeting(self, tenant: TenantId) -> Sequence[PersonId]:
        """Every therapist with hours."""
        async with self._database.app(tenant) as tx:
            return [therapist for (therapist,) in await (await tx.execute(MEETING)).fetchall()]

    async def claimed(self, tenant: TenantId, now: datetime, until: datetime) -> bool:
        """Whether the clinic's list was due, and is the caller's to go through until then."""
        async with self._database.app(tenant) as tx:
            return (await tx.execute(CLAIM, (until, now))).rowcount > 0
