"""A push subscription: one browser in which one person wants to be told, from one session. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.kernel.web_address import NotOfTheWeb, web_address
from mindlyfe.notifications.contract.push import PushAddressRefused, TooManyBrowsers

MOST_BROWSERS: Final = 10
LASTS: Final = timedelta(days=30)
"""As long as a session can: one that ran out by itself is not told of."""

type Reason = Literal["asked", "gone", "replaced", "session-over", "merged"]
"""Why a browser takes no more: its owner said so, its push service did, somebody else uses it now, …"""


class Subscribed(Event, frozen=True, kw_only=True, tag="push-subscription.subscribed.v1"):
    """A browser takes messages. Whoever has the endpoint and the keys can write to it."""

    person: PersonId
    endpoint: str
    p256dh: str
    auth: str
    session: UUID
    at: Instant


class Unsubscribed(Event, frozen=True, kw_only=True, tag="push-subscription.unsubscribed.v1"):
    """It takes no more."""

    reason: Reason
    at: Instant


type Turn = Subscribed | Unsubscribed


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """The subscription after the turns so far."""

    person: PersonId
    endpoint: str
    p256dh: str
    auth: str
    session: UUID
    since: Instant
    active: bool = True

    def takes(self, now: datetime) -> bool:
        """Whether it takes messages, and its session may still run."""
        return self.active and now < self.since + LASTS


def evolve(state: Subscription | None, turn: Turn) -> Subscription:
    """Fold one event."""
    match turn:
        case Subscribed():
            return Subscription(
                person=turn.person,
                endpoint=turn.endpoint,
                p256dh=turn.p256dh,
                auth=turn.auth,
                session=turn.session,
                since=turn.at,
            )
        case Unsubscribed():
            assert state is not None
            return msgspec.structs.replace(state, active=False)


def subscribe(state: Subscription | None, wish: Subscribed, others: int) -> Sequence[Turn]:
    """Take messages; again with the same keys in the same session, nothing. Raises TooManyBrowsers."""
    if state is not None and state.active:
        return [] if state == msgspec.structs.replace(evolve(None, wish), since=state.since) else [wish]
    if others >= MOST_BROWSERS:
        raise TooManyBrowsers
    return [wish]


def unsubscribe(state: Subscription | None, by: PersonId, at: Instant) -> Sequence[Turn]:
    """Take no more messages, because its owner says so. Raises NotFound."""
    if state is None or not state.active or state.person != by:
        raise NotFound
    return [Unsubscribed(reason="asked", at=at)]


def drop(state: Subscription | None, reason: Reason, at: Instant, *, session: UUID | None = None) -> Sequence[Turn]:
    """Take no more messages, whoever says so; with a `session`, only if it is still of that one. Again, nothing."""
    if state is None or not state.active or session not in {None, state.session}:
        return []
    return [Unsubscribed(reason=reason, at=at)]


def endpoint(url: str) -> str:
    """The address of a push service, if it may be asked at all. Raises PushAddressRefused."""
    try:
        return web_address(url)
    except NotOfTheWeb:
        raise PushAddressRefused from None
