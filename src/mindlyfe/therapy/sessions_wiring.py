"""Puts encounters into therapy: stream, routes, what is heard and published of them, the worker that closes them."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.messages import Event, Recorded, Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK, PATIENT, THERAPIST
from mindlyfe.kernel.slices import joined
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters import encounters as listing
from mindlyfe.therapy.adapters.encounters import EncounterList
from mindlyfe.therapy.adapters.encounters_told import EncountersTold
from mindlyfe.therapy.adapters.http import encounters as encounter_routes
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.adapters.reaching import reach_of
from mindlyfe.therapy.application.closing import Closing
from mindlyfe.therapy.application.encounters import Encounters
from mindlyfe.therapy.contract import AppointmentCancelledV1
from mindlyfe.therapy.contract.bookings import AppointmentMovedV1
from mindlyfe.therapy.contract.encounters import EncounterEndedV1, EncounterStartedV1
from mindlyfe.therapy.domain import encounter
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
    booked = module.stream("appointment")
    met = Encounters(streams=streams, appointments=booked, patients=p.asks.of(Patients), room=listed, clock=p.clock)
    closing = Closing(streams=streams, open=listed, clock=p.clock)
    told = EncountersTold(p.database, streams)
    slice_ = Module(
        name=module.name,
        routes=encounter_routes.routes(met, listed, reach_of(p), merged),
        grants=GRANTS,
        streams=(streams,),
        publishes=published,
        hears={
            AppointmentCancelledV1: met.cancelled,
            AppointmentMovedV1: met.moved,
            EncounterStartedV1: met.begun,
        },
        personal=Personal(tells=told.tells, erases=listing.ERASES, stays=listing.STAYS),
        workers={"encounters": partial(alone, p.database, "encounters", closing.run)},
    )
    return joined(module, slice_)


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
