"""Commands on deliveries that people give."""

from collections.abc import Callable
from dataclasses import dataclass

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Act, PersonId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.contract import DeliveryId, Redriven
from mindlyfe.notifications.domain.delivery import Change, Delivery, redrive


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
