"""What the export of a patient says of their treatment plans: all versions, remarks too, for they are of the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.plans import PlanList
from mindlyfe.therapy.adapters.telling import identified
from mindlyfe.therapy.application.plans import TREATED
from mindlyfe.therapy.contract.plans import Goal, Progress
from mindlyfe.therapy.domain.episode import Episode
from mindlyfe.therapy.domain.episode import Step as EpisodeStep
from mindlyfe.therapy.domain.plan import Plan, Step

LIFE: Final[Mapping[Progress, str]] = {
    "not-started": "accepted",
    "in-progress": "active",
    "reached": "completed",
    "given-up": "cancelled",
}
"""FHIR's word for how far a goal is (R4, GoalLifecycleStatus)."""


@dataclass(frozen=True, slots=True)
class PlansTold:
    """Reads them under the patient's key."""

    listed: PlanList
    streams: Streams[Plan, Step]
    episodes: Streams[Episode, EpisodeStep]

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """Every plan of the patient."""
        found: list[Entry] = []
        for plan in await self.listed.of_patient(tenant, person):
            try:
                state, _ = await self.streams.load(tenant, plan)
                episode, _ = await self.episodes.load(tenant, state.episode) if state else (None, 0)
            except Erased:
                continue
            if state:
                runs = episode is not None and episode.stage in TREATED
                found.append(_told(plan, state, runs=runs))
        return found


def _told(plan: UUID, state: Plan, *, runs: bool) -> Entry:
    versions = [
        {**msgspec.to_builtins(one.text), "goals": msgspec.to_builtins(one.goals), "agreed_at": _at(one.agreed_at)}
        for one in state.versions
    ]
    values: dict[str, Any] = {
        "treatment_plan": str(plan),
        "episode": str(state.episode),
        "versions": versions,
        "reviews": msgspec.to_builtins(state.reviews),
        "next_review": state.next_review.isoformat(),
    }
    return Entry(topic="episodes", values=values, resource=_resource(plan, state, runs=runs))


def _resource(plan: UUID, state: Plan, *, runs: bool) -> dict[str, Any]:
    """A CarePlan with its goals in it."""
    newest = state.newest
    return {
        "resourceType": "CarePlan",
        "id": str(plan),
        "status": "active" if runs else "completed",
        "intent": "plan",
        "subject": identified(state.patient),
        "created": newest.text.at.isoformat(),
        "author": identified(newest.text.by),
        "contained": [_goal(one, state.patient) for one in newest.goals],
        "goal": [{"reference": f"#{one.id}"} for one in newest.goals],
        "activity": [
            {"detail": {"status": "in-progress", "description": words}} for words in newest.text.interventions
        ],
    }


def _goal(goal: Goal, patient: PersonId) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Goal",
        "id": str(goal.id),
        "lifecycleStatus": LIFE[goal.progress],
        "description": {"text": goal.words},
        "subject": identified(patient),
    }
    return found | ({"target": [{"dueDate": goal.target.isoformat()}]} if goal.target else {})


def _at(at: Any) -> str | None:
    return at.isoformat() if at else None
