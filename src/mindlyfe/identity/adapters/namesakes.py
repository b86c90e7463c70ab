"""Other ids under which a clinic knew somebody: invitations and attempts to register that were sealed under their own.

An invitation names a new id; who has an account already accepts it under the old one. An attempt to register that was
never confirmed keeps its own id, too. Both hold a name and an address, and go with the person.
"""

from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain.address import sought
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams

SEALED: Final[LiteralString] = """
    select distinct stream, subject from event where type = any(%(types)s) and subject <> %(person)s
    and stream > %(after)s order by stream limit 500"""


@dataclass(frozen=True, slots=True)
class Namesakes:
    """Reads every invitation and registration of the clinic: rare enough, and nothing is overlooked."""

    database: Database
    streams: IdentityStreams

    async def of(self, tenant: TenantId, person: PersonId, email: str) -> tuple[PersonId, ...]:
        """The ids besides the person's own."""
        found = await self._among(self.streams.invitations, tenant, person, email)
        return tuple(sorted(found | await self._among(self.streams.registrations, tenant, person, email)))

    async def _among(self, streams: Streams[Any, Any], tenant: TenantId, person: PersonId, email: str) -> set[PersonId]:
        found: set[PersonId] = set()
        after = UUID(int=0)
        while True:
            asked = {"types": sorted(streams.codec.tags), "person": person, "after": after}
            async with self.database.app(tenant) as tx:
                rows = await (await tx.execute(SEALED, asked)).fetchall()
            for stream, subject in rows:
                if await self._is(streams, tenant, stream, person, email):
                    found.add(PersonId(subject))
            if len(rows) < 500:
                return found
            after = rows[-1][0]

    async def _is(
        self, streams: Streams[Any, Any], tenant: TenantId, stream: UUID, person: PersonId, email: str
    ) -> bool:
        try:
            state, _ = await streams.load(tenant, stream)
        except Erased:
            return False
        if state is None:
            return False
        wish = getattr(state, "offer", None) or getattr(state, "wish", None)
        accepted = getattr(state, "accepted_by", None) == person
        return accepted or (wish is not None and sought(wish.email) == sought(email))
