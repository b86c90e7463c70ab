"""Read model: the handovers that are not finished, for the worker that goes on with them."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.identity.domain.handover import Change, Finished, Ordered, Settled
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx

ORDERED: Final[LiteralString] = "insert into handover (stream, ordered_at) values (%s, %s)"
FINISHED: Final[LiteralString] = "delete from handover where tenant = %s and stream = %s"
UNFINISHED: Final[LiteralString] = "select tenant, stream from handover order by ordered_at limit 20"


class UnfinishedHandovers:
    """A row each, until all is done."""

    name = "handover"
    tables: Sequence[LiteralString] = ("handover",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow beginnings and ends."""
        for r in recorded:
            match r.event:
                case Ordered():
                    await tx.execute(ORDERED, (r.stream, r.at))
                case Finished():
                    await tx.execute(FINISHED, (r.tenant, r.stream))
                case Settled():
                    pass

    async def unfinished(self) -> list[tuple[TenantId, UUID]]:
        """Tenant and stream of each, oldest first. Spans tenants; for the worker alone."""
        async with self._database.worker() as tx:
            return [(TenantId(tenant), stream) for tenant, stream in await (await tx.execute(UNFINISHED)).fetchall()]
