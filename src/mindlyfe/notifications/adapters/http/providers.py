"""How the providers are: who takes messages just now, and who rests because it failed."""

from collections.abc import Mapping
from typing import Any

from litestar import Router

from mindlyfe.kernel.http import get
from mindlyfe.notifications.application.carriers import Carrier
from mindlyfe.notifications.contract import Channel, ProviderView


def routes(carriers: Mapping[Channel, Carrier[Any]]) -> Router:
    """`/v1/providers`."""

    @get("/", needs="providers:read")
    async def list_providers() -> list[ProviderView]:
        """Each channel's providers in the order in which they are asked, as the process that answers knows them."""
        return [view for channel, carrier in carriers.items() for view in carrier.views(channel)]

    return Router("/v1/providers", route_handlers=[list_providers], tags=["Deliveries"])
