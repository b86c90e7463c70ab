"""How a channel carries a delivery: its message is written, and handed over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mindlyfe.kernel.messages import TenantId
from mindlyfe.notifications.application.ports import Courier
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Carrier[M]:
    """One channel: `write` makes its message at the moment of sending, the courier takes it away."""

    write: Callable[[TenantId, DeliveryId, Delivery], Awaitable[M]]
    courier: Courier[M]

    async def carry(self, tenant: TenantId, delivery: DeliveryId, d: Delivery) -> str:
        """The provider's answer. Raises what writing does, NotHandedOver, NotYet."""
        return await self.courier.hand_over(await self.write(tenant, delivery, d))
