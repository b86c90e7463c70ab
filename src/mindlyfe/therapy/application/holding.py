"""Keeping a slot while a form is filled in."""

from collections.abc import Sequence
from dataclasses import dataclass

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.appointments import Appointments
from mindlyfe.therapy.contract import AppointmentId, BookAppointment
from mindlyfe.therapy.contract.holds import HoldSaved
from mindlyfe.therapy.domain.access import unseen
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.booking import book
from mindlyfe.therapy.domain.holding import HOLD_FOR, keeps, release
from mindlyfe.therapy.domain.placed import Booked, Held, Requested


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Ten minutes each, two for a person at once; the booking under the same id takes it up."""

    streams: Streams[Appointment, Change]
    appointments: Appointments
    clock: Clock

    async def hold(self, hold: AppointmentId, command: BookAppointment, who: Principal, act: Act) -> HoldSaved:
        """Keep what the caller would book. The same again keeps it no longer.

        Raises TooManyHolds, HoldOver, and what booking it raises.
        """
        now, (wish, hours, engaged) = self.clock(), await self.appointments.wished(command, who)

        def decision(state: Appointment | None) -> Sequence[Change]:
            unseen(state, wish.patient)
            if state is not None:
                return keeps(state, wish, therapist=hours.therapist)
            (then,) = book(None, hours, engaged, wish, now)
            assert isinstance(then, Booked | Requested)
            return [Held(then=then, holder=who.id, until=now + HOLD_FOR)]

        decided = await self.streams.decide(act, hold, decision)
        state, _ = await self.streams.load(who.tenant, hold)
        assert state is not None
        assert state.hold is not None
        return HoldSaved(hold, state.hold.until, decided.version)

    async def release(self, hold: AppointmentId, who: Principal, act: Act) -> None:
        """Keep it no longer. Raises NotFound, AlreadyBooked."""
        state, _ = await self.streams.load(who.tenant, hold)
        if state is None or state.hold is None or who.id not in {state.patient, state.hold.holder}:
            raise NotFound
        now = self.clock()
        await self.streams.decide(act, hold, lambda found: release(found, now=now))
