"""A merge: two accounts of one patient in a clinic become one, proposed by one person and approved by another.

Sealed under nobody's key, and so only ids, instants and fixed words: it leads from the old id to the one that is left.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.merges import Conflict, MergeStatus, Why
from mindlyfe.identity.domain.merge_refusals import (
    ConflictsOpen,
    MergeDecided,
    MergeLapsed,
    MergeTaken,
    SecondPersonNeeded,
)
from mindlyfe.identity.domain.refusals import NotYourself
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId

LAPSES: Final = timedelta(days=7)
"""So long a proposal waits for a second person; what it was judged by grows old."""
SETTLES: Final = timedelta(seconds=60)
"""After the duplicate's sessions are over: no request that one of them let in is under way any more."""
AGAIN: Final = timedelta(seconds=20)
"""A context that holds something as the duplicate's for so long is told once more."""


class Proposed(Event, frozen=True, kw_only=True, tag="merge.proposed.v1"):
    """`duplicate` is to become `survivor`, in all of `contexts`."""

    merge: UUID
    duplicate: PersonId
    survivor: PersonId
    why: Why
    acknowledged: frozenset[Conflict]
    contexts: tuple[str, ...]
    by: PersonId
    at: Instant


class Declined(Event, frozen=True, kw_only=True, tag="merge.declined.v1"):
    """It will not be."""

    by: PersonId
    at: Instant


class Lapsed(Event, frozen=True, kw_only=True, tag="merge.lapsed.v1"):
    """Nobody decided in time."""

    at: Instant


class Approved(Event, frozen=True, kw_only=True, tag="merge.approved.v1"):
    """A second person agrees. From here on it goes on by itself."""

    by: PersonId
    at: Instant


class Retired(Event, frozen=True, kw_only=True, tag="merge.retired.v1"):
    """The duplicate belongs to the clinic no longer, and is signed out."""

    at: Instant


class Told(Event, frozen=True, kw_only=True, tag="merge.told.v1"):
    """Every context is told; what they said before counts no longer."""

    merge: UUID
    duplicate: PersonId
    survivor: PersonId
    at: Instant


class Confirmed(Event, frozen=True, kw_only=True, tag="merge.confirmed.v1"):
    """A context holds nothing as the duplicate's that should be the survivor's."""

    context: str


class Completed(Event, frozen=True, kw_only=True, tag="merge.completed.v1"):
    """All have looked once more, when nothing could be written for the duplicate any longer."""

    at: Instant


type Change = Proposed | Declined | Lapsed | Approved | Retired | Told | Confirmed | Completed


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is."""

    proposed: Proposed
    status: MergeStatus = "proposed"
    decided_by: PersonId | None = None
    decided_at: Instant | None = None
    retired_at: Instant | None = None
    told_at: Instant | None = None
    confirmed: tuple[str, ...] = ()
    completed_at: Instant | None = None

    @property
    def awaited(self) -> tuple[str, ...]:
        """The contexts that have not confirmed yet."""
        return tuple(one for one in self.proposed.contexts if one not in self.confirmed)

    @property
    def decide_by(self) -> datetime:
        """When it lapses."""
        return self.proposed.at + LAPSES


def evolve(state: Merge | None, change: Change) -> Merge:  # noqa: PLR0911 # one line per event
    """The merge after `change`."""
    if isinstance(change, Proposed):
        return Merge(proposed=change)
    assert state is not None
    replace = msgspec.structs.replace
    match change:
        case Declined(by=by, at=at):
            return replace(state, status="declined", decided_by=by, decided_at=at)
        case Lapsed():
            return replace(state, status="lapsed")
        case Approved(by=by, at=at):
            return replace(state, status="running", decided_by=by, decided_at=at)
        case Retired(at=at):
            return replace(state, retired_at=at)
        case Told(at=at):
            return replace(state, told_at=at, confirmed=())
        case Confirmed(context=context):
            return replace(state, confirmed=(*state.confirmed, context))
        case Completed(at=at):
            return replace(state, status="completed", completed_at=at)


def propose(state: Merge | None, wish: Proposed) -> Sequence[Change]:
    """Begin it; the same again changes nothing, whatever happened since. Raises MergeTaken."""
    if state is None:
        return [wish]
    repeated(state, wish.duplicate, wish.survivor)
    return []


def repeated(state: Merge, duplicate: PersonId, survivor: PersonId) -> None:
    """It is the one that was proposed. Raises MergeTaken."""
    if (state.proposed.duplicate, state.proposed.survivor) != (duplicate, survivor):
        raise MergeTaken


def approve(state: Merge | None, *, by: PersonId, found: frozenset[Conflict], now: datetime) -> Sequence[Change]:
    """Agree, as a second person, to what was acknowledged and no more; again, nothing.

    Raises NotFound, MergeDecided, MergeLapsed, NotYourself, SecondPersonNeeded, ConflictsOpen.
    """
    if state and state.decided_by == by and state.status in {"running", "completed"}:
        return []
    merge = _waiting(state, now)
    if by in {merge.proposed.duplicate, merge.proposed.survivor}:
        raise NotYourself
    if by == merge.proposed.by:
        raise SecondPersonNeeded
    if found - merge.proposed.acknowledged:
        raise ConflictsOpen
    return [Approved(by=by, at=now)]


def decline(state: Merge | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Say no, or think better of it: whoever proposed it may, too. Raises NotFound, MergeDecided, MergeLapsed."""
    if state and state.status == "declined" and state.decided_by == by:
        return []
    _waiting(state, now)
    return [Declined(by=by, at=now)]


def lapse(state: Merge | None, now: datetime) -> Sequence[Change]:
    """End what nobody decided in time; again, and before its time, nothing."""
    return [Lapsed(at=now)] if state and state.status == "proposed" and now >= state.decide_by else []


def retired(state: Merge | None, now: datetime) -> Sequence[Change]:
    """Note that the duplicate is out; again, nothing."""
    return [Retired(at=now)] if state and state.status == "running" and state.retired_at is None else []


def tell(state: Merge | None, now: datetime) -> Sequence[Change]:
    """Tell every context; once more only when one has not followed for a while."""
    if state is None or state.status != "running" or state.retired_at is None:
        return []
    if state.told_at is not None and now - state.told_at < AGAIN:
        return []
    known = state.proposed
    return [Told(merge=known.merge, duplicate=known.duplicate, survivor=known.survivor, at=now)]


def confirm(state: Merge | None, context: str) -> Sequence[Change]:
    """Note that a context has followed; again, nothing."""
    if state is None or state.status != "running" or state.told_at is None or context not in state.awaited:
        return []
    return [Confirmed(context=context)]


def settled(state: Merge, now: datetime) -> bool:
    """Whether nothing can be written for the duplicate any longer."""
    return state.retired_at is not None and now - state.retired_at >= SETTLES


def complete(state: Merge | None, now: datetime) -> Sequence[Change]:
    """Note the end, once all have confirmed and it is settled; again, nothing."""
    if state is None or state.status != "running" or state.told_at is None or state.awaited or not settled(state, now):
        return []
    return [Completed(at=now)]


def existing(state: Merge | None) -> Merge:
    """The merge. Raises NotFound."""
    if state is None:
        raise NotFound
    return state


def _waiting(state: Merge | None, now: datetime) -> Merge:
    merge = existing(state)
    if merge.status == "lapsed" or (merge.status == "proposed" and now >= merge.decide_by):
        raise MergeLapsed
    if merge.status != "proposed":
        raise MergeDecided
    return merge
