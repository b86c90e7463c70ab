"""One treatment plan of an episode: versions that stay, what the patient agreed to, progress, reviews."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract.episodes import Problem
from mindlyfe.therapy.contract.plans import (
    Goal,
    GoalTwice,
    Measure,
    PlanRevised,
    Progress,
    ReviewInThePast,
    RevisePlan,
    UnknownGoal,
)


class Revised(Event, frozen=True, kw_only=True, tag="plan.revised.v1"):
    """A clinician wrote the whole plan anew."""

    episode: UUID
    patient: PersonId
    by: PersonId
    number: int
    problems: tuple[Problem, ...]
    goals: tuple[Goal, ...]
    interventions: tuple[str, ...]
    measures: tuple[Measure, ...]
    next_review: date
    remarks: str
    at: Instant


class ProgressNoted(Event, frozen=True, kw_only=True, tag="plan.progress-noted.v1"):
    """A goal is so far."""

    goal: UUID
    progress: Progress
    by: PersonId
    at: Instant


class Agreed(Event, frozen=True, kw_only=True, tag="plan.agreed.v1"):
    """The patient agrees to a version; `by` them, or the clinician whom they told."""

    number: int
    by: PersonId
    at: Instant


class Reviewed(Event, frozen=True, kw_only=True, tag="plan.reviewed.v1"):
    """It was looked at, and stands."""

    next_review: date
    remarks: str
    by: PersonId
    at: Instant


class PatientMerged(Event, frozen=True, kw_only=True, tag="plan.patient-merged.v1"):
    """The patient's account became another one, `patient`, whose plan it is from now on."""

    patient: PersonId
    was: PersonId


type Step = Revised | ProgressNoted | Agreed | Reviewed | PatientMerged


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What was written at once, and what became of it."""

    text: Revised
    goals: tuple[Goal, ...]
    """With their progress since."""
    agreed_at: datetime | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the steps so far."""

    episode: UUID
    patient: PersonId
    versions: tuple[Version, ...]
    next_review: date
    reviews: tuple[Reviewed, ...] = ()

    @property
    def newest(self) -> Version:
        """What counts."""
        return self.versions[-1]

    def version(self, number: int | None) -> Version:
        """A version by its number, or the newest. Raises NotFound."""
        if number is None:
            return self.newest
        if number > len(self.versions):
            raise NotFound
        return self.versions[number - 1]


def evolve(state: Plan | None, step: Step) -> Plan:
    """The plan after a step."""
    if isinstance(step, Revised):
        written = Version(text=step, goals=step.goals)
        if state is None:
            return Plan(episode=step.episode, patient=step.patient, versions=(written,), next_review=step.next_review)
        return msgspec.structs.replace(state, versions=(*state.versions, written), next_review=step.next_review)
    assert state is not None
    return msgspec.structs.replace(state, **_changed(state, step))


def _changed(state: Plan, step: ProgressNoted | Agreed | Reviewed | PatientMerged) -> dict[str, Any]:
    match step:
        case ProgressNoted(goal=goal, progress=progress):
            goals = tuple(
                msgspec.structs.replace(one, progress=progress) if one.id == goal else one for one in state.newest.goals
            )
            return {"versions": (*state.versions[:-1], msgspec.structs.replace(state.newest, goals=goals))}
        case Agreed(number=number, at=at):
            return {
                "versions": tuple(
                    msgspec.structs.replace(one, agreed_at=at) if one.text.number == number else one
                    for one in state.versions
                )
            }
        case Reviewed(next_review=next_review):
            return {"next_review": next_review, "reviews": (*state.reviews, step)}
        case PatientMerged(patient=patient):
            return {"patient": patient}


def revise(
    state: Plan | None, wish: RevisePlan, *, episode: UUID, patient: PersonId, by: PersonId, now: datetime
) -> Sequence[Step]:
    """Write the plan; the same again, nothing happens. Raises GoalTwice, ReviewInThePast."""
    if len({goal.id for goal in wish.goals}) < len(wish.goals):
        raise GoalTwice
    if state and _same(state.newest, wish) and state.next_review == wish.next_review:
        return []
    _ahead(wish.next_review, now)
    return [
        Revised(
            episode=episode,
            patient=patient,
            by=by,
            number=len(state.versions) + 1 if state else 1,
            problems=wish.problems,
            goals=wish.goals,
            interventions=wish.interventions,
            measures=wish.measures,
            next_review=wish.next_review,
            remarks=wish.remarks,
            at=now,
        )
    ]


def note_progress(state: Plan, *, goal: UUID, progress: Progress, by: PersonId, now: datetime) -> Sequence[Step]:
    """Say how far a goal is; the same again, nothing. Raises UnknownGoal."""
    for one in state.newest.goals:
        if one.id == goal:
            return [] if one.progress == progress else [ProgressNoted(goal=goal, progress=progress, by=by, at=now)]
    raise UnknownGoal


def agree(state: Plan, *, number: int, by: PersonId, now: datetime) -> Sequence[Step]:
    """Agree to the newest version; again, nothing. Raises PlanRevised when that is another one."""
    if number != state.newest.text.number:
        raise PlanRevised
    return [] if state.newest.agreed_at else [Agreed(number=number, by=by, at=now)]


def review(*, next_review: date, remarks: str, by: PersonId, now: datetime) -> Sequence[Step]:
    """Look at it and leave it as it is. Raises ReviewInThePast."""
    _ahead(next_review, now)
    return [Reviewed(next_review=next_review, remarks=remarks, by=by, at=now)]


def follow_merge(state: Plan | None, *, duplicate: PersonId, survivor: PersonId) -> Sequence[Step]:
    """Make the duplicate's plan the survivor's."""
    if state is None or state.patient != duplicate:
        return []
    return [PatientMerged(patient=survivor, was=duplicate)]


def _same(version: Version, wish: RevisePlan) -> bool:
    text = version.text
    written = (text.problems, version.goals, text.interventions, text.measures, text.remarks)
    return written == (wish.problems, wish.goals, wish.interventions, wish.measures, wish.remarks)


def _ahead(next_review: date, now: datetime) -> None:
    """By the date in UTC: who is ahead of it chooses a later day anyway."""
    if next_review < now.date():
        raise ReviewInThePast
