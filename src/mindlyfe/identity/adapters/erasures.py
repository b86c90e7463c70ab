"""Read models: who wants to be erased, who is held, who is being erased. The second outlives the keys."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString

from mindlyfe.identity.application.ports import ErasureDue
from mindlyfe.identity.contract.erasures import ErasureListed
from mindlyfe.identity.domain import erasure, erasure_request
from mindlyfe.identity.domain.erasure import Completed, KeysDestroyed, Ordered, Prepared
from mindlyfe.identity.domain.erasure_request import Asked, Granted, HoldLifted, HoldSet, Refused, Withdrawn
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx

STATUS: Final[LiteralString] = """
    insert into erasure_request (person, status, at) values (%s, %s, %s)
    on conflict (tenant, person) do update set status = excluded.status, at = excluded.at"""
HELD: Final[LiteralString] = """
    insert into erasure_request (person, held, at) values (%s, %s, %s)
    on conflict (tenant, person) do update set held = excluded.held"""
ORDER: Final[LiteralString] = "insert into erasure (person, status, at, listed) values (%s, 'erasing', %s, %s)"
PREPARE: Final[LiteralString] = """
    update erasure set region = %s, namesakes = %s where tenant = %s and person = %s"""
DESTROY: Final[LiteralString] = "update erasure set keys_destroyed_at = %s where tenant = %s and person = %s"
COMPLETE: Final[LiteralString] = "update erasure set status = 'erased' where tenant = %s and person = %s"
LISTED: Final[LiteralString] = """
    select person, status, held, at from erasure_request where person not in (select person from erasure)
    union all select person, status, false, at from erasure where listed order by at desc, person limit 500"""
DUE: Final[LiteralString] = """
    select tenant, person from erasure where status = 'erasing'
    union select tenant, person from erasure_request where status = 'granted' limit 50"""
GONE: Final[LiteralString] = (
    "select tenant, person || namesakes, region from erasure where keys_destroyed_at is not null"
)

ADMINISTRATORS: Final[LiteralString] = "select count from administrators"


class Cases:
    """A row per person who asked, or is held. It goes when they are erased."""

    name = "erasure_request"
    tables: Sequence[LiteralString] = ("erasure_request",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[erasure_request.Change]]) -> None:
        """Follow each case."""
        for r in recorded:
            person, at = r.event.person, r.event.at
            match r.event:
                case Asked():
                    await tx.execute(STATUS, (person, "waiting", at))
                case Withdrawn():
                    await tx.execute(STATUS, (person, "none", at))
                case Refused():
                    await tx.execute(STATUS, (person, "refused", at))
                case Granted():
                    await tx.execute(STATUS, (person, "granted", at))
                case HoldSet() | HoldLifted():
                    await tx.execute(HELD, (person, isinstance(r.event, HoldSet), at))

    async def administrators(self, tenant: TenantId) -> int:
        """How many the clinic has."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(ADMINISTRATORS)).fetchone()
        return int(row[0]) if row else 0

    async def all(self, tenant: TenantId) -> list[ErasureListed]:
        """The clinic's, newest first."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(LISTED)).fetchall()
        return [ErasureListed(person=person, status=status, held=held, at=at) for person, status, held, at in rows]


class Erasures:
    """A row per person who is being erased, or was: ids and moments, for ever."""

    name = "erasure"
    tables: Sequence[LiteralString] = ("erasure",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[erasure.Change]]) -> None:
        """Follow each erasing."""
        for r in recorded:
            place = (r.tenant, r.event.person)
            match r.event:
                case Ordered(person=person, at=at, listed=listed):
                    await tx.execute(ORDER, (person, at, listed))
                case Prepared(region=region, namesakes=namesakes):
                    await tx.execute(PREPARE, (region, list(namesakes), *place))
                case KeysDestroyed(at=at):
                    await tx.execute(DESTROY, (at, *place))
                case Completed():
                    await tx.execute(COMPLETE, place)
                case _:
                    pass

    async def due(self) -> list[ErasureDue]:
        """Who is to be erased. Spans tenants; for the worker alone."""
        async with self._database.worker() as tx:
            rows = await (await tx.execute(DUE)).fetchall()
        return [ErasureDue(TenantId(tenant), PersonId(person)) for tenant, person in rows]

    async def gone(self) -> list[tuple[TenantId, Sequence[PersonId], bool]]:
        """Whose keys are destroyed, under all their ids, and whether the region's was. Spans tenants."""
        async with self._database.worker() as tx:
            return [(TenantId(t), p, bool(r)) for t, p, r in await (await tx.execute(GONE)).fetchall()]
