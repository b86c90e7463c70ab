"""One task: opened once per cause, perhaps claimed, closed by hand or because its cause ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import SYSTEM, Event, Instant, PersonId, Principal
from mindlyfe.therapy.contract.tasks import NobodysTask, Outcome, TaskClaimed, TaskClosed, TaskKind, TaskRole


class Opened(Event, frozen=True, kw_only=True, tag="task.opened.v1"):
    """Something is to be done."""

    kind: TaskKind
    about: UUID
    patient: PersonId | None
    role: TaskRole | None
    assignee: PersonId | None
    due_at: Instant
    at: Instant


class Claimed(Event, frozen=True, kw_only=True, tag="task.claimed.v1"):
    """Somebody is at it."""

    by: PersonId
    at: Instant


class Closed(Event, frozen=True, kw_only=True, tag="task.closed.v1"):
    """Nothing is to be done any more."""

    by: PersonId
    outcome: Outcome
    words: str
    at: Instant


type Step = Opened | Claimed | Closed


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the steps so far."""

    opened: Opened
    claimed_by: PersonId | None = None
    closed: Closed | None = None

    @property
    def patient(self) -> PersonId | None:
        """Whom it is about."""
        return self.opened.patient


def evolve(state: Task | None, step: Step) -> Task:
    """The task after a step."""
    if isinstance(step, Opened):
        return Task(opened=step)
    assert state is not None
    changed: dict[str, Any] = {"claimed_by": step.by} if isinstance(step, Claimed) else {"closed": step}
    return msgspec.structs.replace(state, **changed)


def open_(state: Task | None, wish: Opened) -> Sequence[Step]:
    """Open it; what was opened once is not opened again. Raises NobodysTask."""
    if wish.role is None and wish.assignee is None:
        raise NobodysTask
    return [wish] if state is None else []


def seen(state: Task | None, who: Principal) -> Task:
    """The task, if it is this person's or their role's. Raises NotFound."""
    if state is None or not (who.id in {state.opened.assignee, state.claimed_by} or state.opened.role in who.roles):
        raise NotFound
    return state


def claim(state: Task, *, by: PersonId, now: datetime) -> Sequence[Step]:
    """Take it on; again, nothing. Raises TaskClosed, TaskClaimed."""
    if state.closed:
        raise TaskClosed
    if state.claimed_by == by:
        return []
    if state.claimed_by is not None:
        raise TaskClaimed
    return [Claimed(by=by, at=now)]


def close(state: Task, *, by: PersonId, outcome: Outcome, words: str, now: datetime) -> Sequence[Step]:
    """Say what came of it; the same again, nothing. Raises TaskClosed."""
    if state.closed:
        if (state.closed.by, state.closed.outcome, state.closed.words) == (by, outcome, words):
            return []
        raise TaskClosed
    return [Closed(by=by, outcome=outcome, words=words, at=now)]


def settle(state: Task | None, *, now: datetime) -> Sequence[Step]:
    """Its cause ended."""
    if state is None or state.closed:
        return []
    return [Closed(by=SYSTEM, outcome="settled", words="", at=now)]
