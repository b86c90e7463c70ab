"""Reminders of appointments: a run per appointment and patient, which follows what therapy tells in whatever order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from mindlyfe.kernel.messages import Heard, PersonId
from mindlyfe.notifications.application.runs import Runs
from mindlyfe.notifications.contract.workflows import Source
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1
from mindlyfe.therapy.contract.bookings import AppointmentDeclinedV1, AppointmentMovedV1


@dataclass(frozen=True, slots=True)
class Reminders:
    """Begun when it is certain, anew when it moves, withdrawn when it will not be."""

    runs: Runs

    async def booked(self, heard: Heard[AppointmentBookedV1]) -> None:
        """Remind the patient."""
        await self._remind(heard, heard.event.patient, heard.event.appointment, heard.event.starts_at)

    async def moved(self, heard: Heard[AppointmentMovedV1]) -> None:
        """Remind the patient of the new time instead."""
        await self._remind(heard, heard.event.patient, heard.event.appointment, heard.event.starts_at)

    async def cancelled(self, heard: Heard[AppointmentCancelledV1]) -> None:
        """Remind nobody of it."""
        await self._stop(heard, heard.event.patient, heard.event.appointment)

    async def declined(self, heard: Heard[AppointmentDeclinedV1]) -> None:
        """Remind nobody of it."""
        await self._stop(heard, heard.event.patient, heard.event.appointment)

    async def _remind(self, heard: Heard[Any], patient: PersonId, appointment: UUID, starts_at: datetime) -> None:
        await self.runs.begin(heard.act, "appointment-reminder", patient, appointment, source(heard), moment=starts_at)

    async def _stop(self, heard: Heard[Any], patient: PersonId, appointment: UUID) -> None:
        await self.runs.withdraw(heard.act, "appointment-reminder", patient, appointment, source(heard))


def source(heard: Heard[Any]) -> Source:
    """Where the news comes from."""
    return Source(heard.stream, heard.version, heard.at)
