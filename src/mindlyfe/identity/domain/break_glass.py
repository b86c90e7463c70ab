"""A broken glass: a clinician opens the record of somebody they do not treat, for two hours, and answers for it.

The privacy officer learns of it at once and judges it within 72 hours; whoever broke the glass never does so.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from mindlyfe.identity.domain.member import Member
from mindlyfe.kernel.errors import DomainError, Forbidden, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId, Role
from mindlyfe.kernel.roles import PRIVACY

LASTS: Final = timedelta(hours=2)
REVIEWED_WITHIN: Final = timedelta(hours=72)

type Outcome = Literal["justified", "not-justified"]
type Notice = Literal["send", "withhold"]


class GlassBroken(DomainError):
    """The caller has opened this record already."""

    status = 409
    code = "glass-broken"
    advice = "Use what is open; end it when you are done."


class GlassClosed(DomainError):
    """It is over: two hours have passed, or somebody ended it."""

    status = 409
    code = "glass-closed"
    advice = "Break the glass once more if you must."


class OwnGlass(Forbidden):
    """Nobody breaks the glass before their own record, or judges what they did themselves."""

    code = "own-glass"
    advice = "Another privacy officer of the clinic must review it."


class AlreadyReviewed(DomainError):
    """It was reviewed before."""

    status = 409
    code = "already-reviewed"


class NoticeUnexplained(DomainError):
    """A notice is withheld from the patient for a reason only."""

    status = 422
    code = "notice-unexplained"
    advice = "Say why telling the patient would do harm, or send the notice."


class Opened(Event, frozen=True, tag="break-glass.opened.v1"):
    """The record of `patient` is open to `clinician` until `until`, because of `reason`."""

    patient: PersonId
    clinician: PersonId
    reason: str
    at: Instant
    until: Instant


class Ended(Event, frozen=True, tag="break-glass.ended.v1"):
    """It is over before its time."""

    patient: PersonId
    clinician: PersonId
    by: PersonId
    at: Instant


class Reviewed(Event, frozen=True, tag="break-glass.reviewed.v1"):
    """What the privacy officer thinks of it, and whether the patient is told."""

    patient: PersonId
    by: PersonId
    outcome: Outcome
    words: str
    notice: Notice
    withheld_because: str
    at: Instant


type Change = Opened | Ended | Reviewed


class Glass(msgspec.Struct, frozen=True, kw_only=True):
    """One use of it."""

    patient: PersonId
    clinician: PersonId
    reason: str
    opened_at: Instant
    until: Instant
    review: Reviewed | None = None


def evolve(state: Glass | None, change: Change) -> Glass:
    """How it stands after `change`."""
    match change:
        case Opened(patient=patient, clinician=clinician, reason=reason, at=at, until=until):
            return Glass(patient=patient, clinician=clinician, reason=reason, opened_at=at, until=until)
        case Ended(at=at):
            return msgspec.structs.replace(existing(state), until=at)
        case Reviewed():
            return msgspec.structs.replace(existing(state), review=change)


def break_(state: Glass | None, wish: Opened) -> Sequence[Change]:
    """Open the record, once."""
    return [wish] if state is None else []


def end(state: Glass | None, *, by: PersonId, roles: frozenset[Role], now: datetime) -> Sequence[Change]:
    """Close it early: who broke it, or a privacy officer. Raises NotFound, GlassClosed."""
    glass = visible(state, by, roles)
    if now >= glass.until:
        raise GlassClosed
    return [Ended(patient=glass.patient, clinician=glass.clinician, by=by, at=now)]


def review(state: Glass | None, *, wish: Reviewed) -> Sequence[Change]:
    """Judge it, once; what was not justified ends. Raises NotFound, OwnGlass, AlreadyReviewed, NoticeUnexplained."""
    glass = existing(state)
    if wish.by in (glass.clinician, glass.patient):
        raise OwnGlass
    if glass.review is not None:
        raise AlreadyReviewed
    if wish.notice == "withhold" and not wish.withheld_because.strip():
        raise NoticeUnexplained
    verdict = msgspec.structs.replace(wish, patient=glass.patient)
    if wish.outcome == "justified" or wish.at >= glass.until:
        return [verdict]
    return [verdict, Ended(patient=glass.patient, clinician=glass.clinician, by=wish.by, at=wish.at)]


def visible(state: Glass | None, person: PersonId, roles: frozenset[Role]) -> Glass:
    """As who broke it and the privacy officers see it. Raises NotFound."""
    glass = existing(state)
    if person != glass.clinician and not roles & PRIVACY:
        raise NotFound
    return glass


def may_break(patient: Member | None, clinician: PersonId) -> Member:
    """The patient: there is such a patient here, and it is somebody else. Raises NotFound, OwnGlass."""
    if patient is None or "patient" not in patient.roles:
        raise NotFound
    if patient.person == clinician:
        raise OwnGlass
    return patient


def existing(state: Glass | None) -> Glass:
    """It. Raises NotFound."""
    if state is None:
        raise NotFound
    return state
