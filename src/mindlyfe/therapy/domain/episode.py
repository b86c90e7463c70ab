"""One episode of care: referred, accepted, active, discharged. Treatment, baseline and outcome hang on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract.episodes import (
    AddressedToAnother,
    Ending,
    EpisodeRuns,
    OwnReferral,
    Problem,
    Source,
    Stage,
    WrongStage,
)

RUNNING: Final[frozenset[Stage]] = frozenset({"referred", "accepted", "active"})


class Referred(Event, frozen=True, kw_only=True, tag="episode.referred.v1"):
    """Somebody asks that the patient be treated."""

    patient: PersonId
    by: PersonId
    source: Source
    addressed_to: PersonId | None = None
    problem: Problem | None = None
    reason: str = ""
    at: Instant


class Accepted(Event, frozen=True, kw_only=True, tag="episode.accepted.v1"):
    """A clinician takes the patient on."""

    patient: PersonId
    clinician: PersonId
    at: Instant


class Refused(Event, frozen=True, kw_only=True, tag="episode.refused.v1"):
    """A clinician does not."""

    by: PersonId
    reason: str
    at: Instant


class Withdrawn(Event, frozen=True, kw_only=True, tag="episode.withdrawn.v1"):
    """Nobody asks any more, before anybody decided."""

    by: PersonId
    at: Instant


class Begun(Event, frozen=True, kw_only=True, tag="episode.begun.v1"):
    """Treatment began."""

    by: PersonId
    at: Instant


class Described(Event, frozen=True, kw_only=True, tag="episode.described.v1"):
    """The problem is understood anew."""

    by: PersonId
    problem: Problem


class Discharged(Event, frozen=True, kw_only=True, tag="episode.discharged.v1"):
    """Treatment ended."""

    patient: PersonId
    clinician: PersonId
    by: PersonId
    ending: Ending
    words: str
    at: Instant


class Transferred(Event, frozen=True, kw_only=True, tag="episode.transferred.v1"):
    """At `at`, it became another clinician's: the relationship `care` of the one before had been handed over."""

    clinician: PersonId
    was: PersonId
    care: UUID
    at: Instant


class PatientMerged(Event, frozen=True, kw_only=True, tag="episode.patient-merged.v1"):
    """The patient's account became another one, `patient`, whose episode it is from now on."""

    patient: PersonId
    was: PersonId


type Step = Referred | Accepted | Refused | Withdrawn | Begun | Described | Discharged | Transferred | PatientMerged


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the steps so far."""

    patient: PersonId
    referrer: PersonId
    source: Source
    addressed_to: PersonId | None
    stage: Stage = "referred"
    clinician: PersonId | None = None
    problem: Problem | None = None
    reason: str = ""
    ending: Ending | None = None
    words: str = ""
    referred_at: datetime
    accepted_at: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    passed_on: frozenset[UUID] = frozenset()
    """Relationships of care that were handed over."""

    @property
    def parties(self) -> tuple[PersonId, ...]:
        """Who takes part beside the patient: who treats; before anybody does, who was asked."""
        one = self.clinician or self.addressed_to
        return (one,) if one else ()


def evolve(state: Episode | None, step: Step) -> Episode:
    """The episode after a step."""
    if isinstance(step, Referred):
        return Episode(
            patient=step.patient,
            referrer=step.by,
            source=step.source,
            addressed_to=step.addressed_to,
            problem=step.problem,
            reason=step.reason,
            referred_at=step.at,
        )
    assert state is not None
    if isinstance(step, Transferred):
        return msgspec.structs.replace(state, clinician=step.clinician, passed_on=state.passed_on | {step.care})
    return msgspec.structs.replace(state, **_changed(step))


def _changed(  # noqa: PLR0911 # one line per step
    step: Accepted | Refused | Withdrawn | Begun | Described | Discharged | PatientMerged,
) -> dict[str, object]:
    match step:
        case Accepted(clinician=clinician, at=at):
            return {"stage": "accepted", "clinician": clinician, "accepted_at": at}
        case Refused(reason=reason, at=at):
            return {"stage": "refused", "words": reason, "ended_at": at}
        case Withdrawn(at=at):
            return {"stage": "withdrawn", "ended_at": at}
        case Begun(at=at):
            return {"stage": "active", "began_at": at}
        case Described(problem=problem):
            return {"problem": problem}
        case PatientMerged(patient=patient):
            return {"patient": patient}
        case Discharged(ending=ending, words=words, at=at):
            return {"stage": "discharged", "ending": ending, "words": words, "ended_at": at}


def refer(state: Episode | None, wish: Referred) -> Sequence[Step]:
    """Begin with a referral; the same again changes nothing. Raises EpisodeRuns."""
    if state is None:
        return [wish]
    if (state.patient, state.referrer, state.addressed_to) != (wish.patient, wish.by, wish.addressed_to):
        raise EpisodeRuns
    return []


def accept(state: Episode, *, by: PersonId, now: datetime) -> Sequence[Step]:
    """Take the patient on. Raises WrongStage, AddressedToAnother, OwnReferral."""
    if state.stage == "accepted" and state.clinician == by:
        return []
    _decidable(state, by)
    if state.referrer == by:
        raise OwnReferral
    return [Accepted(patient=state.patient, clinician=by, at=now)]


def refuse(state: Episode, *, by: PersonId, reason: str, now: datetime) -> Sequence[Step]:
    """Do not take the patient on. Raises WrongStage, AddressedToAnother."""
    _decidable(state, by)
    return [Refused(by=by, reason=reason, at=now)]


def withdraw(state: Episode, *, by: PersonId, now: datetime) -> Sequence[Step]:
    """Take the referral back; again, nothing. Raises WrongStage when somebody decided."""
    if state.stage == "withdrawn":
        return []
    if state.stage != "referred":
        raise WrongStage
    return [Withdrawn(by=by, at=now)]


def begin(state: Episode, *, by: PersonId, now: datetime) -> Sequence[Step]:
    """Treatment begins. Raises WrongStage."""
    if state.stage == "active":
        return []
    if state.stage != "accepted":
        raise WrongStage
    return [Begun(by=by, at=now)]


def describe(state: Episode, *, by: PersonId, problem: Problem) -> Sequence[Step]:
    """Put the problem in other words. Raises WrongStage when the episode has ended."""
    if state.stage not in RUNNING:
        raise WrongStage
    return [] if state.problem == problem else [Described(by=by, problem=problem)]


def discharge(state: Episode, *, by: PersonId, ending: Ending, words: str, now: datetime) -> Sequence[Step]:
    """End treatment. Raises WrongStage."""
    if state.stage not in {"accepted", "active"} or state.clinician is None:
        raise WrongStage
    whose = {"patient": state.patient, "clinician": state.clinician}
    return [Discharged(**whose, by=by, ending=ending, words=words, at=now)]


def _decidable(state: Episode, by: PersonId) -> None:
    if state.stage != "referred":
        raise WrongStage
    if state.addressed_to not in {None, by}:
        raise AddressedToAnother
