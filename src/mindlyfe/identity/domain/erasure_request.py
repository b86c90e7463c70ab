"""A person's wish to be erased in one organisation: judged by the law and by a privacy officer; a legal hold stops it.

All of it is sealed under the person's key, and goes with it.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from mindlyfe.identity.contract.erasures import Advice, Asking, Hold
from mindlyfe.kernel.errors import DomainError, Forbidden
from mindlyfe.kernel.messages import SYSTEM, Event, Instant, PersonId

NOT_NOW = "Your data cannot be erased now. The clinic keeps it for a legal reason."


class Asked(Event, frozen=True, kw_only=True, tag="erasure-request.asked.v1"):
    """The person wants to be erased; `advice` is what the policy said of it then."""

    person: PersonId
    advice: Advice
    at: Instant


class Withdrawn(Event, frozen=True, kw_only=True, tag="erasure-request.withdrawn.v1"):
    """The person thought better of it."""

    person: PersonId
    at: Instant


class Refused(Event, frozen=True, kw_only=True, tag="erasure-request.refused.v1"):
    """Not now: `reason` is for the person."""

    person: PersonId
    by: PersonId
    reason: str
    possible_on: date | None
    at: Instant


class Granted(Event, frozen=True, kw_only=True, tag="erasure-request.granted.v1"):
    """It will be done; by the policy itself (SYSTEM) where nothing must stay."""

    person: PersonId
    by: PersonId
    reason: str
    at: Instant


class HoldSet(Event, frozen=True, kw_only=True, tag="erasure-request.hold-set.v1"):
    """Nothing may be erased until it is lifted."""

    person: PersonId
    by: PersonId
    reason: str
    at: Instant


class HoldLifted(Event, frozen=True, kw_only=True, tag="erasure-request.hold-lifted.v1"):
    """The hold is over."""

    person: PersonId
    by: PersonId
    reason: str
    at: Instant


type Change = Asked | Withdrawn | Refused | Granted | HoldSet | HoldLifted


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person's wish stands, and whether a hold stops it."""

    person: PersonId
    status: Asking = "none"
    asked_at: Instant | None = None
    reason: str = ""
    possible_on: date | None = None
    hold: Hold | None = None


class ErasureNotAsked(DomainError):
    """There is no request that waits for a decision."""

    code = "erasure-not-asked"
    advice = "Read the case again: it was withdrawn, or decided already."


class ErasureRuns(DomainError):
    """The erasing has begun, and cannot be stopped."""

    code = "erasure-runs"


class LegalHold(DomainError):
    """A legal hold stops the erasure."""

    code = "legal-hold"
    advice = "Lift the hold first, if it is over."


class RetentionForbids(DomainError):
    """The law wants records of this person kept."""

    code = "retention-forbids"
    advice = "Refuse the request; the case tells the reason and the day from which it is possible."


class OwnCase(Forbidden):
    """Nobody decides about themselves."""

    code = "own-case"
    advice = "Ask another privacy officer."


class NotHeld(DomainError):
    """There is no hold on this person."""

    code = "not-held"


def evolve(state: Case | None, change: Change) -> Case:
    """The case after `change`."""
    case = state or Case(person=change.person)
    replace = msgspec.structs.replace
    match change:
        case Asked(at=at):
            return replace(case, status="waiting", asked_at=at, reason="", possible_on=None)
        case Withdrawn():
            return replace(case, status="none", asked_at=None)
        case Refused(reason=reason, possible_on=day):
            return replace(case, status="refused", reason=reason, possible_on=day)
        case Granted(reason=reason):
            return replace(case, status="granted", reason=reason)
        case HoldSet(reason=reason, by=by, at=at):
            return replace(case, hold=Hold(reason=reason, by=by, since=at))
        case HoldLifted():
            return replace(case, hold=None)


def ask(state: Case | None, wish: Asked, *, at_once: bool) -> Sequence[Change]:
    """Ask; while it waits or runs, again, nothing. Granted `at_once` where no record must stay and no hold is set."""
    if state and state.status in {"waiting", "granted"}:
        return []
    if at_once and not wish.advice.must_stay and not (state and state.hold):
        why = "No law wants anything of this account kept."
        return [wish, Granted(person=wish.person, by=SYSTEM, reason=why, at=wish.at)]
    return [wish]


def withdraw(state: Case | None, now: datetime) -> Sequence[Change]:
    """Think better of it. Raises ErasureNotAsked, ErasureRuns."""
    if state and state.status == "granted":
        raise ErasureRuns
    if state is None or state.status != "waiting":
        raise ErasureNotAsked
    return [Withdrawn(person=state.person, at=now)]


def refuse(state: Case | None, *, by: PersonId, reason: str, advice: Advice, now: datetime) -> Sequence[Change]:
    """Say no, why, and from when on it is possible. Raises ErasureNotAsked, OwnCase."""
    case = _waiting(state, by)
    return [Refused(person=case.person, by=by, reason=reason, possible_on=advice.possible_on, at=now)]


def grant(state: Case | None, *, by: PersonId, reason: str, advice: Advice, now: datetime) -> Sequence[Change]:
    """Say yes. Raises ErasureNotAsked, OwnCase, LegalHold, RetentionForbids."""
    case = _waiting(state, by)
    if case.hold:
        raise LegalHold
    if advice.must_stay:
        raise RetentionForbids
    return [Granted(person=case.person, by=by, reason=reason, at=now)]


def hold(state: Case | None, wish: HoldSet) -> Sequence[Change]:
    """Let nothing be erased; a hold that stands stays as it is. Raises ErasureRuns, OwnCase."""
    if wish.by == wish.person:
        raise OwnCase
    if state and state.status == "granted":
        raise ErasureRuns
    return [] if state and state.hold else [wish]


def lift(state: Case | None, *, by: PersonId, reason: str, now: datetime) -> Sequence[Change]:
    """End the hold. Raises NotHeld, OwnCase."""
    if state is None or state.hold is None:
        raise NotHeld
    if by == state.person:
        raise OwnCase
    return [HoldLifted(person=state.person, by=by, reason=reason, at=now)]


def _waiting(state: Case | None, by: PersonId) -> Case:
    if state is None or state.status != "waiting":
        raise ErasureNotAsked
    if by == state.person:
        raise OwnCase
    return state
