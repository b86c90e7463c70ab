"""Web push over HTTP: the installation's key, and the browsers of a member."""

from uuid import UUID

from litestar import Router

from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.http import PUBLIC, Page, delete, get, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.notifications.adapters.subscriptions import Subscriptions
from mindlyfe.notifications.adapters.vapid import Vapid
from mindlyfe.notifications.application.browsers import Browsers
from mindlyfe.notifications.contract.push import (
    PushAddressRefused,
    PushKey,
    Subscribe,
    Subscribed,
    SubscriptionId,
    SubscriptionView,
    TooManyBrowsers,
    WrongPushKeys,
)

NEEDS = "push-subscriptions:keep"


def routes(browsers: Browsers, subscriptions: Subscriptions, vapid: Vapid) -> list[Router]:
    """`/v1/push-key`, `/v1/push-subscriptions`."""

    @get("/", needs=PUBLIC, refuses=(Unavailable,))
    async def push_key() -> PushKey:
        """The key that a browser needs to subscribe. It never changes."""
        return PushKey(await vapid.public())

    @get("/", needs=NEEDS, clinical=True)
    async def list_push_subscriptions(who: Principal) -> Page[SubscriptionView]:
        """The caller's own browsers that take messages, the oldest first."""
        return Page(await subscriptions.of(who.tenant, who.id, who.session))

    @put("/", needs=NEEDS, clinical=True, refuses=(PushAddressRefused, WrongPushKeys, TooManyBrowsers))
    async def subscribe(data: Subscribe, who: Principal, act: Act) -> Subscribed:
        """Be told in this browser that something came, for as long as the session lasts. It takes messages for whoever
        said so last, and for nobody else in the clinic."""
        return await browsers.subscribe(data, who, act)

    @delete("/{subscription:uuid}", needs=NEEDS, clinical=True, refuses=(NotFound,))
    async def unsubscribe(subscription: UUID, who: Principal, act: Act) -> None:
        """Be told there no more."""
        await browsers.unsubscribe(SubscriptionId(subscription), who, act)

    return [
        Router("/v1/push-key", route_handlers=[push_key], tags=["Push"]),
        Router(
            "/v1/push-subscriptions",
            route_handlers=[list_push_subscriptions, subscribe, unsubscribe],
            tags=["Push"],
        ),
    ]
