"""Episodes of care put together: streams, routes, what is heard, told and published of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from litestar import Router

from mindlyfe.identity.contract.care_orders import CareOrders
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.follower import ReadModel
from mindlyfe.kernel.messages import Event, Recorded, Role
from mindlyfe.kernel.module import Platform, Reaction
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK, PATIENT
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.episodes import EpisodeList
from mindlyfe.therapy.adapters.http.episodes import routes
from mindlyfe.therapy.adapters.transfers import TransferList
from mindlyfe.therapy.application.episodes import Episodes
from mindlyfe.therapy.application.intake import Intake
from mindlyfe.therapy.application.transferring import Transferring
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1
from mindlyfe.therapy.contract.episodes import EpisodeAcceptedV1, EpisodeEndedV1
from mindlyfe.therapy.domain.episode import Accepted, Discharged, Episode, Step, evolve

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "episodes:refer": FRONT_DESK | CLINICIANS,
    "episodes:decide": CLINICIANS,
    "episodes:withdraw": FRONT_DESK | PATIENT,
    "episodes:treat": CLINICIANS,
    "episodes:read": FRONT_DESK | CLINICIANS | PATIENT,
    "episodes:list": FRONT_DESK | CLINICIANS,
    "my-episodes:read": PATIENT,
    "patient-episodes:read": FRONT_DESK | CLINICIANS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What the context's wiring takes over."""

    streams: Streams[Episode, Step]
    listed: EpisodeList
    routes: Sequence[Router]
    hears: Mapping[type[Event], Reaction]
    follows: Sequence[ReadModel]
    transferring: Transferring
    transfers: Callable[[], Awaitable[None]]
    """The worker, until cancelled."""

    @classmethod
    def of(cls, p: Platform, reach: Reach) -> Self:
        """Put it together."""
        listed = EpisodeList(p.database)
        streams: Streams[Episode, Step] = Streams(
            p.database,
            p.keys,
            name="episode",
            events=Step,
            evolve=evolve,
            subject=lambda state: state.patient,
            inline=(listed,),
        )
        agreed = TransferList(p.database)
        transferring = Transferring(streams=streams, agreed=agreed, clock=p.clock)
        intake = Intake(streams=streams, episodes=listed, orders=p.asks.of(CareOrders))
        episodes = Episodes(streams=streams, patients=p.asks.of(Patients), care=intake, reach=reach, clock=p.clock)
        return cls(
            streams=streams,
            listed=listed,
            routes=routes(episodes, listed, reach),
            hears={
                AppointmentBookedV1: intake.booked,
                AppointmentCancelledV1: intake.cancelled,
                EpisodeAcceptedV1: intake.treated,
                EpisodeEndedV1: intake.ended,
            },
            follows=(agreed,),
            transferring=transferring,
            transfers=partial(alone, p.database, "transfers", transferring.run),
        )


def published(r: Recorded[Any]) -> Event | None:
    """What is told of an episode: that treatment began to be someone's, and that it ended."""
    match r.event:
        case Accepted(patient=patient, clinician=clinician):
            return EpisodeAcceptedV1(episode=r.stream, patient=patient, clinician=clinician)
        case Discharged(patient=patient, clinician=clinician, by=by):
            return EpisodeEndedV1(episode=r.stream, patient=patient, clinician=clinician, by=by)
        case _:
            return None
