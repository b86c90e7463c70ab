"""What people do with appointments. The decision checks who asks; the stream owns the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.ports import Engagements, PublishedHours
from mindlyfe.therapy.contract import AppointmentId, BookAppointment, CancelAppointment, Saved
from mindlyfe.therapy.domain.access import changed, seen, unseen
from mindlyfe.therapy.domain.appointment import Appointment, Change, Wish, book, cancel
from mindlyfe.therapy.domain.clocks import SECOND
from mindlyfe.therapy.domain.slots import FREE, Engaged, search

FARTHEST: Final = timedelta(days=731)
"""No schedule is booked as long before."""


@dataclass(frozen=True, slots=True)
class Appointments:
    """Booking, cancelling and looking at one appointment."""

    streams: Streams[Appointment, Change]
    published: PublishedHours
    engagements: Engagements
    clock: Clock

    async def book(self, appointment: AppointmentId, command: BookAppointment, who: Principal, act: Act) -> Saved:
        """Take a slot for the caller.

        Raises NotFound, AlreadyBooked, NotOffered, InThePast, TooSoon, BeyondHorizon, TherapistAway, TherapistFull,
        SlotTaken, PatientBusy.
        """
        therapist, now = command.therapist, self.clock()
        published = await self.published.of(who.tenant, therapist)
        engaged = await around(self.engagements, who.tenant, therapist, command.starts_at, now)
        wish = Wish(patient=who.id, starts_at=command.starts_at, schedule=command.schedule)

        def decision(state: Appointment | None) -> Sequence[Change]:
            unseen(state, who.id)
            return book(state, published.availability if published else None, engaged, wish, now)

        decided = await self.streams.decide(act, appointment, decision)
        return Saved(appointment, decided.version)

    async def cancel(
        self, appointment: AppointmentId, command: CancelAppointment, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Give the slot back. Raises NotFound, Forbidden, NotBooked, AlreadyStarted, VersionConflict."""
        now = self.clock()

        def decision(state: Appointment | None) -> Sequence[Change]:
            return cancel(changed(state, who, now), by=who.id, reason=command.reason, now=now)

        decided = await self.streams.decide(act, appointment, decision, expected=expected)
        return Saved(appointment, decided.version)

    async def one(self, appointment: AppointmentId, who: Principal) -> tuple[Appointment, int]:
        """The appointment as the caller may see it, and its version. Raises NotFound."""
        state, version = await self.streams.load(who.tenant, appointment)
        return seen(state, who, self.clock()), version


async def around(
    engagements: Engagements, tenant: TenantId, therapist: PersonId, start: datetime, now: datetime
) -> Engaged:
    """What takes the therapist's time around a start, if anybody could book it."""
    if not now <= start < now + FARTHEST:
        return FREE
    wanted = search(start, start + SECOND, now)
    found = await engagements.engaged(tenant, [therapist], wanted.since, wanted.until)
    return found.get(therapist, FREE)
