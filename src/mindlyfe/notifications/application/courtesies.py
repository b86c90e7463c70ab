"""What people are told of appointments: a run of a workflow for each recipient, begun once per message."""

from dataclasses import dataclass
from typing import Any

from mindlyfe.kernel.flags import Flags
from mindlyfe.kernel.messages import Heard, PersonId
from mindlyfe.notifications.application.reminders import source
from mindlyfe.notifications.application.runs import Runs
from mindlyfe.notifications.contract.workflows import WorkflowName
from mindlyfe.notifications.domain.flags import BOOKINGS_TO_THERAPISTS
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1
from mindlyfe.therapy.contract.bookings import (
    AppointmentDeclinedV1,
    AppointmentMissedV1,
    AppointmentMovedV1,
    AppointmentRequestedV1,
)


@dataclass(frozen=True, slots=True)
class Courtesies:
    """One method per event heard."""

    runs: Runs
    flags: Flags

    async def booked(self, heard: Heard[AppointmentBookedV1]) -> None:
        """Tell the patient, and the therapist unless the clinic wants that left out."""
        await self._tell(heard, "appointment-booked", heard.event.patient)
        if await self.flags.on(BOOKINGS_TO_THERAPISTS, heard.act.tenant):
            await self._tell(heard, "appointment-booked", heard.event.therapist)

    async def cancelled(self, heard: Heard[AppointmentCancelledV1]) -> None:
        """Tell both."""
        await self._tell(heard, "appointment-cancelled", heard.event.patient, heard.event.therapist)

    async def moved(self, heard: Heard[AppointmentMovedV1]) -> None:
        """Tell both, and who had it before."""
        event = heard.event
        await self._tell(heard, "appointment-moved", *dict.fromkeys((event.patient, event.therapist, event.was_with)))

    async def requested(self, heard: Heard[AppointmentRequestedV1]) -> None:
        """Ask the therapist for an answer."""
        await self._tell(heard, "appointment-requested", heard.event.therapist)

    async def declined(self, heard: Heard[AppointmentDeclinedV1]) -> None:
        """Tell the patient."""
        await self._tell(heard, "appointment-declined", heard.event.patient)

    async def missed(self, heard: Heard[AppointmentMissedV1]) -> None:
        """Write to the patient who did not come; for a therapist who did not, the clinic finds its own words."""
        if heard.event.absent == heard.event.patient:
            await self._tell(heard, "appointment-missed", heard.event.patient)

    async def _tell(self, heard: Heard[Any], name: WorkflowName, *recipients: PersonId) -> None:
        for person in recipients:
            await self.runs.begin(heard.act, name, person, heard.event.appointment, source(heard), key=heard.message)
