"""A clinic's words for one kind of message, by one channel, in one language, in versions that stay. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract.templates import WrittenChannel
from mindlyfe.notifications.contract.workflows import WorkflowName


class Words(msgspec.Struct, frozen=True):
    """What is said."""

    subject: str
    body: str


class Written(Event, frozen=True, kw_only=True, tag="template.written.v1"):
    """The next version."""

    message: WorkflowName
    channel: WrittenChannel
    language: str
    words: Words
    by: PersonId
    at: Instant


class Dropped(Event, frozen=True, kw_only=True, tag="template.dropped.v1"):
    """The shipped words are used again."""

    message: WorkflowName
    channel: WrittenChannel
    language: str
    by: PersonId
    at: Instant


type Change = Written | Dropped


class Place(msgspec.Struct, frozen=True):
    """Which words: of a kind of message, by a channel, in a language."""

    message: WorkflowName
    channel: WrittenChannel
    language: str


class Versions(msgspec.Struct, frozen=True):
    """The words in use; None: the shipped ones."""

    used: Words | None


def evolve(_: Versions | None, change: Change) -> Versions:
    """Fold one event."""
    return Versions(change.words if isinstance(change, Written) else None)


def write(state: Versions | None, place: Place, words: Words, *, by: PersonId, at: datetime) -> Sequence[Change]:
    """The next version; the same words, nothing happens. They are known to be sound."""
    if state and state.used == words:
        return []
    at_ = msgspec.structs.asdict(place)
    return [Written(**at_, words=words, by=by, at=at)]


def drop(state: Versions | None, place: Place, *, by: PersonId, at: datetime) -> Sequence[Change]:
    """Back to the shipped words; twice is once."""
    if state is None or state.used is None:
        return []
    return [Dropped(**msgspec.structs.asdict(place), by=by, at=at)]
