"""What follows from bookings and episodes: a first booking is a referral, and care runs as long as treatment."""

import contextlib
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog

from mindlyfe.identity.contract.care_orders import CareOrders
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Heard, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1, AppointmentId
from mindlyfe.therapy.contract.episodes import EpisodeAcceptedV1, EpisodeEndedV1, EpisodeRuns
from mindlyfe.therapy.domain.episode import Episode, Referred, Step, refer
from mindlyfe.therapy.domain.following import give_up


class RunningEpisodes(Protocol):
    """The read model."""

    async def runs(self, tenant: TenantId, patient: PersonId) -> bool:
        """Whether the patient has an episode that runs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Hears what therapy itself has told. Each does the same again to the same end."""

    streams: Streams[Episode, Step]
    episodes: RunningEpisodes
    orders: CareOrders

    async def booked(self, heard: Heard[AppointmentBookedV1]) -> None:
        """Who books without being in treatment asks for it: the therapist decides, and until then sees the booking."""
        e = heard.event
        if await self.episodes.runs(heard.act.tenant, e.patient):
            return
        wish = Referred(patient=e.patient, by=e.patient, source="booking", addressed_to=e.therapist, at=heard.at)
        with contextlib.suppress(EpisodeRuns):  # another booking was faster
            stream = referral(heard.act.tenant, e.appointment)
            await self.streams.decide(heard.act, stream, lambda state: refer(state, wish))

    async def cancelled(self, heard: Heard[AppointmentCancelledV1]) -> None:
        """Who cancels the booking that was their referral asks no more, unless somebody took them on."""
        e, stream = heard.event, referral(heard.act.tenant, heard.event.appointment)
        await self.streams.decide(heard.act, stream, lambda state: give_up(state, by=e.by, now=heard.at))

    async def treated(self, heard: Heard[EpisodeAcceptedV1]) -> None:
        """Care begins, should it not have begun with the acceptance."""
        e = heard.event
        await self._begin(heard.act.tenant, e.episode, e.patient, e.clinician)

    async def ended(self, heard: Heard[EpisodeEndedV1]) -> None:
        """Care ends with treatment."""
        await self.orders.end(tenant=heard.act.tenant, care=heard.event.episode, by=heard.event.by)

    async def accepted(self, tenant: TenantId, episode: UUID, patient: PersonId, clinician: PersonId) -> None:
        """Begin care at once: the record opens with the acceptance. If identity is away, `treated` sees to it."""
        with contextlib.suppress(Unavailable):
            await self._begin(tenant, episode, patient, clinician)

    async def _begin(self, tenant: TenantId, episode: UUID, patient: PersonId, clinician: PersonId) -> None:
        begun = await self.orders.begin(tenant=tenant, care=episode, patient=patient, clinician=clinician)
        if not begun:
            structlog.get_logger("intake").warning("treatment without care", episode=str(episode))


def referral(tenant: TenantId, appointment: AppointmentId) -> UUID:
    """The episode that a first booking begins."""
    return derived("episode", tenant, appointment)
