"""Puts encounters into therapy: stream, routes, what is heard and published of them, the worker that closes them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.messages import Event, PersonId, Recorded, Role, TenantId
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.personal import Entry, Personal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK, PATIENT, THERAPIST
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters import encounters as listing
from mindlyfe.therapy.adapters.encounters import EncounterList
from mindlyfe.therapy.adapters.encounters_told import EncountersTold
from mindlyfe.therapy.adapters.http import encounters as encounter_routes
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.application.closing import Closing
from mindlyfe.therapy.application.encounters import Encounters
from mindlyfe.therapy.application.in_turn import in_turn
from mindlyfe.therapy.contract import AppointmentCancelledV1
from mindlyfe.therapy.contract.bookings import AppointmentMovedV1
from mindlyfe.therapy.contract.encounters import EncounterEndedV1, EncounterStartedV1
from mindlyfe.therapy.domain import encounter
from mindlyfe.therapy.domain.access import POLICY
from mindlyfe.therapy.domain.encounter import Admitted, Encounter, Ended, Step

PARTIES: Final[frozenset[Role]] = PATIENT | THERAPIST
GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "encounters:check-in": PARTIES | FRONT_DESK,
    "encounters:take-part": PARTIES,
    "encounters:lead": THERAPIST,
    "encounters:read": PARTIES | FRONT_DESK,
    "waiting-room:read": FRONT_DESK | THERAPIST,
    "patient-attendance:read": CLINICIANS,
}


def with_sessions(module: Module, p: Platform) -> Module:
    """Therapy with encounters in it."""
    listed = EncounterList(p.database)
    streams: Streams[Encounter, Step] = Streams(
        p.database,
        p.keys,
        name="encounter",
        events=Step,
        evolve=encounter.evolve,
        subject=lambda state: state.patient,
        inline=(listed,),
    )
    merged = Merged(p.database)
    reach = Reach(POLICY, TieCopy(p.database, MEANINGS), p.asks.of(Ties), p.clock, merged)
    booked = next(one for one in module.streams if one.name == "appointment")
    met = Encounters(streams=streams, appointments=booked, patients=p.asks.of(Patients), room=listed, clock=p.clock)
    closing = Closing(streams=streams, open=listed, clock=p.clock)

    async def close() -> None:
        await alone(p.database, "encounters", closing.run)

    return replace(
        module,
        routes=[*module.routes, *encounter_routes.routes(met, listed, reach, merged)],
        grants={**module.grants, **GRANTS},
        streams=(*module.streams, streams),
        publishes=lambda recorded: module.publishes(recorded) or published(recorded),
        hears=_hears(
            module,
            {
                AppointmentCancelledV1: met.cancelled,
                AppointmentMovedV1: met.moved,
                EncounterStartedV1: met.begun,
            },
        ),
        personal=_personal(module.personal, EncountersTold(p.database, streams)),
        workers={**module.workers, "encounters": close},
    )


def published(r: Recorded[Any]) -> Event | None:
    """What is told of an encounter: that it began, and that it is over."""
    match r.event:
        case Admitted(appointment=appointment, patient=patient, therapist=therapist, at=at):
            return EncounterStartedV1(
                encounter=r.stream, appointment=appointment, patient=patient, therapist=therapist, at=at
            )
        case Ended() as e:
            return EncounterEndedV1(
                encounter=r.stream,
                appointment=e.appointment,
                patient=e.patient,
                therapist=e.therapist,
                started_at=e.started_at,
                ended_at=e.at,
                by_platform=e.by_platform,
            )
        case _:
            return None


def _hears(module: Module, more: Mapping[type[Event], Reaction]) -> Mapping[type[Event], Reaction]:
    """What others of therapy hear, too, they hear first."""
    after = {
        event: in_turn(module.hears[event], reaction) if event in module.hears else reaction
        for event, reaction in more.items()
    }
    return {**module.hears, **after}


def _personal(personal: Personal, told: EncountersTold) -> Personal:
    """What therapy holds of a person, and encounters with it."""

    async def tells(tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        return [*await personal.tells(tenant, person), *await told.tells(tenant, person)]

    return replace(
        personal,
        tells=tells,
        erases={**personal.erases, **listing.ERASES},
        stays={**personal.stays, **listing.STAYS},
    )
