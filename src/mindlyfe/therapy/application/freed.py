"""What the waiting list makes of news: a time is free again, an offer is answered."""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Heard, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.waits import Looks
from mindlyfe.therapy.contract.holds import OfferView
from mindlyfe.therapy.contract.waiting import WaitingOfferEndedV1
from mindlyfe.therapy.domain.wait import Step, Wait, meet


class Kept(Protocol):
    """The read model."""

    async def offer(self, tenant: TenantId, offer: UUID) -> OfferView | None:
        """An offer, open or over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """Hears what therapy itself has told. Each does the same again to the same end."""

    waits: Streams[Wait, Step]
    kept: Kept
    looks: Looks
    clock: Clock

    async def freed(self, heard: Heard[Any]) -> None:
        """Somebody who waits may want the time."""
        await self.looks.look(heard.act.tenant, self.clock())

    async def answered(self, heard: Heard[WaitingOfferEndedV1]) -> None:
        """Who accepted waits no longer; else the next one may want it."""
        tenant, offer = heard.act.tenant, heard.event.offer
        if heard.event.outcome != "accepted":
            await self.looks.look(tenant, self.clock())
            return
        found = await self.kept.offer(tenant, offer)
        if found is not None:
            now = self.clock()
            await self.waits.decide(heard.act, found.wait, lambda state: meet(state, now=now))
