"""Read model: runs of workflows, and which of them go on now."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.domain.run import (
    Again,
    Asked,
    Began,
    Change,
    Collected,
    Ended,
    LeftOut,
    Readdressed,
    Waits,
    Withdrawn,
)
from mindlyfe.notifications.domain.workflow import NATURES

BEGAN: Final[LiteralString] = """
    insert into run (id, workflow, edition, recipient, about, round, status, moment, due_at, critical, version,
        correlation)
    values (%(id)s, %(workflow)s, %(edition)s, %(recipient)s, %(about)s, 1, 'running', %(moment)s, %(at)s,
        %(critical)s, %(version)s, %(correlation)s)
    on conflict (id) do update set (edition, round, status, moment, due_at, version, correlation)
        = (excluded.edition, run.round + 1, 'running', excluded.moment, excluded.due_at, excluded.version,
           excluded.correlation)"""
WITHDRAWN: Final[LiteralString] = """
    insert into run (id, workflow, edition, recipient, about, round, status, critical, version, correlation)
    values (%(id)s, %(workflow)s, '', %(recipient)s, %(about)s, 0, 'withdrawn', %(critical)s, %(version)s,
        %(correlation)s)
    on conflict (id) do update set (status, due_at, version) = ('withdrawn', null, excluded.version)"""
WAITS: Final[LiteralString] = "update run set due_at = %(at)s, version = %(version)s where id = %(id)s"
STANDS: Final[LiteralString] = "update run set version = %(version)s where id = %(id)s"
AGAIN: Final[LiteralString] = """
    update run set due_at = %(at)s, status = 'running', round = round + 1, version = %(version)s where id = %(id)s"""
ENDED: Final[LiteralString] = """
    update run set due_at = null, status = 'done', version = %(version)s where id = %(id)s"""
READDRESS: Final[LiteralString] = "update run set recipient = %(recipient)s, version = %(version)s where id = %(id)s"
RUNNING: Final[LiteralString] = "select id from run where recipient = %s and status = 'running' order by id"


class RunList:
    """Inline projection of runs. Which are due is asked by the clock's worker, over all tenants."""

    name = "runs"
    tables: Sequence[LiteralString] = ("run",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each change in its place."""
        for r in recorded:
            statement, more = _statement(r.event)
            await tx.execute(statement, {"id": r.stream, "version": r.version, "correlation": r.correlation, **more})

    async def running_for(self, tenant: TenantId, person: PersonId) -> Sequence[UUID]:
        """What still runs for somebody."""
        async with self._database.app(tenant) as tx:
            return [one for (one,) in await (await tx.execute(RUNNING, (person,))).fetchall()]


def _statement(change: Change) -> tuple[LiteralString, dict[str, Any]]:  # noqa: PLR0911 # one line per event
    match change:
        case Began() | Withdrawn():
            values: dict[str, Any] = {"workflow": change.workflow, "recipient": change.recipient, "about": change.about}
            values["critical"] = NATURES[change.workflow].critical
            if isinstance(change, Withdrawn):
                return WITHDRAWN, values
            return BEGAN, values | {"edition": change.edition, "moment": change.moment, "at": change.at}
        case Waits(until=until):
            return WAITS, {"at": until}
        case Asked() | LeftOut() | Collected():
            return STANDS, {}
        case Ended():
            return ENDED, {}
        case Again(at=at):
            return AGAIN, {"at": at}
        case Readdressed(recipient=recipient):
            return READDRESS, {"recipient": recipient}
