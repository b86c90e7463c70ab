"""What happened to my message? The deliveries a person may see, and dead letters tried again."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router

from mindlyfe.kernel import paging
from mindlyfe.kernel.errors import Erased, Forbidden, Malformed, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Instant, PersonId, Principal
from mindlyfe.notifications.adapters.deliveries import Deliveries
from mindlyfe.notifications.application.deliveries import DeadLetters, Traces
from mindlyfe.notifications.contract import (
    AllRedriven,
    Arrived,
    DeliveryId,
    DeliveryTrace,
    DeliveryView,
    Redrive,
    Redriven,
    Status,
)
from mindlyfe.notifications.domain.access import place, sees_all
from mindlyfe.notifications.domain.delivery import NoDelivery, NotDead

Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="Length of a page.")]
Region = Annotated[
    bool, msgspec.Meta(description="For operators: messages to accounts, which belong to no clinic, instead.")
]


def routes(deliveries: Deliveries, traces: Traces) -> Router:
    """`/v1/deliveries`: what is seen of them."""

    @get("/", needs="deliveries:read", clinical=True, refuses=(Malformed, Forbidden))
    async def list_deliveries(
        who: Principal,
        *,
        region: Region = False,
        status: Status | None = None,
        receipt: Arrived | None = None,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> Page[DeliveryView]:
        """Messages to the caller, newest first; administrators see those to everybody in the clinic, never content."""
        key = paging.after(cursor, tuple[Instant, UUID])
        found = await deliveries.of(
            place(who, region=region), _only(who), status=status, receipt=receipt, after=key, limit=limit + 1
        )
        more = paging.cursor(found[limit - 1].requested_at, found[limit - 1].id) if len(found) > limit else None
        return Page(found[:limit], more)

    @get("/{delivery:uuid}", needs="deliveries:read", clinical=True, refuses=(NotFound, Forbidden, Erased))
    async def show_delivery(delivery: UUID, who: Principal, *, region: Region = False) -> DeliveryTrace:
        """What happened to one message: each provider that was asked, what it said, why it waits. Never its content."""
        tenant = place(who, region=region)
        shown = await deliveries.one(tenant, DeliveryId(delivery), _only(who))
        return await traces.of(tenant, shown)

    return Router("/v1/deliveries", route_handlers=[list_deliveries, show_delivery], tags=["Deliveries"])


def redrive_routes(dead_letters: DeadLetters) -> Router:
    """`/v1/deliveries`: dead letters tried again."""

    @post(
        "/{delivery:uuid}/redrive",
        needs="deliveries:redrive",
        clinical=True,
        refuses=(NoDelivery, NotDead, VersionConflict, Erased),
        status_code=200,
    )
    async def redrive_delivery(
        delivery: UUID, who: Principal, expected: int | None, *, region: Region = False
    ) -> Redriven:
        """Have a message that was given up tried again at once."""
        act = who.act.within(place(who, region=region))
        return await dead_letters.redrive(DeliveryId(delivery), who.id, act, expected)

    @post(
        "/redrive",
        needs="deliveries:redrive",
        clinical=True,
        refuses=(Malformed, Forbidden),
        status_code=200,
    )
    async def redrive_deliveries(data: Redrive, who: Principal, *, region: Region = False) -> AllRedriven:
        """Have many messages that were given up tried again at once. Those that are not, or are not here, are left."""
        act = who.act.within(place(who, region=region))
        return await dead_letters.redrive_all(data.deliveries, who.id, act)

    return Router("/v1/deliveries", route_handlers=[redrive_delivery, redrive_deliveries], tags=["Deliveries"])


def _only(who: Principal) -> PersonId | None:
    return None if sees_all(who.roles) else who.id
