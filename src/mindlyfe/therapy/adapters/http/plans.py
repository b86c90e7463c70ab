"""Treatment plans: write, agree, note progress, review, read; whose review is overdue."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import AssuranceTooLow, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.application.plans import Plans
from mindlyfe.therapy.contract.episodes import WrongStage
from mindlyfe.therapy.contract.plans import (
    AgreeToPlan,
    GoalTwice,
    NoteProgress,
    PlanRevised,
    PlanSaved,
    PlanVersion,
    PlanView,
    ReviewDue,
    ReviewInThePast,
    ReviewPlan,
    RevisePlan,
    UnknownGoal,
)

Which = Annotated[int, msgspec.Meta(ge=1, le=10_000, description="Number of a version; else the newest.")]
READING = (NotFound, AssuranceTooLow, Unavailable)
TREATING = (*READING, WrongStage)


def routes(plans: Plans) -> list[Router]:
    """`/v1/episodes/{episode}/plan`, `/v1/plan-reviews`."""
    handlers = [*_writing(plans), *_following(plans), *_reading(plans)]
    return [
        Router("/v1/episodes/{episode:uuid}/plan", route_handlers=handlers, tags=["Treatment plans"]),
        Router("/v1/plan-reviews", route_handlers=[_due(plans)], tags=["Treatment plans"]),
    ]


def _writing(plans: Plans) -> list[HTTPRouteHandler]:
    @put(
        needs="plans:write",
        clinical=True,
        refuses=(*TREATING, GoalTwice, ReviewInThePast, VersionConflict),
    )
    async def revise(episode: UUID, data: RevisePlan, *, who: Principal, act: Act, expected: int | None) -> PlanSaved:
        """Write the whole plan: a new version, which the patient has yet to agree to. The same again: no change."""
        return await plans.revise(episode, data, who, act, expected)

    @post("/review", needs="plans:write", clinical=True, refuses=(*TREATING, ReviewInThePast), status_code=200)
    async def review(episode: UUID, data: ReviewPlan, who: Principal, act: Act) -> PlanSaved:
        """The plan was looked at and stands; say when next. A review that changes it is a new version."""
        return await plans.review(episode, data, who, act)

    return [revise, review]


def _following(plans: Plans) -> list[HTTPRouteHandler]:
    @post("/progress", needs="plans:write", clinical=True, refuses=(*TREATING, UnknownGoal), status_code=200)
    async def progress(episode: UUID, data: NoteProgress, who: Principal, act: Act) -> PlanSaved:
        """How far a goal of the newest version is: the patient's agreement stands."""
        return await plans.progress(episode, data, who, act)

    @post("/agreement", needs="plans:agree", clinical=True, refuses=(*TREATING, PlanRevised), status_code=200)
    async def agree(episode: UUID, data: AgreeToPlan, who: Principal, act: Act) -> PlanSaved:
        """The patient agrees to the newest version, or whoever treats them notes that they did."""
        return await plans.agree(episode, data, who, act)

    return [progress, agree]


def _reading(plans: Plans) -> list[HTTPRouteHandler]:
    @get(needs="plans:read", clinical=True, refuses=READING, audits="plans.read")
    async def one(episode: UUID, who: Principal, *, number: Which | None = None) -> PlanView:
        """The plan, for its patient and for who treats them or supervises that. The patient sees no remarks."""
        return await plans.one(episode, number, who)

    @get("/versions", needs="plans:read", clinical=True, refuses=READING, audits="plans.read")
    async def versions(episode: UUID, who: Principal) -> Page[PlanVersion]:
        """All there were, oldest first, in one page: who wrote each, and when the patient agreed."""
        return Page(await plans.versions(episode, who))

    return [one, versions]


def _due(plans: Plans) -> HTTPRouteHandler:
    @get(needs="plan-reviews:read", clinical=True, audits="plans.read")
    async def due(who: Principal) -> Page[ReviewDue]:
        """Plans of patients in the caller's treatment whose day of review has passed, the longest overdue first."""
        return Page(await plans.due(who))

    return due
