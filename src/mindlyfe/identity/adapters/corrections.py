"""Read model: corrections that people asked for. Ids and states; the words stay sealed in the log."""

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.identity.domain.correction import Asked, Change, Decided
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx

ASK: Final[LiteralString] = "insert into correction (id, person, status, asked_at) values (%s, %s, 'waiting', %s)"
DECIDE: Final[LiteralString] = "update correction set status = %s where tenant = %s and id = %s"
LISTED: Final[LiteralString] = """
    select id from correction where (%(person)s::uuid is null or person = %(person)s)
    order by status = 'waiting' desc, asked_at desc, id limit 100"""


class Corrections:
    """A row per wish."""

    name = "correction"
    tables: Sequence[LiteralString] = ("correction",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow each."""
        for r in recorded:
            match r.event:
                case Asked(correction=correction, person=person, at=at):
                    await tx.execute(ASK, (correction, person, at))
                case Decided(correction=correction, status=status):
                    await tx.execute(DECIDE, (status, r.tenant, correction))

    async def of(self, tenant: TenantId, person: PersonId | None) -> list[UUID]:
        """The clinic's, or the person's: those that wait first, then the newest."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(LISTED, {"person": person})).fetchall()
        return [correction for (correction,) in rows]
