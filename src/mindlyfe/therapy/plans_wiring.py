"""Puts treatment plans into therapy."""

from collections.abc import Mapping
from typing import Final

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.roles import CLINICIANS, PATIENT
from mindlyfe.kernel.slices import joined
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters import plans as listing
from mindlyfe.therapy.adapters.http import plans as plan_routes
from mindlyfe.therapy.adapters.plans import PlanList
from mindlyfe.therapy.adapters.plans_told import PlansTold
from mindlyfe.therapy.adapters.reaching import reach_of
from mindlyfe.therapy.application.plans import Plans
from mindlyfe.therapy.domain import plan
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
    episodes = module.stream("episode")
    plans = Plans(streams=streams, episodes=episodes, listed=listed, reach=reach_of(p), clock=p.clock)
    told = PlansTold(listed, streams, episodes)
    slice_ = Module(
        name=module.name,
        routes=plan_routes.routes(plans),
        grants=GRANTS,
        streams=(streams,),
        hears={MemberMergedV1: plans.member_merged},
        personal=Personal(tells=told.tells, erases=listing.ERASES, moves=listing.MOVES),
    )
    return joined(module, slice_)
