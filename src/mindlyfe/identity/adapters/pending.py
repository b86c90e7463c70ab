"""Read model: registrations that nobody confirmed yet, and when what was given is deleted. Ids and moments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString

from mindlyfe.identity.application.ports import PendingDue
from mindlyfe.identity.domain.registration import Cancelled, Change, Confirmed, Repeated, Started
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx

WAIT: Final[LiteralString] = "insert into pending_registration (id, person, until) values (%s, %s, %s)"
END: Final[LiteralString] = "update pending_registration set until = %s where tenant = %s and id = %s"
DONE: Final[LiteralString] = "delete from pending_registration where tenant = %s and id = %s"
DUE: Final[LiteralString] = """
    select tenant, id, person from pending_registration p where until <= %s
    and not exists (select from erasure e where e.tenant = p.tenant and e.person = p.person) order by until limit 100"""


class PendingRegistrations:
    """A row per attempt, by whichever address, so that all cost the same; it goes once confirmed or erased."""

    name = "pending_registration"
    tables: Sequence[LiteralString] = ("pending_registration",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow each attempt."""
        for r in recorded:
            match r.event:
                case Started(person=person, expires_at=until) | Repeated(person=person, expires_at=until):
                    await tx.execute(WAIT, (r.stream, person, until or r.at))
                case Cancelled(at=at):
                    await tx.execute(END, (at, r.tenant, r.stream))
                case Confirmed():
                    await tx.execute(DONE, (r.tenant, r.stream))
                case _:
                    pass

    async def over(self, before: datetime) -> list[PendingDue]:
        """Those that nobody could confirm since `before`. Spans tenants; for the worker alone."""
        async with self._database.worker() as tx:
            rows = await (await tx.execute(DUE, (before,))).fetchall()
        return [PendingDue(TenantId(tenant), registration, PersonId(person)) for tenant, registration, person in rows]
