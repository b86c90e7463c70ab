"""How a channel carries a delivery: its message is written once, and offered to its providers in order."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mindlyfe.kernel.messages import TenantId
from mindlyfe.notifications.application.ports import NotHandedOver
from mindlyfe.notifications.application.providers import Provider
from mindlyfe.notifications.contract import Channel, DeliveryId, ProviderView, Try
from mindlyfe.notifications.domain.delivery import Delivery
from mindlyfe.notifications.domain.reaching import COURTESIES


@dataclass(frozen=True, slots=True)
class Carried:
    """What an attempt came to: taken by the last provider tried, unless there is a failure."""

    tries: Sequence[Try]
    failure: NotHandedOver | None
    address: str = ""


class Addresses[M](Protocol):
    """Where messages go, by keyed digest."""

    def of(self, message: M, /) -> str:
        """The digest of a message's address."""
        ...

    async def bounced(self, tenant: TenantId, digest: str) -> bool:
        """Whether nothing arrives there."""
        ...


@dataclass(frozen=True, slots=True)
class Carrier[M]:
    """One channel: `write` makes its message at the moment of sending; the first provider that works takes it."""

    write: Callable[[TenantId, DeliveryId, Delivery], Awaitable[M]]
    providers: Sequence[Provider[M]]
    addresses: Addresses[M] | None = None
    """None: it goes to no address outside."""

    async def carry(self, tenant: TenantId, delivery: DeliveryId, d: Delivery) -> Carried:
        """Try one provider after another, as long as they fail themselves. Raises what writing does, NotYet,
        NotHandedOver for a courtesy to an address where nothing arrives."""
        message = await self.write(tenant, delivery, d)
        address = self.addresses.of(message) if self.addresses else ""
        if self.addresses and d.kind in COURTESIES and await self.addresses.bounced(tenant, address):
            raise NotHandedOver("address-bounced", permanent=True)
        tries: list[Try] = []
        failure = NotHandedOver("providers-rest")
        for provider in self.providers:
            if provider.resting:
                continue
            tried, trouble = await provider.ask(message, urgent=d.priority == "critical")
            tries.append(tried)
            if trouble is None or not trouble.elsewhere:
                return Carried(tries, trouble, address)
            failure = trouble
        return Carried(tries, failure)

    def views(self, channel: Channel) -> Sequence[ProviderView]:
        """Its providers, in the order in which they are asked."""
        return [provider.view(channel) for provider in self.providers]
