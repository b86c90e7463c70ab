"""Supervision: who answers for another clinician's work, from when to when. The supervisor reads along."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.member import Member
from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.kernel.roles import CLINICIANS


class SupervisionRuns(DomainError):
    """The one supervises the other already, or the id is taken by another supervision."""

    status = 409
    code = "supervision-runs"
    advice = "Use the supervision that runs, or end it first."


class SupervisionEnded(DomainError):
    """The supervision is over."""

    status = 409
    code = "supervision-ended"
    advice = "Start a new one under a new id."


class NotInSupervision(DomainError):
    """One of the two is not a supervisor or not a clinician of this clinic."""

    status = 422
    code = "not-in-supervision"
    advice = "The first must be a supervisor, the second another therapist or supervisor, both members of the clinic."


class Started(Event, frozen=True, tag="supervision.started.v1"):
    """The supervisor answers for the clinician from `since` on."""

    supervision: UUID
    supervisor: PersonId
    clinician: PersonId
    since: Instant


class Ended(Event, frozen=True, tag="supervision.ended.v1"):
    """It ended at `until`."""

    supervision: UUID
    supervisor: PersonId
    clinician: PersonId
    until: Instant
    by: PersonId


type Change = Started | Ended


class Supervision(msgspec.Struct, frozen=True, kw_only=True):
    """One of them; `until` is None while it runs."""

    begun: Started
    until: Instant | None = None


def evolve(state: Supervision | None, change: Change) -> Supervision:
    """It after `change`."""
    match change:
        case Started():
            return Supervision(begun=change)
        case Ended(until=until):
            assert state is not None
            return msgspec.structs.replace(state, until=until)


def start(state: Supervision | None, wish: Started) -> Sequence[Change]:
    """Begin; the same again changes nothing. Raises SupervisionRuns, SupervisionEnded."""
    if state is None:
        return [wish]
    if (state.begun.supervisor, state.begun.clinician) != (wish.supervisor, wish.clinician):
        raise SupervisionRuns
    if state.until is not None:
        raise SupervisionEnded
    return []


def end(state: Supervision | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """End it. Raises NotFound, SupervisionEnded."""
    if state is None:
        raise NotFound
    if state.until is not None:
        raise SupervisionEnded
    begun = state.begun
    return [
        Ended(supervision=begun.supervision, supervisor=begun.supervisor, clinician=begun.clinician, until=now, by=by)
    ]


def able(supervisor: Member | None, clinician: Member | None) -> None:
    """Both belong here, one as a supervisor, the other as a clinician. Raises NotInSupervision."""
    if supervisor is None or clinician is None or supervisor.person == clinician.person:
        raise NotInSupervision
    if "supervisor" not in supervisor.roles or not clinician.roles & CLINICIANS:
        raise NotInSupervision
