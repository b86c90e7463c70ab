"""One escalation: who is on duty is called, one after the other, until somebody answers and says what came of it. Pure.

Two timers run: for an answer, and then for an outcome. Whatever is not done in time calls the next.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.notifications.contract.escalations import EscalationClosed, EscalationStatus, NotOnLadder, Outcome


class Opened(Event, frozen=True, kw_only=True, tag="escalation.opened.v1"):
    """Somebody on duty must look after somebody."""

    cause: UUID
    subject: PersonId
    by: PersonId
    minutes: int
    outcome_minutes: int
    again_minutes: int
    at: Instant


class Called(Event, frozen=True, kw_only=True, tag="escalation.called.v1"):
    """Somebody was told; if nobody answers until then, the next is."""

    person: PersonId
    round: int
    until: Instant


class Exhausted(Event, frozen=True, kw_only=True, tag="escalation.exhausted.v1"):
    """Everybody on duty was called, and nobody answered. They are called again then."""

    again_at: Instant


class Acknowledged(Event, frozen=True, kw_only=True, tag="escalation.acknowledged.v1"):
    """Somebody looks after it; if there is no outcome until then, the next is called."""

    by: PersonId
    until: Instant


class Resumed(Event, frozen=True, kw_only=True, tag="escalation.resumed.v1"):
    """Who answered recorded no outcome in time."""

    at: Instant


class Closed(Event, frozen=True, kw_only=True, tag="escalation.closed.v1"):
    """What came of it."""

    outcome: Outcome
    by: PersonId
    at: Instant


type Change = Opened | Called | Exhausted | Acknowledged | Resumed | Closed


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """Where it stands; something is done at `due_at`, unless it is closed."""

    opened: Opened
    status: EscalationStatus = "calling"
    round: int = 1
    called: tuple[PersonId, ...] = ()
    """In this round."""
    ever_called: frozenset[PersonId] = frozenset()
    acknowledged_by: PersonId | None = None
    resting: bool = False
    """Whether all were called in vain, and none is until `due_at`."""
    due_at: datetime | None

    @property
    def subject(self) -> PersonId:
        """Whom it is about."""
        return self.opened.subject


def evolve(state: Escalation | None, change: Change) -> Escalation:
    """Fold one event."""
    if isinstance(change, Opened):
        return Escalation(opened=change, due_at=change.at)
    e = known(state)
    match change:
        case Called(person=person, round=number, until=until):
            called = (*e.called, person) if number == e.round else (person,)
            now = {
                "round": number,
                "called": called,
                "ever_called": e.ever_called | {person},
                "due_at": until,
                "resting": False,
            }
        case Exhausted(again_at=again_at):
            now = {"status": "exhausted", "due_at": again_at, "resting": True}
        case Acknowledged(by=by, until=until):
            now = {"status": "acknowledged", "acknowledged_by": by, "due_at": until}
        case Resumed(at=at):
            now = {"status": "calling", "acknowledged_by": None, "due_at": at, "resting": False}
        case Closed():
            now = {"status": "closed", "due_at": None}
    return msgspec.structs.replace(e, **now)


def open_(state: Escalation | None, wish: Opened) -> Sequence[Change]:
    """Open it; one per cause."""
    return [wish] if state is None else []


def call(state: Escalation | None, ladder: Sequence[PersonId], now: datetime) -> Sequence[Change]:
    """What is done when it is due: the next of the `ladder` is called, or it is said loudly that there is nobody.

    Once everybody was called in vain, it stays exhausted while they are called again.
    """
    e = known(state)
    if e.due_at is None or e.due_at > now:
        return []
    resumed: list[Change] = [Resumed(at=now)] if e.status == "acknowledged" else []
    number, called = (e.round + 1, ()) if e.resting else (e.round, e.called)
    following = next((person for person in ladder if person not in called), None)
    if following is None:
        return [*resumed, Exhausted(again_at=now + timedelta(minutes=e.opened.again_minutes))]
    return [*resumed, Called(person=following, round=number, until=now + timedelta(minutes=e.opened.minutes))]


def go_on(state: Escalation | None, found: Escalation, changes: Sequence[Change]) -> Sequence[Change]:
    """Record who was called, unless something was done since it was `found`."""
    return changes if state == found else []


def acknowledge(
    state: Escalation | None, *, by: PersonId, ladder: Sequence[PersonId], sees: bool, now: datetime
) -> Sequence[Change]:
    """Look after it. Who does already changes nothing. Raises NotOnLadder, EscalationClosed, NotFound."""
    e = known(state)
    _refuse_stranger(e, by, ladder, sees=sees)
    if e.status == "closed":
        raise EscalationClosed
    if e.status == "acknowledged":
        return []
    return [Acknowledged(by=by, until=now + timedelta(minutes=e.opened.outcome_minutes))]


def close(
    state: Escalation | None, *, outcome: Outcome, by: PersonId, ladder: Sequence[PersonId], sees: bool, now: datetime
) -> Sequence[Change]:
    """Record what came of it; the same again changes nothing. Raises NotOnLadder, EscalationClosed, NotFound."""
    e = known(state)
    _refuse_stranger(e, by, ladder, sees=sees)
    if e.status == "closed":
        raise EscalationClosed
    return [Closed(outcome=outcome, by=by, at=now)]


def known(state: Escalation | None) -> Escalation:
    """The escalation, or NotFound."""
    if state is None:
        raise NotFound
    return state


def _refuse_stranger(e: Escalation, by: PersonId, ladder: Sequence[PersonId], *, sees: bool) -> None:
    """Raises NotOnLadder for who `sees` it or opened it, else NotFound."""
    if by not in e.ever_called and by not in ladder:
        raise NotOnLadder if sees or by == e.opened.by else NotFound
