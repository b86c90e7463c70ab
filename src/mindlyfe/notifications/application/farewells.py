"""The last message to somebody who is being erased: it is out before anything of theirs is deleted."""

from collections.abc import Callable
from dataclasses import dataclass

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.notifications.domain.delivery import Change, Delivery, Requested, known, request


@dataclass(frozen=True, slots=True)
class Farewells:
    """One per person and organisation. `asked` is called when something is to be sent."""

    streams: Streams[Delivery, Change]
    clock: Clock
    asked: Callable[[], None]

    async def told(self, tenant: TenantId, person: PersonId) -> bool:
        """Whether it is out, or was given up; the first call asks for it. Raises Unavailable."""
        delivery = derived("farewell", tenant, person)
        wish = Requested(kind="erasure-carried-out", recipient=person, about=person, at=self.clock())
        act = by_platform(tenant)
        try:
            await self.streams.decide(act, delivery, lambda state: request(state, wish))
            state, _ = await self.streams.load(tenant, delivery)
        except Erased:
            return True
        self.asked()
        return known(state).status != "waiting"
