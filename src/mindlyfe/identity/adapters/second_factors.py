"""Read model: who has a second factor."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, LiteralString

from mindlyfe.identity.domain.factors import Change, PasskeyAdded, Removed, Reset, TotpConfirmed, TotpOffered
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import REGION, PersonId, Recorded
from mindlyfe.kernel.postgres import Database, Tx

BEGIN: Final[LiteralString] = """
    insert into second_factor (stream, person) values (%s, %s) on conflict (tenant, stream) do nothing"""
CONFIRM: Final[LiteralString] = "update second_factor set app = %s where tenant = %s and stream = %s"
ADD: Final[LiteralString] = """
    insert into second_factor (stream, person, passkeys) values (%s, %s, array[%s::uuid])
    on conflict (tenant, stream) do update set passkeys = second_factor.passkeys || excluded.passkeys"""
REMOVE: Final[LiteralString] = """
    update second_factor set app = nullif(app, %(factor)s), passkeys = array_remove(passkeys, %(factor)s)
    where tenant = %(tenant)s and stream = %(stream)s"""
RESET: Final[LiteralString] = """
    update second_factor set app = null, passkeys = '{}' where tenant = %s and stream = %s"""

AMONG: Final[LiteralString] = """
    select person from second_factor
    where tenant = %s and person = any (%s) and (app is not null or cardinality(passkeys) > 0)"""


class SecondFactors:
    """Ids of factors that count, per person of the region."""

    name = "second_factor"
    tables: Sequence[LiteralString] = ("second_factor",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow what each person gets and gives up; what they use it for is not noted."""
        for r in recorded:
            match r.event:
                case TotpOffered(person=person):
                    await tx.execute(BEGIN, (r.stream, person))
                case TotpConfirmed(factor=factor):
                    await tx.execute(CONFIRM, (factor, r.tenant, r.stream))
                case PasskeyAdded(person=person, factor=factor):
                    await tx.execute(ADD, (r.stream, person, factor))
                case Removed(factor=factor):
                    await tx.execute(REMOVE, {"factor": factor, "tenant": r.tenant, "stream": r.stream})
                case Reset():
                    await tx.execute(RESET, (r.tenant, r.stream))
                case _:
                    continue

    async def among(self, persons: Collection[PersonId]) -> list[PersonId]:
        """Those of them that have one. Who asks has made sure that they are theirs to know."""
        if not persons:
            return []
        async with self._database.app(REGION) as tx:
            rows = await (await tx.execute(AMONG, (REGION, list(persons)))).fetchall()
        return [PersonId(person) for (person,) in rows]
