"""A person's own sessions: see them, name their devices, end them."""

from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.ports import Listing
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.sessions import NameDevice, SessionSaved, SessionView
from mindlyfe.identity.domain.session import ABSOLUTE, IDLE, name_device
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import REGION, Principal


@dataclass(frozen=True, slots=True)
class Devices:
    """Where somebody is signed in, in all their clinics of this region."""

    streams: IdentityStreams
    listing: Listing
    endings: Endings
    clock: Clock

    async def all(self, who: Principal) -> list[SessionView]:
        """The caller's sessions that run, last used first; the one of this request is marked."""
        now = self.clock()
        return [
            replace(one, current=one.id == who.session)
            for one in await self.listing.open(who.id)
            if now - one.used_at <= IDLE and now - one.opened_at <= ABSOLUTE
        ]

    async def name(self, session: UUID, c: NameDevice, who: Principal, expected: int | None) -> SessionSaved:
        """Call its device something else. Raises NotFound, VersionConflict, KeyReused."""
        await self._own(session, who)
        decided = await self.streams.sessions.decide(
            who.act.within(REGION),
            session,
            lambda state: name_device(state, c.device.strip(), by=who.id),
            expected=expected,
        )
        return SessionSaved(session, decided.version)

    async def end(self, session: UUID, who: Principal) -> None:
        """End one of the caller's; an ended one stays so. Raises NotFound, KeyReused."""
        await self._own(session, who)
        await self.endings.end_one(who.act, session)

    async def end_all(self, who: Principal, *, this_too: bool) -> None:
        """End the caller's others, or all of them."""
        await self.endings.end(who.act, who.id, but=None if this_too else who.session)

    async def _own(self, session: UUID, who: Principal) -> None:
        """The id is the caller's word: what it names besides sessions of theirs is not told."""
        if not await self.listing.owns(who.id, session):
            raise NotFound
