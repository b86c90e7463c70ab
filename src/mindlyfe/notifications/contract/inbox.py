"""The inbox in the app: what stands there for somebody, and what they may do with it."""

from collections.abc import Sequence
from typing import Annotated, Literal, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant
from mindlyfe.notifications.contract import Kind

NoticeId = NewType("NoticeId", UUID)

type Mark = Literal["unread", "read", "archived", "snoozed"]
type Shelf = Literal["inbox", "unread", "archived", "snoozed"]
"""A part of somebody's notices. In the inbox is what is neither archived nor snoozed."""


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """One notice, in its reader's language."""

    id: NoticeId
    kind: Kind
    mark: Mark
    """One whose time has come is unread again."""
    title: str
    text: str
    """Empty when what it tells of is there no longer."""
    about: UUID
    """What it tells of: an appointment, an export, a handover, as its kind says."""
    arrived_at: Instant
    snoozed_until: Instant | None
    seen_at: Instant | None
    """When it was first read, or archived."""
    version: int


class InboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a list, and how many are unread in all. `next`, when there is more, is the following `cursor`."""

    items: Sequence[NoticeView]
    next: str | None = None
    unread: int


class NoticeMarked(msgspec.Struct, frozen=True):
    """How a notice stands now."""

    id: NoticeId
    mark: Mark
    version: int


class Snooze(Command, frozen=True):
    """Put it away until a moment, at most a year ahead; then it is unread again."""

    until: Instant


class ReadUpTo(Command, frozen=True):
    """Mark as read what is unread and stood there by a moment: the newest that the reader was shown."""

    up_to: Instant


class ReadMany(msgspec.Struct, frozen=True):
    """How many were marked, and how many are unread now."""

    marked: int
    unread: int


class InboxNews(msgspec.Struct, frozen=True):
    """How many are unread, and which came since the last news (at most a hundred, the newest)."""

    unread: int
    new: Annotated[Sequence[NoticeId], msgspec.Meta(max_length=100)]


class WrongSnooze(DomainError):
    """It cannot be put away until then."""

    status = 422
    code = "wrong-snooze"
    advice = "Name a moment to come, within a year."
