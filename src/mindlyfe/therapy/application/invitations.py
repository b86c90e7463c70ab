"""Invitations for mail: an appointment as it stands, for one of those who take part in it."""

from dataclasses import dataclass
from typing import Protocol

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.ports import PublishedHours
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.calendars import Invitation, Method
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.line import DISCREET, GREENWICH, STANDING, Line, Occurrence, Parties


class Writes(Protocol):
    """Writes invitations."""

    def __call__(self, line: Line, parties: Parties, of: Occurrence | None = None) -> tuple[Method, bytes]:
        """The document, and what it wants done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedInvitations:
    """Answers `Invitations` of the contract."""

    streams: Streams[Appointment, Change]
    hours: PublishedHours
    writes: Writes
    clock: Clock

    async def invitation(
        self, *, tenant: TenantId, appointment: AppointmentId, person: PersonId, organizer: str, attendee: str
    ) -> Invitation:
        """Raises NotFound, Erased, Unavailable."""
        state, version = await self.streams.load(tenant, appointment)
        if state is None or person not in {state.patient, state.therapist, *state.formerly}:
            raise NotFound
        if state.status not in STANDING:
            raise NotFound
        passed_on = person not in {state.patient, state.therapist}
        line = Line(
            id=appointment,
            starts_at=state.starts_at,
            minutes=state.minutes,
            zone=await self._zone(tenant, state),
            status="CANCELLED" if passed_on else STANDING[state.status],
            sequence=version - 1,
            updated_at=self.clock(),
            summary=DISCREET,
        )
        member = state.booked_as
        of = Occurrence(series=member.series, original=member.original) if member else None
        method, document = self.writes(line, Parties(organizer=organizer, attendee=attendee), of)
        return Invitation(method=method, body=document.decode())

    async def _zone(self, tenant: TenantId, state: Appointment) -> str:
        """Of the schedule, while it is there."""
        published = await self.hours.of(tenant, state.therapist)
        schedule = published.availability.schedule(state.schedule) if published and state.schedule else None
        return schedule.zone if schedule else GREENWICH
