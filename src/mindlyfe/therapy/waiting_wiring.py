"""Puts the waiting list and its offers into therapy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from litestar import Router

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.messages import Event, PersonId, Recorded, Role, TenantId
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.personal import Entry, Personal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import ADMIN, CLINICIANS, FRONT_DESK, PATIENT
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters import holds, waits
from mindlyfe.therapy.adapters.engagements import EngagedTimes
from mindlyfe.therapy.adapters.holds import Holds
from mindlyfe.therapy.adapters.http import offers as offer_routes
from mindlyfe.therapy.adapters.http import waits as wait_routes
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.adapters.rounds import Rounds
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.adapters.waits import WaitingList
from mindlyfe.therapy.adapters.waits_told import WaitsTold
from mindlyfe.therapy.application.freed import Freed
from mindlyfe.therapy.application.in_turn import in_turn
from mindlyfe.therapy.application.offering import Offering
from mindlyfe.therapy.application.offers import Offers
from mindlyfe.therapy.application.waits import Waits
from mindlyfe.therapy.application.waits_left import LeftWaits
from mindlyfe.therapy.application.waits_merged import MergedWaits
from mindlyfe.therapy.contract import AppointmentCancelledV1
from mindlyfe.therapy.contract.bookings import AppointmentDeclinedV1, AppointmentMovedV1
from mindlyfe.therapy.contract.holds import WaitingOffers
from mindlyfe.therapy.contract.waiting import OfferId, OfferOutcome, WaitingOfferEndedV1, WaitingOfferMadeV1
from mindlyfe.therapy.domain import wait
from mindlyfe.therapy.domain.access import POLICY
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.placed import Held, HoldEnded
from mindlyfe.therapy.domain.wait import Step, Wait

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "waits:arrange": PATIENT | FRONT_DESK | CLINICIANS,
    "waits:remove": FRONT_DESK | CLINICIANS,
    "waits:judge": CLINICIANS,
    "waits:read": PATIENT | FRONT_DESK | CLINICIANS,
    "waits:list": FRONT_DESK | CLINICIANS,
    "my-waits:read": PATIENT,
    "offers:answer": PATIENT | FRONT_DESK,
    "offers:read": PATIENT | FRONT_DESK | CLINICIANS,
    "offers:list": FRONT_DESK | CLINICIANS,
    "offers:explain": ADMIN | CLINICIANS,
    "my-offers:read": PATIENT,
}
FREEING: Final[tuple[type[Event], ...]] = (AppointmentCancelledV1, AppointmentDeclinedV1, AppointmentMovedV1)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What everything here stands on."""

    platform: Platform
    booked: Streams[Appointment, Change]
    waits: Streams[Wait, Step]
    listed: WaitingList
    holds: Holds
    rounds: Rounds
    reach: Reach
    hours: Timetable
    engagements: EngagedTimes


def with_waiting(module: Module, p: Platform) -> Module:
    """Therapy with a waiting list in it."""
    parts = _parts(module, p)
    offering = Offering(
        streams=parts.booked,
        keeping=parts.holds,
        rounds=parts.rounds,
        therapists=parts.rounds,
        published=parts.hours,
        engagements=parts.engagements,
        clock=p.clock,
        ids=p.ids,
    )
    told = module.publishes
    return replace(
        module,
        routes=[*module.routes, *_routes(parts)],
        grants={**module.grants, **GRANTS},
        streams=(*module.streams, parts.waits),
        publishes=lambda recorded: told(recorded) or published(recorded),
        hears=_heard(module, parts),
        answers={**module.answers, WaitingOffers: parts.holds},
        personal=_personal(module.personal, WaitsTold(parts.listed, parts.waits)),
        workers={**module.workers, "offers": partial(alone, p.database, "offers", offering.run)},
    )


def published(r: Recorded[Any]) -> Event | None:
    """What is told of offers to who waits. A hold is nobody else's business."""
    match r.event:
        case Held(trace=trace, then=then, until=until) if trace is not None:
            return WaitingOfferMadeV1(
                offer=OfferId(r.stream),
                patient=then.patient,
                therapist=then.therapist,
                starts_at=then.starts_at,
                expires_at=until,
            )
        case HoldEnded(offered=True, patient=patient, outcome="accepted" | "declined" | "expired" | "withdrawn" as how):
            outcome: OfferOutcome = how
            return WaitingOfferEndedV1(offer=OfferId(r.stream), patient=patient, outcome=outcome)
        case _:
            return None


def _parts(module: Module, p: Platform) -> _Parts:
    listed = WaitingList(p.database)
    streams: Streams[Wait, Step] = Streams(
        p.database,
        p.keys,
        name="wait",
        events=Step,
        evolve=wait.evolve,
        subject=lambda state: state.patient,
        inline=(listed,),
    )
    return _Parts(
        platform=p,
        booked=next(one for one in module.streams if one.name == "appointment"),
        waits=streams,
        listed=listed,
        holds=Holds(p.database),
        rounds=Rounds(p.database),
        reach=Reach(POLICY, TieCopy(p.database, MEANINGS), p.asks.of(Ties), p.clock, Merged(p.database)),
        hours=Timetable(p.database),
        engagements=EngagedTimes(p.database),
    )


def _routes(parts: _Parts) -> list[Router]:
    p, reach = parts.platform, parts.reach
    patients = p.asks.of(Patients)
    places = Waits(streams=parts.waits, patients=patients, reach=reach, looks=parts.rounds, clock=p.clock)
    offers = Offers(streams=parts.booked, kept=parts.holds, hours=parts.hours, reach=reach, clock=p.clock)
    return [*wait_routes.routes(places, parts.listed), *offer_routes.routes(offers, parts.holds)]


def _heard(module: Module, parts: _Parts) -> Mapping[type[Event], Reaction]:
    clock = parts.platform.clock
    freed = Freed(waits=parts.waits, kept=parts.holds, looks=parts.rounds, clock=clock)
    merged = MergedWaits(parts.waits, parts.listed, clock)
    left = LeftWaits(parts.waits, parts.listed, parts.platform.asks.of(People), clock)
    ours: dict[type[Event], Reaction] = {
        **dict.fromkeys(FREEING, freed.freed),
        WaitingOfferEndedV1: freed.answered,
        MemberMergedV1: merged.member_merged,
        MemberLeftV1: left.left,
    }
    both = {event: in_turn(module.hears[event], one) if event in module.hears else one for event, one in ours.items()}
    return {**module.hears, **both}


def _personal(personal: Personal, told: WaitsTold) -> Personal:
    """What therapy holds of a person, and the waiting list with it."""

    async def tells(tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        return [*await personal.tells(tenant, person), *await told.tells(tenant, person)]

    return replace(
        personal,
        tells=tells,
        erases={**personal.erases, **waits.ERASES, **holds.ERASES},
        moves={**personal.moves, **waits.MOVES, **holds.MOVES},
    )
