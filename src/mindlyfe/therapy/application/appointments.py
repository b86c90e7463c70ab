"""What people do with appointments. The decision checks who asks; the stream owns the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.ports import PublishedHours
from mindlyfe.therapy.contract import AppointmentId, BookAppointment, CancelAppointment, Saved
from mindlyfe.therapy.domain.access import changed, seen, unseen
from mindlyfe.therapy.domain.appointment import Appointment, Change, book, cancel


@dataclass(frozen=True, slots=True)
class Appointments:
    """Booking, cancelling and looking at one appointment."""

    streams: Streams[Appointment, Change]
    published: PublishedHours
    clock: Clock

    async def book(self, appointment: AppointmentId, command: BookAppointment, who: Principal, act: Act) -> Saved:
        """Take a slot for the caller.

        Raises NotFound, AlreadyBooked, NotOffered, InThePast, TooSoon, BeyondHorizon, SlotTaken, PatientBusy.
        """
        published = await self.published.of(who.tenant, command.therapist)
        hours = published.hours if published else None
        now = self.clock()

        def decision(state: Appointment | None) -> Sequence[Change]:
            unseen(state, who.id)
            return book(state, hours, patient=who.id, starts_at=command.starts_at, now=now)

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
