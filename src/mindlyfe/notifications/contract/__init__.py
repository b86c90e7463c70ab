"""All that other contexts may know of notifications: the shape of a delivery. It publishes nothing yet."""

from typing import Literal, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Instant, PersonId

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
type Status = Literal["waiting", "sent", "dead"]


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
    last_error: str
    """Why the last attempt failed, a code such as `smtp-451`; empty when none did."""


class Redriven(msgspec.Struct, frozen=True):
    """A dead letter is tried again."""

    delivery: DeliveryId
    version: int
