"""Links by which operators let others open a clinic. Those the platform prints are made without HTTP."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.clinics import OfferSetUp, SetUpLink
from mindlyfe.identity.domain.setup import let_in, withdraw
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import REGION, ByKey, Principal


@dataclass(frozen=True, slots=True)
class SetUpLinks:
    """Each opens one clinic, whose administrator is no operator."""

    streams: IdentityStreams
    links: LinkMaker
    clock: Clock
    ids: Ids

    async def offer(self, c: OfferSetUp, who: Principal) -> SetUpLink:
        """Make a link. The same Idempotency-Key gives the same one. Raises KeyReused."""
        once = who.act.once
        link = derived("setup-link", who.id, once.key) if isinstance(once, ByKey) else self.ids()
        ends = self.clock().replace(microsecond=0) + timedelta(hours=c.hours)
        await self.streams.offers.decide(who.act.within(REGION), link, lambda state: let_in(state, ends))
        state, _ = await self.streams.offers.load(REGION, link)
        if state is None:
            raise Unavailable
        made = self.links.link("setup", REGION, link, state.expires_at)
        return SetUpLink(link, made.url, made.expires_at)

    async def withdraw(self, link: UUID, who: Principal) -> None:
        """Let nobody open a clinic by it any more; again, nothing. Raises NotFound, CodeUsed, KeyReused."""
        await self.streams.offers.decide(who.act.within(REGION), link, withdraw)
