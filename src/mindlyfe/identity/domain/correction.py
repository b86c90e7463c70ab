"""A correction that a person asks for: accepted or declined by staff, with a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.corrections import CorrectionStatus
from mindlyfe.kernel.errors import DomainError, Forbidden, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId


class Asked(Event, frozen=True, kw_only=True, tag="correction.asked.v1"):
    """The person finds something wrong."""

    correction: UUID
    person: PersonId
    what: str
    words: str
    at: Instant


class Decided(Event, frozen=True, kw_only=True, tag="correction.decided.v1"):
    """Staff answered."""

    correction: UUID
    status: Literal["accepted", "declined"]
    reason: str
    by: PersonId
    at: Instant
    person: PersonId | None = None


type Change = Asked | Decided


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    correction: UUID
    person: PersonId
    what: str
    words: str
    asked_at: Instant
    status: CorrectionStatus = "waiting"
    reason: str = ""
    decided_at: Instant | None = None


class CorrectionDecided(DomainError):
    """It was decided already."""

    code = "correction-decided"
    advice = "Read it again; the person may ask for another one."


class OwnCorrection(Forbidden):
    """Nobody decides about their own record."""

    code = "own-correction"
    advice = "Ask a colleague."


def evolve(state: Correction | None, change: Change) -> Correction:
    """The correction after `change`."""
    match change:
        case Asked(correction=correction, person=person, what=what, words=words, at=at):
            return Correction(correction=correction, person=person, what=what, words=words, asked_at=at)
        case Decided(status=status, reason=reason, at=at):
            return msgspec.structs.replace(existing(state), status=status, reason=reason, decided_at=at)


def ask(state: Correction | None, wish: Asked) -> Sequence[Change]:
    """Ask, once."""
    return [] if state else [wish]


def decide(
    state: Correction | None,
    status: Literal["accepted", "declined"],
    *,
    by: PersonId,
    reason: str,
    now: datetime,
) -> Sequence[Change]:
    """Answer. Raises NotFound, OwnCorrection, CorrectionDecided."""
    correction = existing(state)
    if by == correction.person:
        raise OwnCorrection
    if correction.status != "waiting":
        raise CorrectionDecided
    who = correction.person
    return [Decided(correction=correction.correction, status=status, reason=reason, by=by, at=now, person=who)]


def existing(state: Correction | None) -> Correction:
    """The correction. Raises NotFound."""
    if state is None:
        raise NotFound
    return state
