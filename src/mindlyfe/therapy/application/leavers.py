"""Who leaves the clinic meets nobody there any more: their hours close, their appointments to come are cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import Heard, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.schedules import availability
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.availability import Availability
from mindlyfe.therapy.domain.availability import Change as HoursChange
from mindlyfe.therapy.domain.leaving import closed, freed


class Upcoming(Protocol):
    """Appointments that were booked and have not begun."""

    async def of(
        self, tenant: TenantId, person: PersonId, *, now: datetime, booked_by: datetime | None
    ) -> Sequence[AppointmentId]:
        """Those the person takes part in; of them, if it is said, those that were booked until then."""
        ...


@dataclass(frozen=True, slots=True)
class Leavers:
    """Each step is done once per message, and changes nothing when it is done."""

    hours: Streams[Availability, HoursChange]
    appointments: Streams[Appointment, Change]
    upcoming: Upcoming
    people: People
    clock: Clock

    async def left(self, heard: Heard[MemberLeftV1]) -> None:
        """Close and cancel; the other party is told by the mail of every cancellation.

        The news may come late. Who has been admitted again since gets nothing back, and keeps what is new: only what
        was booked before they left is cancelled, and their hours stay. Raises Unavailable: then it is tried again.
        """
        tenant, person = heard.act.tenant, heard.event.person
        back = await self.people.belongs(tenant=tenant, person=person)
        if not back:
            await self._close(heard, person)
        now = self.clock()
        for appointment in await self.upcoming.of(tenant, person, now=now, booked_by=heard.at if back else None):
            await self._free(heard, appointment, now)

    async def _close(self, heard: Heard[MemberLeftV1], person: PersonId) -> None:
        try:
            await self.hours.decide(heard.act.step("hours"), availability(heard.act.tenant, person), closed)
        except Erased:
            return

    async def _free(self, heard: Heard[MemberLeftV1], appointment: AppointmentId, now: datetime) -> None:
        """Of an erased patient nothing is left to be changed; the next one is."""
        try:
            await self.appointments.decide(
                heard.act.step(str(appointment)), appointment, lambda state: freed(state, now=now)
            )
        except Erased:
            return
