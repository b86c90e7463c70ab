"""In which browsers people want to be told: they say so, and stop it; others' signs that it is over are followed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.sessions import SessionEndedV1
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, Heard, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.notifications.contract.push import Subscribe, SubscriptionId
from mindlyfe.notifications.contract.push import Subscribed as Answer
from mindlyfe.notifications.domain.subscription import (
    Reason,
    Subscribed,
    Subscription,
    Turn,
    drop,
    endpoint,
    subscribe,
    unsubscribe,
)


class Known(Protocol):
    """The read model."""

    async def ids(self, tenant: TenantId, person: PersonId) -> Sequence[SubscriptionId]:
        """A person's."""
        ...

    async def elsewhere(self, tenant: TenantId, endpoint: str, own: SubscriptionId) -> Sequence[SubscriptionId]:
        """Others' subscriptions of the same browser."""
        ...

    async def of_session(self, session: UUID) -> Sequence[tuple[TenantId, SubscriptionId]]:
        """Those that were made in a session."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsers:
    """One stream per person and browser. `digest` stands for an endpoint without telling it."""

    streams: Streams[Subscription, Turn]
    known: Known
    digest: Callable[[str], bytes]
    check: Callable[[str], None]
    """Raises WrongPushKeys for a point that nothing can be encrypted for."""
    clock: Clock

    async def subscribe(self, c: Subscribe, who: Principal, act: Act) -> Answer:
        """A browser is the caller's from now on, and nobody else's. Raises PushAddressRefused, WrongPushKeys,
        TooManyBrowsers."""
        url = endpoint(c.endpoint)
        self.check(c.keys.p256dh)
        own = SubscriptionId(derived("push-subscription", who.tenant, who.id, self.digest(url).hex()))
        wish = Subscribed(
            person=who.id,
            endpoint=url,
            p256dh=c.keys.p256dh,
            auth=c.keys.auth,
            session=who.session,
            at=self.clock(),
        )
        others = len(await self.known.ids(who.tenant, who.id))
        decided = await self.streams.decide(act, own, lambda state: subscribe(state, wish, others))
        for other in await self.known.elsewhere(who.tenant, url, own):
            await self.drop(who.tenant, other, "replaced")
        return Answer(own, decided.version)

    async def unsubscribe(self, subscription: SubscriptionId, who: Principal, act: Act) -> None:
        """One of the caller's browsers takes no more. Raises NotFound."""
        now = self.clock()
        await self.streams.decide(act, subscription, lambda state: unsubscribe(state, who.id, now))

    async def drop(
        self, tenant: TenantId, subscription: SubscriptionId, reason: Reason, session: UUID | None = None
    ) -> None:
        """It takes no more; again, nothing. Raises Unavailable."""
        act, now = by_platform(tenant), self.clock()
        await self.streams.decide(act, subscription, partial(drop, reason=reason, at=now, session=session))

    async def session_ended(self, heard: Heard[SessionEndedV1]) -> None:
        """Whoever signs out in a browser is not told there any more. Raises Unavailable."""
        session = heard.event.session
        for tenant, subscription in await self.known.of_session(session):
            await self.drop(tenant, subscription, "session-over", session)

    async def member_merged(self, heard: Heard[MemberMergedV1]) -> None:
        """Nobody signs in to the duplicate any more. Raises Unavailable."""
        for subscription in await self.known.ids(heard.act.tenant, heard.event.duplicate):
            await self.drop(heard.act.tenant, subscription, "merged")
