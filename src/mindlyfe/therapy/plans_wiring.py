"""Puts treatment plans into therapy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.messages import PersonId, Role, TenantId
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Entry, Personal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import CLINICIANS, PATIENT
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters import plans as listing
from mindlyfe.therapy.adapters.http import plans as plan_routes
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.adapters.plans import PlanList
from mindlyfe.therapy.adapters.plans_told import PlansTold
from mindlyfe.therapy.application.in_turn import in_turn
from mindlyfe.therapy.application.plans import Plans
from mindlyfe.therapy.domain import plan
from mindlyfe.therapy.domain.access import POLICY
from mindlyfe.therapy.domain.plan import Plan, Step

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "plans:write": CLINICIANS,
    "plans:agree": CLINICIANS | PATIENT,
    "plans:read": CLINICIANS | PATIENT,
    "plan-reviews:read": CLINICIANS,
}


def with_plans(module: Module, p: Platform) -> Module:
    """Therapy with treatment plans in it."""
    listed = PlanList(p.database)
    streams: Streams[Plan, Step] = Streams(
        p.database,
        p.keys,
        name="plan",
        events=Step,
        evolve=plan.evolve,
        subject=lambda state: state.patient,
        inline=(listed,),
    )
    reach = Reach(POLICY, TieCopy(p.database, MEANINGS), p.asks.of(Ties), p.clock, Merged(p.database))
    episodes = next(one for one in module.streams if one.name == "episode")
    plans = Plans(streams=streams, episodes=episodes, listed=listed, reach=reach, clock=p.clock)
    return replace(
        module,
        routes=[*module.routes, *plan_routes.routes(plans)],
        grants={**module.grants, **GRANTS},
        streams=(*module.streams, streams),
        hears={**module.hears, MemberMergedV1: in_turn(module.hears[MemberMergedV1], plans.member_merged)},
        personal=_personal(module.personal, PlansTold(listed, streams, episodes)),
    )


def _personal(personal: Personal, told: PlansTold) -> Personal:
    """What therapy holds of a person, and their plans with it."""

    async def tells(tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        return [*await personal.tells(tenant, person), *await told.tells(tenant, person)]

    return replace(
        personal,
        tells=tells,
        erases={**personal.erases, **listing.ERASES},
        moves={**personal.moves, **listing.MOVES},
    )
