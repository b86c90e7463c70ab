"""An export: a person's copy of what is known of them, from the wish until the copy is deleted again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.exports import ExportStatus
from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId

LASTS: Final = timedelta(days=7)
"""How long a copy can be fetched: ASVS 14.2.7, nothing is kept longer than it is of use."""


class Requested(Event, frozen=True, kw_only=True, tag="export.requested.v1"):
    """The person wants a copy of what each of `contexts` knows of them."""

    export: UUID
    person: PersonId
    contexts: tuple[str, ...]
    at: Instant


class ContextTold(Event, frozen=True, kw_only=True, tag="export.context-told.v1"):
    """One context told all it knows."""

    export: UUID
    context: str


class Made(Event, frozen=True, kw_only=True, tag="export.made.v1"):
    """The copy is there, sealed under the person's key."""

    export: UUID
    at: Instant
    expires_at: Instant
    person: PersonId | None = None


class Expired(Event, frozen=True, kw_only=True, tag="export.expired.v1"):
    """The copy is deleted."""

    export: UUID
    at: Instant


type Change = Requested | ContextTold | Made | Expired


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """One copy and how far it is."""

    export: UUID
    person: PersonId
    contexts: tuple[str, ...]
    requested_at: Instant
    told: tuple[str, ...] = ()
    status: ExportStatus = "waiting"
    ready_at: Instant | None = None
    expires_at: Instant | None = None

    @property
    def awaited(self) -> tuple[str, ...]:
        """The contexts that have not told anything yet."""
        return tuple(one for one in self.contexts if one not in self.told)


class ExportRuns(DomainError):
    """A copy is being made already."""

    status = 409
    code = "export-runs"
    advice = "Wait until it is ready, and fetch it."


class ExportNotReady(DomainError):
    """The copy is not made yet."""

    status = 409
    code = "export-not-ready"
    advice = "Ask again in a moment; it is ready when every part of the platform has told what it knows."


class ExportExpired(DomainError):
    """The copy was deleted after its seven days."""

    status = 410
    code = "export-expired"
    advice = "Ask for a new copy."


def evolve(state: Export | None, change: Change) -> Export:
    """The export after `change`."""
    if isinstance(change, Requested):
        return Export(export=change.export, person=change.person, contexts=change.contexts, requested_at=change.at)
    export = existing(state)
    match change:
        case ContextTold(context=context):
            return msgspec.structs.replace(export, told=(*export.told, context))
        case Made(at=at, expires_at=until):
            return msgspec.structs.replace(export, status="ready", ready_at=at, expires_at=until)
        case Expired():
            return msgspec.structs.replace(export, status="expired")


def request(state: Export | None, wish: Requested) -> Sequence[Change]:
    """Ask for a copy, once."""
    return [] if state else [wish]


def told(state: Export | None, context: str) -> Sequence[Change]:
    """One context told; again, nothing."""
    export = existing(state)
    return [ContextTold(export=export.export, context=context)] if context in export.awaited else []


def made(state: Export | None, now: datetime) -> Sequence[Change]:
    """The copy is there; again, nothing. Raises ExportNotReady while a context is awaited: none is left out."""
    export = existing(state)
    if export.awaited:
        raise ExportNotReady
    if export.status != "waiting":
        return []
    return [Made(export=export.export, at=now, expires_at=now + LASTS, person=export.person)]


def expire(state: Export | None, now: datetime) -> Sequence[Change]:
    """Note that it was deleted, when its time is over; before that, and again, nothing."""
    export = existing(state)
    over = export.status == "ready" and export.expires_at is not None and now >= export.expires_at
    return [Expired(export=export.export, at=now)] if over else []


def fetchable(state: Export | None, person: PersonId, now: datetime) -> Export:
    """The copy, if it is this person's and there. Raises NotFound, ExportNotReady, ExportExpired."""
    export = owned(state, person)
    if export.status == "waiting":
        raise ExportNotReady
    if export.status == "expired" or (export.expires_at is not None and now >= export.expires_at):
        raise ExportExpired
    return export


def owned(state: Export | None, person: PersonId) -> Export:
    """The export, if it is this person's. Raises NotFound."""
    export = existing(state)
    if export.person != person:
        raise NotFound
    return export


def existing(state: Export | None) -> Export:
    """The export. Raises NotFound."""
    if state is None:
        raise NotFound
    return state
