"""Ends sessions, one or all of a person, with effect at once on whoever holds their tokens."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.ports import Listing
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain.session import revoke
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import REGION, Act, PersonId, TenantId


@dataclass(frozen=True, slots=True)
class Endings:
    """What a password change, a lock, a removed factor or a click on "sign out everywhere" comes to."""

    streams: IdentityStreams
    listing: Listing
    clock: Clock

    async def end(
        self, act: Act, person: PersonId, *, but: UUID | None = None, organisation: TenantId | None = None
    ) -> None:
        """End all sessions of a person (but one; only those of one organisation).

        Twice, as an app may have exchanged a code that one of them approved before that one was over.
        """
        for _ in range(2):
            ids = [
                one.id
                for one in await self.listing.open(person)
                if one.id != but and organisation in {None, one.organisation}
            ]
            await asyncio.gather(*(self.end_one(act.step(f"ended/{session}"), session) for session in ids))

    async def end_one(self, act: Act, session: UUID) -> None:
        """End this one; an ended one stays so."""
        now = self.clock()
        await self.streams.sessions.decide(
            act.within(REGION), session, lambda state: revoke(state, by=act.actor, now=now)
        )
