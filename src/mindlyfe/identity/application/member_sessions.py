"""Sessions of a member in one clinic, as its administrators see and end them."""

from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.acts import member_stream
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.ports import Listing
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.sessions import SessionView
from mindlyfe.identity.domain.member import existing
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import PersonId, Principal


@dataclass(frozen=True, slots=True)
class MemberSessions:
    """Never those in another clinic: one's own administrators know nothing of them."""

    streams: IdentityStreams
    listing: Listing
    endings: Endings

    async def all(self, person: PersonId, who: Principal) -> list[SessionView]:
        """Where a member is signed in to this clinic. Raises NotFound."""
        try:
            state, _ = await self.streams.members.load(who.tenant, member_stream(who.tenant, person))
        except Erased:
            raise NotFound from None
        existing(state)
        return [one for one in await self.listing.open(person) if one.organisation == who.tenant]

    async def end(self, person: PersonId, session: UUID, who: Principal) -> None:
        """End one of them. Raises NotFound."""
        if all(one.id != session for one in await self.all(person, who)):
            raise NotFound
        await self.endings.end_one(who.act, session)

    async def end_all(self, person: PersonId, who: Principal) -> None:
        """End all of them. Raises NotFound."""
        await self.all(person, who)
        await self.endings.end(who.act, person, organisation=who.tenant)
