"""What providers tell of a message after they took it: it arrived, or it came back. Pure."""

from typing import Final

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract import Arrived, Channel

KNOWN: Final = frozenset({"delivered", "undelivered", "failed"})
GONE: Final = frozenset({"21610", "21614", "30005", "30006"})
"""Opted out, no mobile number, unknown, a landline: nothing will ever arrive there."""


class Delivered(Event, frozen=True, kw_only=True, tag="delivery.delivered.v1"):
    """It arrived. `address` is the keyed digest of where."""

    provider: str
    at: Instant
    address: str = ""


class Bounced(Event, frozen=True, kw_only=True, tag="delivery.bounced.v1"):
    """It came back; `hard`: whatever is sent there will."""

    provider: str
    at: Instant
    code: str
    hard: bool
    channel: Channel
    recipient: PersonId | None
    address: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt, whoever's shape it came in. `at` is the provider's time."""

    what: Arrived
    provider: str
    at: Instant
    code: str = ""
    hard: bool = False


class BadSignature(DomainError):
    """The receipt is not signed by a provider of this installation, or was signed too long ago."""

    status = 403
    code = "bad-signature"
    advice = "Sign it with the secret that was agreed upon, and send it within five minutes."


def of_text(status: str, error: str, provider: str, at: Instant) -> Report | None:
    """What a status of Twilio's says; None while nothing is certain."""
    if status not in KNOWN:
        return None
    if status == "delivered":
        return Report(what="delivered", provider=provider, at=at)
    code = error if error.isascii() and error.isdigit() and len(error) <= 6 else "unknown"
    return Report(what="bounced", provider=provider, at=at, code=f"sms-{code}", hard=error in GONE)
