"""The subscription of a person: a secret address by which calendar apps read their appointments."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract.calendars import Shows


class SubscriptionOpened(Event, frozen=True, kw_only=True, tag="subscription.opened.v1"):
    """There is an address, and none before it counts. `digest`: keyed, of the secret, in hexadecimal digits."""

    person: PersonId
    digest: str
    at: Instant


class SubscriptionChanged(Event, frozen=True, kw_only=True, tag="subscription.changed.v1"):
    """It says this of patients."""

    person: PersonId
    shows: Shows


class SubscriptionRevoked(Event, frozen=True, kw_only=True, tag="subscription.revoked.v1"):
    """No address counts."""

    person: PersonId


type Change = SubscriptionOpened | SubscriptionChanged | SubscriptionRevoked


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """The subscription after the changes so far."""

    person: PersonId
    digest: str | None = None
    shows: Shows = "busy"
    since: datetime | None = None


def evolve(state: Subscription | None, change: Change) -> Subscription:
    """The subscription after a change."""
    known = state or Subscription(person=change.person)
    match change:
        case SubscriptionOpened(digest=digest, at=at):
            return msgspec.structs.replace(known, digest=digest, since=at)
        case SubscriptionChanged(shows=shows):
            return msgspec.structs.replace(known, shows=shows)
        case SubscriptionRevoked():
            return msgspec.structs.replace(known, digest=None, since=None)


def open_(state: Subscription | None, wish: SubscriptionOpened) -> Sequence[Change]:
    """Give it this address in the place of any other; the same again changes nothing."""
    return [] if state and state.digest == wish.digest else [wish]


def show(state: Subscription | None, *, person: PersonId, shows: Shows) -> Sequence[Change]:
    """Say this of patients."""
    known = state or Subscription(person=person)
    return [] if known.shows == shows else [SubscriptionChanged(person=person, shows=shows)]


def revoke(state: Subscription | None) -> Sequence[Change]:
    """Let no address count. Raises NotFound when none does."""
    if state is None or state.digest is None:
        raise NotFound
    return [SubscriptionRevoked(person=state.person)]


def cut(state: Subscription | None) -> Sequence[Change]:
    """Let no address of a leaver count."""
    return [] if state is None or state.digest is None else [SubscriptionRevoked(person=state.person)]
