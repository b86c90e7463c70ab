"""One run: a workflow carried out for one recipient about one thing, a step at a time. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract import Channel
from mindlyfe.notifications.contract.workflows import Source, WorkflowName

type RunStatus = Literal["running", "done", "withdrawn"]


class Began(Event, frozen=True, kw_only=True, tag="run.began.v1"):
    """It begins, or begins anew as the next round: what it is about moved, or was there again."""

    workflow: WorkflowName
    edition: str
    recipient: PersonId
    about: UUID
    moment: Instant | None = None
    """When what it is about takes place."""
    source: Source
    collects: bool = False
    """What comes meanwhile joins it."""
    at: Instant


class Collected(Event, frozen=True, kw_only=True, tag="run.collected.v1"):
    """Something more for its recipient; for the next round, if this one is past collecting."""

    source: Source
    at: Instant


class Waits(Event, frozen=True, kw_only=True, tag="run.waits.v1"):
    """It goes on at step number `then`, at `until`."""

    then: int
    until: Instant


class Asked(Event, frozen=True, kw_only=True, tag="run.asked.v1"):
    """A step asked for a delivery by each of these channels."""

    step: str
    channels: tuple[Channel, ...]
    then: int


class LeftOut(Event, frozen=True, kw_only=True, tag="run.left-out.v1"):
    """A step did nothing: `why`."""

    step: str
    why: str
    then: int


class Ended(Event, frozen=True, kw_only=True, tag="run.ended.v1"):
    """There is no step left, or one ended it."""

    why: str = ""
    at: Instant


class Again(Event, frozen=True, kw_only=True, tag="run.again.v1"):
    """The next round begins with what came since this one was past collecting."""

    at: Instant


class Withdrawn(Event, frozen=True, kw_only=True, tag="run.withdrawn.v1"):
    """What it was about will not take place. May be heard before it began."""

    workflow: WorkflowName
    recipient: PersonId
    about: UUID
    source: Source
    at: Instant


class Readdressed(Event, frozen=True, kw_only=True, tag="run.readdressed.v1"):
    """Its recipient's account became another one."""

    recipient: PersonId
    was: PersonId


type Change = Began | Collected | Waits | Asked | LeftOut | Ended | Again | Withdrawn | Readdressed


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run stands: it goes on at step number `place`, at `due_at`; None: it does not."""

    workflow: WorkflowName
    recipient: PersonId
    about: UUID
    source: Source
    edition: str = ""
    moment: Instant | None = None
    round: int = 0
    collects: bool = False
    items: int = 0
    """How many things this round is about."""
    later: int = 0
    """How many came for the next one."""
    place: int = 0
    due_at: Instant | None = None
    status: RunStatus = "running"
    outcomes: Mapping[str, tuple[Channel, ...]] = {}
    """What steps of this round asked for; nothing, when they were left out."""


def evolve(state: Run | None, change: Change) -> Run:  # noqa: PLR0911 # one line per event
    """Fold one event."""
    match change:
        case Began():
            return _round(state, change)
        case Withdrawn(workflow=name, recipient=recipient, about=about, source=source):
            run = state or Run(workflow=name, recipient=recipient, about=about, source=source)
            return msgspec.structs.replace(run, source=source, status="withdrawn", due_at=None)
        case Collected(source=source):
            run = begun(state)
            more = {"items": run.items + 1} if run.place <= 1 else {"later": run.later + 1}
            return msgspec.structs.replace(run, source=source, **more)
        case Waits(then=then, until=until):
            return msgspec.structs.replace(begun(state), place=then, due_at=until)
        case Asked(step=step, channels=channels, then=then):
            return _did(begun(state), step, channels, then)
        case LeftOut(step=step, then=then):
            return _did(begun(state), step, (), then)
        case Ended():
            return msgspec.structs.replace(begun(state), status="done", due_at=None)
        case Again(at=at):
            return _again(begun(state), at)
        case Readdressed(recipient=recipient):
            return msgspec.structs.replace(begun(state), recipient=recipient)


def begin(state: Run | None, wish: Began) -> Sequence[Change]:
    """Begin it; anew when what it is about has moved or is on again. What was overtaken by newer news does nothing.

    What collects takes everything, in whatever order it is heard; who hears it hears each once.
    """
    if state is None:
        return [wish]
    if state.collects:
        return [Collected(source=wish.source, at=wish.at)] if state.status == "running" else [wish]
    return [wish] if newer(wish.source, state.source) else []


def withdraw(state: Run | None, wish: Withdrawn) -> Sequence[Change]:
    """Do no more of it, though it may never have begun; older news than what is known does nothing."""
    return [wish] if state is None or newer(wish.source, state.source) else []


def go_on(state: Run | None, found: Run, changes: Sequence[Change]) -> Sequence[Change]:
    """Record what the next steps did, unless the run has gone on by itself since it was `found`."""
    same = state is not None and (state.round, state.place, state.status) == (found.round, found.place, found.status)
    if state is None or not same:
        return []
    match changes:
        case [*_, Ended(at=at)] if state.later:
            return [*changes, Again(at=at)]
        case _:
            return changes


def follow_merge(state: Run | None, *, duplicate: PersonId, survivor: PersonId) -> Sequence[Change]:
    """What still runs for the duplicate goes on for the survivor."""
    run = begun(state)
    if run.recipient != duplicate or run.status != "running":
        return []
    return [Readdressed(recipient=survivor, was=duplicate)]


def newer(one: Source, other: Source) -> bool:
    """Whether `one` was said after `other`: by the order of their stream, or else by the time."""
    return one.version > other.version if one.stream == other.stream else one.at > other.at


def begun(state: Run | None) -> Run:
    """The run; there is one."""
    assert state is not None
    return state


def _round(state: Run | None, began: Began) -> Run:
    return Run(
        workflow=began.workflow,
        edition=began.edition,
        recipient=began.recipient,
        about=began.about,
        moment=began.moment,
        source=began.source,
        collects=began.collects,
        round=state.round + 1 if state else 1,
        items=1,
        due_at=began.at,
    )


def _did(run: Run, step: str, channels: tuple[Channel, ...], then: int) -> Run:
    return msgspec.structs.replace(run, place=then, outcomes={**run.outcomes, step: channels})


def _again(run: Run, at: datetime) -> Run:
    return msgspec.structs.replace(
        run, status="running", round=run.round + 1, items=run.later, later=0, place=0, outcomes={}, due_at=at
    )
