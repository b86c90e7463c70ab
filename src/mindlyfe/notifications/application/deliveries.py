"""What people ask of deliveries: what happened to one, and that it be tried again."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.contract import DeliveryId, DeliveryTrace, DeliveryView, Redriven
from mindlyfe.notifications.domain.delivery import Change, Delivery, known, redrive


@dataclass(frozen=True, slots=True)
class Traces:
    """What happened to messages: the log tells it."""

    streams: Streams[Delivery, Change]

    async def of(self, tenant: TenantId, shown: DeliveryView) -> DeliveryTrace:
        """What is shown of a message, with all that happened to it. Raises Erased."""
        state, _ = await self.streams.load(tenant, shown.id)
        return DeliveryTrace(**msgspec.structs.asdict(shown), steps=known(state).steps)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Messages that were given up. `asked` is called when something is to be sent."""

    streams: Streams[Delivery, Change]
    clock: Clock
    asked: Callable[[], None]

    async def redrive(self, delivery: DeliveryId, by: PersonId, act: Act, expected: int | None) -> Redriven:
        """Have one tried again at once. Raises NoDelivery, NotDead, VersionConflict, Erased."""
        decided = await self.streams.decide(
            act, delivery, lambda state: redrive(state, by=by, now=self.clock()), expected=expected
        )
        self.asked()
        return Redriven(delivery, decided.version)
