"""What people do with a treatment plan: write, agree, note progress, review, read. An episode has one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, Heard, PersonId, Principal, TenantId
from mindlyfe.kernel.policy import Action, Thing
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract.episodes import WrongStage
from mindlyfe.therapy.contract.plans import (
    AgreeToPlan,
    NoteProgress,
    PlanSaved,
    PlanVersion,
    PlanView,
    ReviewDue,
    ReviewPlan,
    RevisePlan,
)
from mindlyfe.therapy.domain.episode import Episode
from mindlyfe.therapy.domain.episode import Step as EpisodeStep
from mindlyfe.therapy.domain.plan import Plan, Step, agree, follow_merge, note_progress, review, revise

TREATED = frozenset({"accepted", "active"})


def plan_of(tenant: TenantId, episode: UUID) -> UUID:
    """The plan of an episode, whether it is written or not."""
    return derived("plan", tenant, episode)


class ListedPlans(Protocol):
    """The read model."""

    async def due(self, tenant: TenantId, clinician: PersonId, today: date) -> list[ReviewDue]:
        """Plans of the clinician's patients whose review should have been before `today`."""
        ...

    async def of_patient(self, tenant: TenantId, patient: PersonId) -> Sequence[UUID]:
        """The patient's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """Care opens a plan, supervision and the patient themselves read it; who treated keeps sight of it."""

    streams: Streams[Plan, Step]
    episodes: Streams[Episode, EpisodeStep]
    listed: ListedPlans
    reach: Reach
    clock: Clock

    async def revise(self, episode: UUID, c: RevisePlan, who: Principal, act: Act, expected: int | None) -> PlanSaved:
        """Write the plan. Raises NotFound, WrongStage, GoalTwice, ReviewInThePast, Unavailable."""
        found = await self._treated(episode, who)
        now, id_ = self.clock(), plan_of(who.tenant, episode)
        decided = await self.streams.decide(
            act,
            id_,
            lambda state: revise(state, c, episode=episode, patient=found.patient, by=who.id, now=now),
            expected=expected,
        )
        return PlanSaved(id_, decided.version)

    async def progress(self, episode: UUID, c: NoteProgress, who: Principal, act: Act) -> PlanSaved:
        """Say how far a goal is. Raises NotFound, WrongStage, UnknownGoal, Unavailable."""
        await self._treated(episode, who)
        now = self.clock()
        return await self._decide(
            episode, act, lambda plan: note_progress(plan, goal=c.goal, progress=c.progress, by=who.id, now=now)
        )

    async def review(self, episode: UUID, c: ReviewPlan, who: Principal, act: Act) -> PlanSaved:
        """It stands. Raises NotFound, WrongStage, ReviewInThePast, Unavailable."""
        await self._treated(episode, who)
        now = self.clock()
        return await self._decide(
            episode, act, lambda _: review(next_review=c.next_review, remarks=c.remarks, by=who.id, now=now)
        )

    async def agree(self, episode: UUID, c: AgreeToPlan, who: Principal, act: Act) -> PlanSaved:
        """The patient agrees, themselves or by word to who treats them. Raises NotFound, WrongStage, PlanRevised."""
        found = await self._seen(episode, who)
        if who.id != found.patient:
            await self._treated(episode, who)
        now = self.clock()
        return await self._decide(episode, act, lambda plan: agree(plan, number=c.number, by=who.id, now=now))

    async def one(self, episode: UUID, number: int | None, who: Principal) -> PlanView:
        """A version, or the newest, as the caller may see it. Raises NotFound, Unavailable."""
        found = await self._seen(episode, who)
        plan, version = await self._load(who.tenant, episode)
        return _view(plan_of(who.tenant, episode), plan, number, version, private=who.id != found.patient)

    async def versions(self, episode: UUID, who: Principal) -> list[PlanVersion]:
        """All there were, oldest first. Raises NotFound, Unavailable."""
        await self._seen(episode, who)
        plan, _ = await self._load(who.tenant, episode)
        return [
            PlanVersion(number=one.text.number, by=one.text.by, at=one.text.at, agreed_at=one.agreed_at)
            for one in plan.versions
        ]

    async def due(self, who: Principal) -> list[ReviewDue]:
        """Whose review the caller owes."""
        return await self.listed.due(who.tenant, who.id, self.clock().date())

    async def member_merged(self, heard: Heard[MemberMergedV1]) -> None:
        """The duplicate's plans are the survivor's, step by step."""
        duplicate, survivor = heard.event.duplicate, heard.event.survivor
        for plan in await self.listed.of_patient(heard.act.tenant, duplicate):
            await self.streams.decide(
                heard.act.step(f"plan/{plan}"),
                plan,
                lambda state: follow_merge(state, duplicate=duplicate, survivor=survivor),
            )

    async def _seen(self, episode: UUID, who: Principal) -> Episode:
        state, _ = await self.episodes.load(who.tenant, episode)
        if state is None:
            raise NotFound
        await self._require(state, who, "read")
        return state

    async def _treated(self, episode: UUID, who: Principal) -> Episode:
        state = await self._seen(episode, who)
        await self._require(state, who, "write")
        if state.stage not in TREATED:
            raise WrongStage
        return state

    async def _require(self, state: Episode, who: Principal, action: Action) -> None:
        parties = (state.clinician,) if state.clinician else ()
        await self.reach.require(who, action, Thing(who.tenant, state.patient, "clinical", parties))

    async def _load(self, tenant: TenantId, episode: UUID) -> tuple[Plan, int]:
        plan, version = await self.streams.load(tenant, plan_of(tenant, episode))
        if plan is None:
            raise NotFound
        return plan, version

    async def _decide(self, episode: UUID, act: Act, decision: Callable[[Plan], Sequence[Step]]) -> PlanSaved:
        def existing(state: Plan | None) -> Sequence[Step]:
            if state is None:
                raise NotFound
            return decision(state)

        id_ = plan_of(act.tenant, episode)
        decided = await self.streams.decide(act, id_, existing)
        return PlanSaved(id_, decided.version)


def _view(plan_id: UUID, plan: Plan, number: int | None, version: int, *, private: bool) -> PlanView:
    found = plan.version(number)
    text, newest = found.text, found is plan.newest
    remarks = [text.remarks, *(one.remarks for one in plan.reviews if newest and one.at >= text.at)]
    return PlanView(
        plan=plan_id,
        episode=plan.episode,
        patient=plan.patient,
        number=text.number,
        newest=newest,
        by=text.by,
        at=text.at,
        agreed_at=found.agreed_at,
        problems=text.problems,
        goals=found.goals,
        interventions=text.interventions,
        measures=text.measures,
        next_review=plan.next_review if newest else text.next_review,
        reviewed_at=plan.reviews[-1].at if plan.reviews else None,
        remarks="\n\n".join(filter(None, remarks)) if private else "",
        version=version,
    )
