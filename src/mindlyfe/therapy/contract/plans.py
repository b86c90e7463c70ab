"""Treatment plans: what is asked, answered and refused of them. What they say never leaves in an event."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant, PersonId
from mindlyfe.therapy.contract.episodes import Problem

type Progress = Literal["not-started", "in-progress", "reached", "given-up"]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]
Remarks = Annotated[
    str,
    msgspec.Meta(
        max_length=4_000, description="For clinicians: the patient's view leaves it out, their export does not."
    ),
]
Number = Annotated[int, msgspec.Meta(ge=1, le=10_000, description="Of a version of the plan.")]


class Goal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the patient wants to reach, in their own words."""

    id: UUID
    """The caller makes it, and keeps it from version to version."""
    words: Annotated[
        str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S", examples=["Sleep through the night"])
    ]
    target: date | None = None
    progress: Progress = "not-started"


class Measure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An instrument whose score is watched."""

    instrument: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$", examples=["phq-9"])]
    every_weeks: Annotated[int, msgspec.Meta(ge=1, le=52)]


class RevisePlan(Command, frozen=True):
    """The whole plan as it is from now on. Earlier versions stay; the patient is to agree to this one anew."""

    problems: Annotated[tuple[Problem, ...], msgspec.Meta(max_length=20)]
    goals: Annotated[tuple[Goal, ...], msgspec.Meta(max_length=20)]
    next_review: date
    interventions: Annotated[tuple[Line, ...], msgspec.Meta(max_length=30)] = ()
    measures: Annotated[tuple[Measure, ...], msgspec.Meta(max_length=20)] = ()
    remarks: Remarks = ""


class NoteProgress(Command, frozen=True):
    """How far a goal is."""

    goal: UUID
    progress: Progress


class AgreeToPlan(Command, frozen=True):
    """The patient agrees to this version."""

    number: Number


class ReviewPlan(Command, frozen=True):
    """The plan was looked at together and stands; the day of the next review."""

    next_review: date
    remarks: Remarks = ""


class PlanSaved(msgspec.Struct, frozen=True):
    """The plan stands at this version."""

    plan: UUID
    version: int


class PlanVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version in the history of a plan."""

    number: int
    by: PersonId
    at: Instant
    agreed_at: Instant | None


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a plan, with the progress of its goals."""

    plan: UUID
    episode: UUID
    patient: PersonId
    number: int
    newest: bool
    by: PersonId
    at: Instant
    agreed_at: Instant | None
    problems: tuple[Problem, ...]
    goals: tuple[Goal, ...]
    interventions: tuple[str, ...]
    measures: tuple[Measure, ...]
    next_review: date
    reviewed_at: Instant | None
    remarks: str = ""
    """Empty for the patient."""
    version: int


class ReviewDue(msgspec.Struct, frozen=True, kw_only=True):
    """A plan whose review should have been."""

    episode: UUID
    patient: PersonId
    number: int
    next_review: date


class PlanRevised(DomainError):
    """The plan has another version by now."""

    code = "plan-revised"
    advice = "Read the newest version, and agree to that."


class UnknownGoal(DomainError):
    """The plan has no such goal."""

    status = 422
    code = "unknown-goal"
    advice = "Name a goal of the newest version."


class GoalTwice(DomainError):
    """Two goals of the plan have the same id."""

    status = 422
    code = "goal-twice"
    advice = "Make an id for each goal."


class ReviewInThePast(DomainError):
    """The next review is before today."""

    status = 422
    code = "review-in-the-past"
    advice = "Choose a day from today on."
