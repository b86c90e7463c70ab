"""A care relationship: who treats whom, from when to when. Others grant clinical access by it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.member import Member
from mindlyfe.identity.domain.refusals import CareBackdated, CareEnded, CareRuns, NotInCare
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId, Role
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK


class Started(Event, frozen=True, tag="care.started.v1"):
    """The clinician treats the patient from `since` on, until `until` if that was agreed. `care` is the caller's id."""

    care: UUID
    patient: PersonId
    clinician: PersonId
    since: Instant
    until: Instant | None = None


class Ended(Event, frozen=True, tag="care.ended.v1"):
    """The treatment ended at `until`.

    `passed_to` is the colleague who goes on, if any: under `goes_on_as`, unless they treated before.
    """

    care: UUID
    patient: PersonId
    clinician: PersonId
    until: Instant
    by: PersonId
    passed_to: PersonId | None = None
    goes_on_as: UUID | None = None


type Change = Started | Ended


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """One relationship; `until` is None while nobody knows its end."""

    care: UUID
    patient: PersonId
    clinician: PersonId
    since: Instant
    until: Instant | None = None
    goes_on_as: UUID | None = None
    """The relationship of a colleague that took over."""


def evolve(state: Care | None, change: Change) -> Care:
    """The relationship after `change`."""
    match change:
        case Started(care=care, patient=patient, clinician=clinician, since=since, until=until):
            return Care(care=care, patient=patient, clinician=clinician, since=since, until=until)
        case Ended(until=until, goes_on_as=next_):
            assert state is not None
            return msgspec.structs.replace(state, until=until, goes_on_as=next_ or state.goes_on_as)


def start(state: Care | None, wish: Started, now: datetime) -> Sequence[Change]:
    """Begin; the same again changes nothing. Raises CareEnded, CareRuns, CareBackdated."""
    if state is None:
        if wish.since < now or (wish.until is not None and wish.until <= wish.since):
            raise CareBackdated
        return [wish]
    if (state.patient, state.clinician) != (wish.patient, wish.clinician):
        raise CareRuns
    if state.until is not None and state.until <= now:
        raise CareEnded
    return []


def end(state: Care | None, *, by: PersonId, roles: frozenset[Role], now: datetime) -> Sequence[Change]:
    """End it: who arranges care may, and the clinician; for others it does not exist. Raises NotFound, CareEnded."""
    if state is None or not (roles & FRONT_DESK or by == state.clinician):
        raise NotFound
    if state.until is not None and state.until <= now:
        raise CareEnded
    until = max(now, state.since)  # what has not begun never will
    return [Ended(care=state.care, patient=state.patient, clinician=state.clinician, until=until, by=by)]


def cease(state: Care | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """End it because something else ended; an ended one stays so."""
    if state is None or (state.until is not None and state.until <= now):
        return []
    until = max(now, state.since)
    return [Ended(care=state.care, patient=state.patient, clinician=state.clinician, until=until, by=by)]


def pass_on(
    state: Care | None, *, by: PersonId, at: datetime, to: PersonId | None = None, new: UUID | None = None
) -> Sequence[Change]:
    """End it at an instant, which may lie ahead, because others go on; what is over by then stays so.

    `to` is the colleague who does, `new` the relationship that goes on with it.
    """
    if state is None or (state.until is not None and state.until <= max(at, state.since)):
        return []
    return [
        Ended(
            care=state.care,
            patient=state.patient,
            clinician=state.clinician,
            until=max(at, state.since),
            by=by,
            passed_to=to,
            goes_on_as=new,
        )
    ]


def take_over(state: Care | None, wish: Started) -> Sequence[Change]:
    """Begin where a colleague ended, under an id of the handover: a repeat changes nothing, however late."""
    return [wish] if state is None else []


def able(patient: Member | None, clinician: Member | None) -> None:
    """Both belong here, one as a patient, the other as a clinician. Raises NotInCare."""
    if patient is None or clinician is None or patient.person == clinician.person:
        raise NotInCare
    if patient.standing != "active" or clinician.standing != "active":
        raise NotInCare
    if "patient" not in patient.roles or not clinician.roles & CLINICIANS:
        raise NotInCare
