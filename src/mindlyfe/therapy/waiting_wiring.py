"""Puts the waiting list into therapy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.clinical import FRONT_DESK, PATIENT
from mindlyfe.kernel.messages import Event, PersonId, Role, TenantId
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.personal import Entry, Personal
from mindlyfe.kernel.policy import CLINICIANS
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters import waits
from mindlyfe.therapy.adapters.http import waits as wait_routes
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.adapters.rounds import Rounds
from mindlyfe.therapy.adapters.waits import WaitingList
from mindlyfe.therapy.adapters.waits_told import WaitsTold
from mindlyfe.therapy.application.in_turn import in_turn
from mindlyfe.therapy.application.waits import Waits
from mindlyfe.therapy.application.waits_merged import MergedWaits
from mindlyfe.therapy.domain import wait
from mindlyfe.therapy.domain.access import POLICY
from mindlyfe.therapy.domain.wait import Step, Wait

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "waits:arrange": PATIENT | FRONT_DESK | CLINICIANS,
    "waits:remove": FRONT_DESK | CLINICIANS,
    "waits:judge": CLINICIANS,
    "waits:read": PATIENT | FRONT_DESK | CLINICIANS,
    "waits:list": FRONT_DESK | CLINICIANS,
    "my-waits:read": PATIENT,
}


def with_waiting(module: Module, p: Platform) -> Module:
    """Therapy with a waiting list in it."""
    listed, rounds = WaitingList(p.database), Rounds(p.database)
    streams: Streams[Wait, Step] = Streams(
        p.database,
        p.keys,
        name="wait",
        events=Step,
        evolve=wait.evolve,
        subject=lambda state: state.patient,
        inline=(listed,),
    )
    reach = Reach(POLICY, TieCopy(p.database, MEANINGS), p.asks.of(Ties), p.clock, Merged(p.database))
    places = Waits(streams=streams, patients=p.asks.of(Patients), reach=reach, looks=rounds, clock=p.clock)
    merged = MergedWaits(streams, listed, p.clock)
    hears: dict[type[Event], Reaction] = {
        MemberMergedV1: in_turn(module.hears[MemberMergedV1], merged.member_merged),
    }
    return replace(
        module,
        routes=[*module.routes, *wait_routes.routes(places, listed)],
        grants={**module.grants, **GRANTS},
        streams=(*module.streams, streams),
        hears={**module.hears, **hears},
        personal=_personal(module.personal, WaitsTold(listed, streams)),
    )


def _personal(personal: Personal, told: WaitsTold) -> Personal:
    """What therapy holds of a person, and the waiting list with it."""

    async def tells(tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        return [*await personal.tells(tenant, person), *await told.tells(tenant, person)]

    return replace(
        personal,
        tells=tells,
        erases={**personal.erases, **waits.ERASES},
        moves={**personal.moves, **waits.MOVES},
    )
