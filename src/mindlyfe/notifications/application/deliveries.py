"""What people ask of deliveries: what happened to one, and that it be tried again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, IdTaken
from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.contract import AllRedriven, DeliveryId, DeliveryTrace, DeliveryView, Redriven
from mindlyfe.notifications.domain.delivery import Change, Delivery, NoDelivery, NotDead, known, redrive


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

    async def redrive_all(self, deliveries: Sequence[DeliveryId], by: PersonId, act: Act) -> AllRedriven:
        """Have each of them tried again that was given up; asked again with the same key, the answer is the same."""
        unique = tuple(dict.fromkeys(deliveries))
        done = await asyncio.gather(*(self._redriven(one, by, act.step(str(one))) for one in unique))
        self.asked()
        return AllRedriven(tuple(one for one, again in zip(unique, done, strict=True) if again))

    async def _redriven(self, delivery: DeliveryId, by: PersonId, act: Act) -> bool:
        try:
            await self.streams.decide(act, delivery, lambda state: redrive(state, by=by, now=self.clock()))
        except (NoDelivery, NotDead, Erased, IdTaken):
            return False
        return True
