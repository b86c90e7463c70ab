"""Who did something: names and roles of members, asked for by id."""

from collections.abc import Collection, Mapping
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.identity.contract.audit import Actor
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database

ACTORS: Final[LiteralString] = """
    select person, name, roles from member where tenant = %s and person = any (%s)"""


class MemberActors:
    """Reads the read model of members."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def actors(self, tenant: TenantId, ids: Collection[PersonId]) -> Mapping[UUID, Actor]:
        """Members by id; who is none is left out."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(ACTORS, (tenant, list(ids)))).fetchall()
        return {person: Actor(person, name, frozenset(roles)) for person, name, roles in rows}
