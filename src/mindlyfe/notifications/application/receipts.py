"""What providers tell later: it is put on record with the message it is about."""

from dataclasses import dataclass
from typing import Protocol

import structlog

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.delivery import Change, Delivery, received
from mindlyfe.notifications.domain.receipts import Report

log = structlog.get_logger()


class Places(Protocol):
    """Where messages lie."""

    async def place(self, delivery: DeliveryId) -> TenantId | None:
        """Whose message it is; None when there is none of this id."""
        ...


@dataclass(frozen=True, slots=True)
class Receipts:
    """Takes receipts, in any order and any number of times."""

    streams: Streams[Delivery, Change]
    places: Places

    async def take(self, delivery: DeliveryId, report: Report) -> None:
        """Put it on record; one of a message that is not here, or not any more, is left alone. Raises Unavailable."""
        tenant = await self.places.place(delivery)
        if tenant is None:
            log.warning("receipt for an unknown message", provider=report.provider)
            return
        act = by_platform(tenant)
        try:
            await self.streams.decide(act, delivery, lambda state: received(state, report))
        except Erased:
            log.info("receipt for an erased person", delivery=str(delivery))
