"""Web push: the browsers in which somebody wants to be told that something came, whether or not the app is open."""

from typing import Annotated, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant

SubscriptionId = NewType("SubscriptionId", UUID)

Endpoint = Annotated[
    str, msgspec.Meta(min_length=12, max_length=2048, examples=["https://push.example.com/send/6b3c0d9e-7a1f-4c52"])
]
Point = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^B[A-Za-z0-9_-]{86}$",
        description="The browser's public key: a point on P-256, uncompressed, in base64url.",
        examples=["BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"],
    ),
]
Secret = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z0-9_-]{22}$",
        description="The browser's authentication secret: 16 bytes in base64url.",
        examples=["BTBZMqHH6r4Tts7J_aSIgg"],
    ),
]


class BrowserKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What messages to one browser are encrypted for (RFC 8291)."""

    p256dh: Point
    auth: Secret


class Subscribe(Command, frozen=True, rename={"expires_ms": "expirationTime"}):
    """A browser's `PushSubscription.toJSON()`, as it is."""

    endpoint: Endpoint
    keys: BrowserKeys
    expires_ms: Annotated[int, msgspec.Meta(ge=0, le=9_007_199_254_740_991)] | None = None
    """Ignored: a push service says itself when a subscription has ended."""


class SubscriptionView(msgspec.Struct, frozen=True, kw_only=True):
    """One browser that takes messages. Its endpoint is a secret and never shown."""

    id: SubscriptionId
    server: str
    """Name of the push service."""
    since: Instant
    version: int
    current: bool = False
    """Whether it was subscribed in the session that asks."""


class Subscribed(msgspec.Struct, frozen=True):
    """The browser takes messages now."""

    id: SubscriptionId
    version: int


class PushKey(msgspec.Struct, frozen=True):
    """The installation's public key, the `applicationServerKey` of a browser's subscription: base64url, 65 bytes."""

    key: str


class PushAddressRefused(DomainError):
    """Messages cannot be sent there."""

    status = 422
    code = "push-address-refused"
    advice = "Send the endpoint that the browser made, an https address of its push service."


class WrongPushKeys(DomainError):
    """Nothing can be encrypted for these keys."""

    status = 422
    code = "wrong-push-keys"
    advice = "Send the keys that the browser made."


class TooManyBrowsers(DomainError):
    """Too many browsers take messages already."""

    code = "too-many-browsers"
    advice = "Remove one that is no longer used."
