"""An erasing: ordered, confirmed by each context, the keys destroyed, swept once more, done.

Sealed under nobody's key, and so only ids and instants: it is the list of erasures that outlives the keys and their
backups.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId, TenantId

SETTLES: Final = timedelta(seconds=70)
"""After the keys are gone: by then no process has one in memory (60 s), and none writes what a sweep would miss."""


class Ordered(Event, frozen=True, kw_only=True, tag="erasure.ordered.v1"):
    """The person is to be erased in this organisation by all of `contexts`."""

    person: PersonId
    contexts: tuple[str, ...]
    at: Instant
    listed: bool = True
    """False of somebody who never belonged here: nobody asked for it."""


class Prepared(Event, frozen=True, kw_only=True, tag="erasure.prepared.v1"):
    """Signed out, without roles. `region`: it was their last organisation, so that the account goes too."""

    person: PersonId
    region: bool
    namesakes: tuple[PersonId, ...] = ()
    """Other ids that the clinic knew them under, of invitations and attempts to register."""


class Confirmed(Event, frozen=True, kw_only=True, tag="erasure.confirmed.v1"):
    """A context has deleted what the key does not seal."""

    person: PersonId
    context: str


class KeysDestroyed(Event, frozen=True, kw_only=True, tag="erasure.keys-destroyed.v1"):
    """What is left is unreadable for ever."""

    person: PersonId
    region: bool
    at: Instant


class Completed(Event, frozen=True, kw_only=True, tag="erasure.completed.v1"):
    """Every context has looked once more, when nothing could be written any longer."""

    person: PersonId
    at: Instant


type Change = Ordered | Prepared | Confirmed | KeysDestroyed | Completed


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whose keys are destroyed under all their ids, their own first; with `region` the account's, too."""

    tenant: TenantId
    persons: tuple[PersonId, ...]
    region: bool
    at: Instant
    listed: bool = True


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is."""

    person: PersonId
    contexts: tuple[str, ...]
    ordered_at: Instant
    listed: bool = True
    region: bool | None = None
    """None until it is prepared."""
    namesakes: tuple[PersonId, ...] = ()
    confirmed: tuple[str, ...] = ()
    keys_destroyed_at: Instant | None = None
    completed_at: Instant | None = None

    @property
    def persons(self) -> tuple[PersonId, ...]:
        """All ids of the person."""
        return (self.person, *self.namesakes)

    @property
    def awaited(self) -> tuple[str, ...]:
        """The contexts that have not confirmed yet."""
        return tuple(one for one in self.contexts if one not in self.confirmed)


def evolve(state: Erasure | None, change: Change) -> Erasure:
    """The erasing after `change`."""
    if isinstance(change, Ordered):
        return Erasure(person=change.person, contexts=change.contexts, ordered_at=change.at, listed=change.listed)
    assert state is not None
    match change:
        case Prepared(region=region, namesakes=namesakes):
            return msgspec.structs.replace(state, region=region, namesakes=namesakes)
        case Confirmed(context=context):
            return msgspec.structs.replace(state, confirmed=(*state.confirmed, context))
        case KeysDestroyed(at=at):
            return msgspec.structs.replace(state, keys_destroyed_at=at)
        case Completed(at=at):
            return msgspec.structs.replace(state, completed_at=at)


def order(state: Erasure | None, wish: Ordered) -> Sequence[Change]:
    """Begin, once."""
    return [] if state else [wish]


def prepared(state: Erasure | None, *, region: bool, namesakes: tuple[PersonId, ...]) -> Sequence[Change]:
    """Note it; again, nothing."""
    if state is None or state.region is not None:
        return []
    return [Prepared(person=state.person, region=region, namesakes=namesakes)]


def confirm(state: Erasure | None, context: str) -> Sequence[Change]:
    """Note that a context is done; again, nothing."""
    if state is None or state.region is None or context not in state.awaited:
        return []
    return [Confirmed(person=state.person, context=context)]


def keys_destroyed(state: Erasure | None, now: datetime) -> Sequence[Change]:
    """Note it; never while a context is awaited, which may need them to find what it holds."""
    if state is None or state.region is None or state.awaited or state.keys_destroyed_at:
        return []
    return [KeysDestroyed(person=state.person, region=state.region, at=now)]


def settled(state: Erasure, now: datetime) -> bool:
    """Whether the last sweep may be made."""
    return state.keys_destroyed_at is not None and now - state.keys_destroyed_at >= SETTLES


def complete(state: Erasure | None, now: datetime) -> Sequence[Change]:
    """Note the end, after the last sweep; before its time, and again, nothing."""
    if state is None or state.completed_at or not settled(state, now):
        return []
    return [Completed(person=state.person, at=now)]
