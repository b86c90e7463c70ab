"""Read model: exports, as their owners list them and as the worker finds what is to be made or deleted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.identity.application.ports import ExportDue
from mindlyfe.identity.domain.export import Change, ContextTold, Expired, ExportRuns, Made, Requested
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx

REQUESTED: Final[LiteralString] = """
    insert into export (id, person, status, requested_at) values (%s, %s, 'waiting', %s)"""
MADE: Final[LiteralString] = """
    update export set status = 'ready', expires_at = %s where tenant = %s and id = %s"""
EXPIRED: Final[LiteralString] = "update export set status = 'expired' where tenant = %s and id = %s"
OF: Final[LiteralString] = "select id from export where person = %s order by requested_at desc, id limit 50"
DUE: Final[LiteralString] = """
    select tenant, id, status from export
    where status = 'waiting' or (status = 'ready' and expires_at <= %s) order by requested_at limit 20"""


class Exports:
    """A row per copy. A person has one at a time in the making."""

    name = "export"
    tables: Sequence[LiteralString] = ("export",)
    constraints: Mapping[str, type[DomainError]] = {"export_one_waiting": ExportRuns}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow each copy."""
        for r in recorded:
            match r.event:
                case Requested(export=export, person=person, at=at):
                    await tx.execute(REQUESTED, (export, person, at))
                case Made(export=export, expires_at=until):
                    await tx.execute(MADE, (until, r.tenant, export))
                case Expired(export=export):
                    await tx.execute(EXPIRED, (r.tenant, export))
                case ContextTold():
                    pass

    async def of(self, tenant: TenantId, person: PersonId) -> list[UUID]:
        """The person's, newest first."""
        async with self._database.app(tenant) as tx:
            return [export for (export,) in await (await tx.execute(OF, (person,))).fetchall()]

    async def due(self, now: datetime) -> list[ExportDue]:
        """What is to be made, and what is to be deleted. Spans tenants; for the worker alone."""
        async with self._database.worker() as tx:
            rows = await (await tx.execute(DUE, (now,))).fetchall()
        return [ExportDue(TenantId(tenant), export, status == "ready") for tenant, export, status in rows]
