"""Erasure: a person's wish, the clinic's answer, and how far the erasing is. Public events carry ids only."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from mindlyfe.kernel.messages import Command, Event, Instant, PersonId
from mindlyfe.kernel.retained import Class

Reason = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=1_000,
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
        examples=["Records of treatment are kept for 20 years."],
    ),
]
type Asking = Literal["none", "waiting", "refused", "granted"]


class Stays(msgspec.Struct, frozen=True, kw_only=True):
    """Records that the law keeps: where, how many, until when, and by which rule."""

    context: str
    records: Class
    count: int
    latest: Instant
    until: date
    because: str


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What the retention policy says of erasing a person now."""

    jurisdiction: str
    must_stay: list[Stays]
    may_go: list[str]
    """Contexts with nothing that must stay."""
    possible_on: date | None
    """When nothing must stay any more; null: today."""
    made_at: Instant


class ErasureRequestView(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's own wish to be erased, and what became of it."""

    status: Asking
    asked_at: Instant | None
    reason: str
    """Why it was refused, or cannot be done now."""
    possible_on: date | None
    """When it can be asked for again with success."""
    version: int


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A legal hold."""

    reason: str
    by: PersonId
    since: Instant


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the erasing is."""

    ordered_at: Instant
    contexts_confirmed: list[str]
    contexts_awaited: list[str]
    keys_destroyed_at: Instant | None
    completed_at: Instant | None


class ErasureCase(msgspec.Struct, frozen=True, kw_only=True):
    """A person's erasure as the privacy officer sees it."""

    person: PersonId
    status: Asking
    asked_at: Instant | None
    advice: Advice | None
    """As it stands now; null once the erasing has begun."""
    hold: Hold | None
    reason: str
    progress: Progress | None
    version: int


class ErasureListed(msgspec.Struct, frozen=True, kw_only=True):
    """One of the clinic's cases."""

    person: PersonId
    status: Literal["none", "waiting", "refused", "granted", "erasing", "erased"]
    held: bool
    at: Instant


class DecideErasure(Command, frozen=True):
    """Grant it or refuse it; the person reads the reason."""

    decision: Literal["grant", "refuse"]
    reason: Reason


class SetHold(Command, frozen=True):
    """Why nothing of this person may be erased now. They never read it."""

    reason: Reason


class LiftHold(Command, frozen=True):
    """Why the hold is over."""

    reason: Reason


class ErasureRefusedV1(Event, frozen=True, tag="identity.erasure-refused.v1"):
    """Not now: `by_law` until a day that the law names, else for a reason of the clinic."""

    person: PersonId
    by_law: bool


class ErasureOrderedV1(Event, frozen=True, tag="identity.erasure-ordered.v1"):
    """The person is being erased in this organisation: forget them."""

    person: PersonId


class ErasureCompletedV1(Event, frozen=True, tag="identity.erasure-completed.v1"):
    """Nothing of the person can be read any more in this organisation."""

    person: PersonId
