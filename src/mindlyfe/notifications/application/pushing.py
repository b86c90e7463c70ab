"""What a push message says: that something came, and never what. It leaves us, and may be shown on a locked screen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.application.browsers import Browsers
from mindlyfe.notifications.application.content import Contents
from mindlyfe.notifications.application.ports import NotHandedOver
from mindlyfe.notifications.contract import DeliveryId, Kind, Priority
from mindlyfe.notifications.contract.inbox import NoticeId
from mindlyfe.notifications.contract.push import SubscriptionId
from mindlyfe.notifications.domain.delivery import Delivery
from mindlyfe.notifications.domain.reaching import IN_APP, sender_name
from mindlyfe.notifications.domain.subscription import Subscription, Turn

APP: Final = "MindLyfe"
"""Who writes, when nobody is to be named."""


class Tidings(msgspec.Struct, frozen=True, kw_only=True):
    """All that a push message can say. It has no field for what a message is about: not even its kind."""

    id: DeliveryId
    title: str
    """Whoever its reader wants to see as the sender, or the app."""
    line: str
    """The same one for everything, in the reader's language."""
    link: str
    """Into the inbox, behind the sign-in."""


class Manner(msgspec.Struct, frozen=True):
    """How a push service is to treat a message (RFC 8030, 5)."""

    urgency: Literal["normal", "high"]
    ttl: timedelta
    """How long it is kept for a browser that is away."""
    topic: str
    """What waits under the same word is replaced: at most 32 letters of base64url."""


class Push(msgspec.Struct, frozen=True):
    """A message to all browsers of one person."""

    tenant: TenantId
    browsers: Sequence[tuple[SubscriptionId, Subscription]]
    tidings: Tidings
    manner: Manner


class Gone(Exception):
    """The push service says that the browser takes no more."""


class PushServices(Protocol):
    """The push services of the browsers' makers."""

    async def send(self, browser: Subscription, tidings: Tidings, manner: Manner) -> None:
        """Encrypt and send. Raises Gone, NotHandedOver."""
        ...


class Finds(Protocol):
    """The read model of notices."""

    async def telling_of(self, tenant: TenantId, person: PersonId, kind: Kind, about: UUID) -> NoticeId | None:
        """The newest that tells somebody of this."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushing:
    """Writes push messages, and offers each to all of a person's browsers: a courier."""

    streams: Streams[Subscription, Turn]
    browsers: Browsers
    contents: Contents
    notices: Finds
    services: PushServices
    name: str = "web-push"

    async def message(self, tenant: TenantId, delivery: DeliveryId, d: Delivery) -> Push:
        """The message for a delivery. Raises NotHandedOver, NotYet, NotFound, Unavailable."""
        if d.recipient is None or d.kind not in IN_APP:
            raise NotHandedOver("not-for-push", permanent=True)
        contact = await self.contents.contact(tenant, d)
        if "push" in contact.avoid:
            raise NotHandedOver("channel-avoided", permanent=True)
        await self.contents.now(tenant, d, contact, await self.contents.values(tenant, d, contact))
        browsers = await self._browsers(tenant, d.recipient)
        organisation = await self.contents.organisation(tenant, d)
        sender = sender_name(contact.sender, discreet=contact.discreet, clinic=organisation.name)
        notice = await self.notices.telling_of(tenant, d.recipient, d.kind, d.about)
        tidings = Tidings(
            id=delivery,
            title=sender or APP,
            line=self.contents.renderer.line(contact.locale),
            link=f"{self.contents.public_url}/inbox" + (f"/{notice}" if notice else ""),
        )
        return Push(tenant, browsers, tidings, manner(delivery, d.priority))

    async def _browsers(self, tenant: TenantId, person: PersonId) -> Sequence[tuple[SubscriptionId, Subscription]]:
        """Theirs that take messages. Raises NotHandedOver when there is none."""
        found: list[tuple[SubscriptionId, Subscription]] = []
        for one in await self.browsers.known.ids(tenant, person):
            state, _ = await self.streams.load(tenant, one)
            if state is not None and state.takes(self.contents.clock()):
                found.append((one, state))
            else:
                await self.browsers.drop(tenant, one, "session-over")
        if not found:
            raise NotHandedOver("no-browser", permanent=True)
        return found

    async def hand_over(self, message: Push) -> str:
        """In how many browsers it was taken, of how many. Raises NotHandedOver when in none."""
        send = self.services.send
        outcomes = await asyncio.gather(
            *(send(state, message.tidings, message.manner) for _, state in message.browsers), return_exceptions=True
        )
        taken, failures = 0, list[NotHandedOver]()
        for (subscription, _), outcome in zip(message.browsers, outcomes, strict=True):
            match outcome:
                case None:
                    taken += 1
                case Gone():
                    await self.browsers.drop(message.tenant, subscription, "gone")
                case NotHandedOver():
                    failures.append(outcome)
                case mistake:
                    raise mistake
        if not taken:
            failures.sort(key=lambda failure: failure.permanent)  # as long as one may take it later, it is tried again
            raise failures[0] if failures else NotHandedOver("no-browser", permanent=True)
        return f"{taken} of {len(outcomes)} browsers"


def manner(delivery: DeliveryId, priority: Priority) -> Manner:
    """What is critical wakes the device, is old soon, and stands alone; of the rest one waits at a time."""
    if priority == "critical":
        return Manner("high", timedelta(hours=4), delivery.hex)
    return Manner("normal", timedelta(days=1), "inbox")
