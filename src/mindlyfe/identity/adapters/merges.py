"""Read model: merges and how far they are. Inline, so nobody is part of two at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract.merges import MergeListed
from mindlyfe.identity.domain.merge import LAPSES, Approved, Change, Completed, Declined, Lapsed, Proposed
from mindlyfe.identity.domain.merge_refusals import MergeWaits
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx

PROPOSE: Final[LiteralString] = """
    insert into merge (stream, id, duplicate, survivor, status, proposed_at) values (%s, %s, %s, %s, 'proposed', %s)"""
TAKE_PART: Final[LiteralString] = "insert into merging (person, stream) select unnest(%s::uuid[]), %s"
MOVE: Final[LiteralString] = "update merge set status = %s where tenant = %s and stream = %s"
OVER: Final[LiteralString] = "delete from merging where tenant = %s and stream = %s"
ALL: Final[LiteralString] = """
    select id, duplicate, survivor, status, proposed_at from merge order by proposed_at desc, id limit 500"""
DUE: Final[LiteralString] = """
    select tenant, stream from merge where status = 'running' or (status = 'proposed' and proposed_at <= %s)
    order by proposed_at limit 50"""
INTO: Final[LiteralString] = """
    with recursive old (person) as (
        select duplicate from merge where survivor = %(person)s and status in ('running', 'completed')
        union select m.duplicate from merge m join old on m.survivor = old.person
        where m.status in ('running', 'completed'))
    select person from old order by person"""


class Merges:
    """A row per merge, for ever: ids and moments. And a row per person while one is not over."""

    name = "merge"
    tables: Sequence[LiteralString] = ("merge", "merging")
    constraints: Mapping[str, type[DomainError]] = {"merging_once": MergeWaits}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow each merge."""
        for r in recorded:
            match r.event:
                case Proposed(merge=id_, duplicate=duplicate, survivor=survivor, at=at):
                    await tx.execute(PROPOSE, (r.stream, id_, duplicate, survivor, at))
                    await tx.execute(TAKE_PART, ([duplicate, survivor], r.stream))
                case Approved():
                    await tx.execute(MOVE, ("running", r.tenant, r.stream))
                case Declined() | Lapsed() | Completed():
                    await tx.execute(MOVE, (ENDS[type(r.event)], r.tenant, r.stream))
                    await tx.execute(OVER, (r.tenant, r.stream))
                case _:
                    pass

    async def all(self, tenant: TenantId) -> list[MergeListed]:
        """The clinic's, newest first."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(MergeListed)) as rows:
            return await (await rows.execute(ALL)).fetchall()

    async def due(self, now: datetime) -> list[tuple[TenantId, UUID]]:
        """Tenant and stream of those that run, or were not decided in time. Spans tenants; for the worker alone."""
        async with self._database.worker() as tx:
            rows = await (await tx.execute(DUE, (now - LAPSES,))).fetchall()
        return [(TenantId(tenant), stream) for tenant, stream in rows]

    async def into(self, tenant: TenantId, person: PersonId) -> tuple[PersonId, ...]:
        """The accounts that became this one, and those that became them."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(INTO, {"person": person})).fetchall()
        return tuple(PersonId(one) for (one,) in rows)


ENDS: Final[Mapping[type[Change], str]] = {Declined: "declined", Lapsed: "lapsed", Completed: "completed"}
