"""All that other contexts may know of notifications: the shape of a delivery, and that one came back."""

from typing import Annotated, Literal, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId

DeliveryId = NewType("DeliveryId", UUID)

type Kind = Literal[
    "address-verification",
    "registration-repeated",
    "staff-invitation",
    "patient-invitation",
    "recovery",
    "password-changed",
    "factors-changed",
    "address-change",
    "address-change-notice",
    "address-changed",
    "address-in-use",
    "appointment-booked",
    "appointment-cancelled",
    "appointment-moved",
    "appointment-requested",
    "appointment-declined",
    "appointment-missed",
    "appointment-reminder",
    "waiting-offer",
    "safety-task",
    "break-glass-used",
    "record-opened",
    "caseload-handed-over",
    "caseload-received",
    "export-ready",
    "correction-decided",
    "erasure-refused",
    "erasure-put-off",
    "erasure-carried-out",
    "accounts-merged",
    "account-merged-away",
]
type Channel = Literal["email", "sms", "push", "in-app"]
type Priority = Literal["critical", "normal"]
"""What is critical overtakes everything else that is due."""
type Arrived = Literal["delivered", "bounced"]
"""What its provider told later of a message that it took."""
type Status = Literal["waiting", "sent", "dead", "withdrawn"]


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one message. Never its content, nor the address."""

    id: DeliveryId
    kind: Kind
    recipient: PersonId | None
    """Nobody yet, for an invitation."""
    channel: Channel
    priority: Priority
    status: Status
    attempts: int
    version: int
    requested_at: Instant
    next_attempt_at: Instant | None
    sent_at: Instant | None
    receipt: Arrived | None = None
    """None while nothing was told; many providers never tell."""
    last_error: str
    """Why the last attempt failed, a code such as `smtp-451`; empty when none did."""


type Outcome = Literal["taken", "refused", "later", "ill"]
"""`refused`: never this message; `later`: not now; `ill`: the provider itself fails, and another one is asked."""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One provider that was asked to take a message. An attempt tries one after another until one answers for good."""

    provider: str
    outcome: Outcome
    code: str
    """Such as `smtp-451`; empty when it was taken."""
    answer: str
    """In the provider's words, without addresses and telephone numbers, at most 200 characters."""
    at: Instant
    took_ms: int


type What = Literal[
    "requested",
    "held",
    "tried",
    "handed-over",
    "delivered",
    "bounced",
    "postponed",
    "given-up",
    "redriven",
    "readdressed",
    "withdrawn",
]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a message."""

    what: What
    at: Instant | None = None
    """Unknown for some of what happened before this was put on record."""
    until: Instant | None = None
    """When it goes on, for what was held or postponed."""
    why: str = ""
    """A code, such as `best-hours` or `smtp-451`."""
    tried: Try | None = None


class DeliveryTrace(DeliveryView, frozen=True, kw_only=True):
    """One message, and all that happened to it, in order."""

    steps: tuple[Step, ...]


class ProviderView(msgspec.Struct, frozen=True, kw_only=True):
    """How a provider is, as the process that answers sees it."""

    name: str
    channel: Channel
    state: Literal["working", "resting", "probing"]
    """`resting`: it failed repeatedly and is left alone; `probing`: one message finds out whether it works again."""
    rests_until: Instant | None
    taken: int
    """Messages since the process started."""
    failures: int
    """Times it failed itself since then."""
    last_error: str
    """Empty when it never failed."""
    last_error_at: Instant | None
    per_second: int
    """How many messages a second it is given at most, 0: as many as there are."""


class MessageBouncedV1(Event, frozen=True, kw_only=True, tag="notifications.message-bounced.v1"):
    """A message to somebody came back, and so will others to this address: ask them for another one."""

    delivery: DeliveryId
    recipient: PersonId
    channel: Channel
    at: Instant


class Redrive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages that were given up are to be tried again."""

    deliveries: Annotated[tuple[DeliveryId, ...], msgspec.Meta(min_length=1, max_length=200)]


class AllRedriven(msgspec.Struct, frozen=True):
    """Which are tried again; the others were not given up, or are not here."""

    redriven: tuple[DeliveryId, ...]


class Redriven(msgspec.Struct, frozen=True):
    """A dead letter is tried again."""

    delivery: DeliveryId
    version: int
