"""Puts the waiting list and its offers into therapy."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from litestar import Router

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.messages import Event, Recorded, Role
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import ADMIN, CLINICIANS, FRONT_DESK, PATIENT
from mindlyfe.kernel.slices import joined
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters import holds, waits
from mindlyfe.therapy.adapters.engagements import EngagedTimes
from mindlyfe.therapy.adapters.holds import Holds
from mindlyfe.therapy.adapters.http import offers as offer_routes
from mindlyfe.therapy.adapters.http import waits as wait_routes
from mindlyfe.therapy.adapters.reaching import reach_of
from mindlyfe.therapy.adapters.rounds import Rounds
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.adapters.waits import WaitingList
from mindlyfe.therapy.adapters.waits_told import WaitsTold
from mindlyfe.therapy.application.freed import Freed
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
    told = WaitsTold(parts.listed, parts.waits)
    slice_ = Module(
        name=module.name,
        routes=_routes(parts),
        grants=GRANTS,
        streams=(parts.waits,),
        publishes=published,
        hears=_heard(parts),
        answers={WaitingOffers: parts.holds},
        personal=Personal(
            tells=told.tells, erases={**waits.ERASES, **holds.ERASES}, moves={**waits.MOVES, **holds.MOVES}
        ),
        workers={"offers": partial(alone, p.database, "offers", offering.run)},
    )
    return joined(module, slice_)


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
        booked=module.stream("appointment"),
        waits=streams,
        listed=listed,
        holds=Holds(p.database),
        rounds=Rounds(p.database),
        reach=reach_of(p),
        hours=Timetable(p.database),
        engagements=EngagedTimes(p.database),
    )


def _routes(parts: _Parts) -> list[Router]:
    p, reach = parts.platform, parts.reach
    patients = p.asks.of(Patients)
    places = Waits(streams=parts.waits, patients=patients, reach=reach, looks=parts.rounds, clock=p.clock)
    offers = Offers(streams=parts.booked, kept=parts.holds, hours=parts.hours, reach=reach, clock=p.clock)
    return [*wait_routes.routes(places, parts.listed), *offer_routes.routes(offers, parts.holds)]


def _heard(parts: _Parts) -> Mapping[type[Event], Reaction]:
    clock = parts.platform.clock
    freed = Freed(waits=parts.waits, kept=parts.holds, looks=parts.rounds, clock=clock)
    merged = MergedWaits(parts.waits, parts.listed, clock)
    left = LeftWaits(parts.waits, parts.listed, parts.platform.asks.of(People), clock)
    return {
        **dict.fromkeys(FREEING, freed.freed),
        WaitingOfferEndedV1: freed.answered,
        MemberMergedV1: merged.member_merged,
        MemberLeftV1: left.left,
    }
