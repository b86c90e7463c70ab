"""What can happen to a delivery, but for receipts. Pure."""

from uuid import UUID

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract import Channel, Kind, Priority, Try
from mindlyfe.notifications.domain.receipts import Bounced, Delivered


class Requested(Event, frozen=True, kw_only=True, tag="delivery.requested.v1"):
    """Somebody is to be told something about a thing known by its id alone."""

    kind: Kind
    recipient: PersonId | None
    about: UUID
    flow: UUID | None = None
    at: Instant
    happened_at: Instant | None = None
    """When what is told of happened, if the message says so."""
    channel: Channel = "email"
    priority: Priority = "normal"
    moment: Instant | None = None
    """When what is told of takes place: at another time, or not at all, it is not told any more."""
    items: int = 1
    """How many things it tells of."""
    sample: str = ""
    """A language: it holds sample values, for who writes templates."""


class Sent(Event, frozen=True, kw_only=True, tag="delivery.sent.v1"):
    """A provider took the message."""

    provider: str
    answer: str
    at: Instant
    tries: tuple[Try, ...] = ()
    """All providers asked in this attempt, this one last."""
    address: str = ""
    """The keyed digest of where it went, in hexadecimal digits."""


class Failed(Event, frozen=True, kw_only=True, tag="delivery.failed.v1"):
    """An attempt failed; another follows."""

    error: str
    next_at: Instant
    at: Instant | None = None
    tries: tuple[Try, ...] = ()


class Held(Event, frozen=True, kw_only=True, tag="delivery.held.v1"):
    """It waits for the hours at which its recipient wants to be reached."""

    until: Instant
    at: Instant | None = None
    why: str = "best-hours"


class Withdrawn(Event, frozen=True, kw_only=True, tag="delivery.withdrawn.v1"):
    """It is not told any more: what it was about changed before it could be handed over."""

    why: str
    at: Instant


class DeadLettered(Event, frozen=True, kw_only=True, tag="delivery.dead-lettered.v1"):
    """Given up: no attempt follows by itself."""

    error: str
    at: Instant | None = None
    tries: tuple[Try, ...] = ()


class Redriven(Event, frozen=True, kw_only=True, tag="delivery.redriven.v1"):
    """Somebody had a dead letter tried again."""

    by: PersonId
    at: Instant


class Readdressed(Event, frozen=True, kw_only=True, tag="delivery.readdressed.v1"):
    """Its recipient's account became another one."""

    recipient: PersonId
    was: PersonId


type Change = Requested | Sent | Failed | Held | Withdrawn | DeadLettered | Redriven | Readdressed | Delivered | Bounced
