"""One notice: a message that stands in its reader's inbox in the app. Pure; what it says is never kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract import DeliveryId, Kind
from mindlyfe.notifications.contract.inbox import Mark, NoticeId, WrongSnooze

LONGEST_SNOOZE: Final = timedelta(days=366)


class Arrived(Event, frozen=True, kw_only=True, tag="notice.arrived.v1"):
    """It stands in the inbox, unread."""

    delivery: DeliveryId
    kind: Kind
    recipient: PersonId
    about: UUID
    happened_at: Instant | None = None
    at: Instant


class Read(Event, frozen=True, kw_only=True, tag="notice.read.v1"):
    """Its reader has read it."""

    at: Instant


class MarkedUnread(Event, frozen=True, kw_only=True, tag="notice.marked-unread.v1"):
    """Its reader wants to be reminded that it is there."""

    at: Instant


class Archived(Event, frozen=True, kw_only=True, tag="notice.archived.v1"):
    """Its reader is done with it."""

    at: Instant


class Snoozed(Event, frozen=True, kw_only=True, tag="notice.snoozed.v1"):
    """Its reader put it away until a moment."""

    until: Instant
    at: Instant


class Readdressed(Event, frozen=True, kw_only=True, tag="notice.readdressed.v1"):
    """Its reader's account became another one."""

    recipient: PersonId
    was: PersonId


type Step = Arrived | Read | MarkedUnread | Archived | Snoozed | Readdressed


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Where a notice stands. `mark` is what its reader last did; what it counts as, `standing` says."""

    recipient: PersonId
    mark: Mark = "unread"
    until: Instant | None = None


def notice_of(delivery: DeliveryId) -> NoticeId:
    """The notice that a delivery makes: one, however often it is handed over."""
    return NoticeId(derived("notice", delivery))


def evolve(state: Notice | None, step: Step) -> Notice:
    """Fold one event."""
    if isinstance(step, Arrived):
        return Notice(recipient=step.recipient)
    assert state is not None
    match step:
        case Read():
            return msgspec.structs.replace(state, mark="read", until=None)
        case MarkedUnread():
            return msgspec.structs.replace(state, mark="unread", until=None)
        case Archived():
            return msgspec.structs.replace(state, mark="archived", until=None)
        case Snoozed(until=until):
            return msgspec.structs.replace(state, mark="snoozed", until=until)
        case Readdressed(recipient=recipient):
            return msgspec.structs.replace(state, recipient=recipient)


def standing(notice: Notice, now: datetime) -> Mark:
    """What it counts as: one whose time has come is unread again."""
    return "unread" if notice.until is not None and notice.until <= now else notice.mark


def arrive(state: Notice | None, wish: Arrived) -> Sequence[Step]:
    """Stand in the inbox; again, nothing."""
    return [] if state is not None else [wish]


def read(notice: Notice, now: datetime) -> Sequence[Step]:
    """It was read; again, nothing."""
    return [] if standing(notice, now) == "read" else [Read(at=now)]


def read_if_unread(state: Notice | None, by: PersonId, now: datetime) -> Sequence[Step]:
    """One of many: what was put away meanwhile, or is theirs no longer, stays as it is."""
    if state is None or state.recipient != by or standing(state, now) != "unread":
        return []
    return [Read(at=now)]


def mark_unread(notice: Notice, now: datetime) -> Sequence[Step]:
    """As if it had just come; again, nothing."""
    return [] if standing(notice, now) == "unread" else [MarkedUnread(at=now)]


def archive(notice: Notice, now: datetime) -> Sequence[Step]:
    """Put it away for good; again, nothing."""
    return [] if standing(notice, now) == "archived" else [Archived(at=now)]


def snooze(notice: Notice, now: datetime, *, until: datetime) -> Sequence[Step]:
    """Put it away until then; again, nothing. Raises WrongSnooze."""
    if not now < until <= now + LONGEST_SNOOZE:
        raise WrongSnooze
    return [] if (notice.mark, notice.until) == ("snoozed", until) else [Snoozed(until=until, at=now)]


def own(state: Notice | None, by: PersonId) -> Notice:
    """The notice, if it is theirs. Raises NotFound."""
    if state is None or state.recipient != by:
        raise NotFound
    return state


def follow_merge(state: Notice | None, *, duplicate: PersonId, survivor: PersonId) -> Sequence[Step]:
    """What was said to the duplicate is the survivor's to read."""
    if state is None or state.recipient != duplicate:
        return []
    return [Readdressed(recipient=survivor, was=duplicate)]
