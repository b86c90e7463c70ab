"""The channel into the app: a delivery becomes a notice in its recipient's inbox, once however often it is tried."""

from dataclasses import dataclass

import msgspec

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.notifications.application.ports import NotHandedOver
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.delivery import Delivery
from mindlyfe.notifications.domain.notice import Arrived, Notice, Step, arrive, notice_of
from mindlyfe.notifications.domain.reaching import IN_APP


class Arrival(msgspec.Struct, frozen=True):
    """A notice on its way into an inbox of a clinic."""

    tenant: TenantId
    wish: Arrived


@dataclass(frozen=True, slots=True)
class Shelf:
    """Writes arrivals, and puts them where their readers find them: a courier that leaves nothing outside."""

    streams: Streams[Notice, Step]
    clock: Clock
    name: str = "inbox"

    async def arrival(self, tenant: TenantId, delivery: DeliveryId, d: Delivery) -> Arrival:
        """The notice of a delivery. Raises NotHandedOver for what is not for an inbox."""
        if d.recipient is None or d.kind not in IN_APP:
            raise NotHandedOver("not-for-an-inbox", permanent=True)
        return Arrival(
            tenant,
            Arrived(
                delivery=delivery,
                kind=d.kind,
                recipient=d.recipient,
                about=d.about,
                happened_at=d.happened_at,
                at=self.clock(),
            ),
        )

    async def hand_over(self, message: Arrival) -> str:
        """The notice's id. Raises Erased, Unavailable."""
        act = by_platform(message.tenant)
        notice = notice_of(message.wish.delivery)
        await self.streams.decide(act, notice, lambda state: arrive(state, message.wish))
        return str(notice)
