"""What people do with appointments. The decision checks who asks; the stream owns the transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Forbidden, VersionConflict
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import FRONT_DESK
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.clinic import ClinicRooms, ClinicTypes
from mindlyfe.therapy.application.ports import Engagements, PublishedHours
from mindlyfe.therapy.contract import AppointmentId, BookAppointment, CancelAppointment, RoomId, Saved
from mindlyfe.therapy.contract.bookings import DeclineAppointment, MoveAppointment, NoPatient, Side
from mindlyfe.therapy.domain.access import STAFF, answered, calendar_of, changed, marked, seen, unseen
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.attending import cancel, confirm, decline, miss, take_back
from mindlyfe.therapy.domain.availability import Availability
from mindlyfe.therapy.domain.booking import Wish, book, move, published
from mindlyfe.therapy.domain.clocks import SECOND
from mindlyfe.therapy.domain.holding import take_up
from mindlyfe.therapy.domain.slots import FREE, Engaged, search

FARTHEST: Final = timedelta(days=731)
"""No schedule is booked as long before."""

type Decision = Callable[[Appointment | None], Sequence[Change]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointments:
    """The life of an appointment, from booking to what became of it."""

    streams: Streams[Appointment, Change]
    published: PublishedHours
    engagements: Engagements
    types: ClinicTypes
    rooms: ClinicRooms
    patients: Patients
    reach: Reach
    clock: Clock

    async def book(self, appointment: AppointmentId, command: BookAppointment, who: Principal, act: Act) -> Saved:
        """Take a slot for the caller, or for a patient of theirs, or of the desk's.

        Raises NotFound, NoPatient, Forbidden, UnknownType, TypeForStaff, UnknownRoom, Unavailable, AlreadyBooked,
        NotOffered, InThePast, TooSoon, BeyondHorizon, TherapistAway, TherapistFull, SlotTaken, PatientBusy, RoomTaken,
        HoldOver.
        """
        now, (wish, hours, engaged) = self.clock(), await self.wished(command, who)

        def decision(state: Appointment | None) -> Sequence[Change]:
            unseen(state, wish.patient)
            if state is not None and state.status == "held":
                return take_up(state, wish, therapist=hours.therapist, now=now)
            return book(state, hours, engaged, wish, now)

        return await self._decide(appointment, act, None, decision)

    async def wished(self, command: BookAppointment, who: Principal) -> tuple[Wish, Availability, Engaged]:
        """What the caller would book, of whose hours, and what takes that therapist's time.

        Raises NotFound, NoPatient, Forbidden, UnknownType, TypeForStaff, UnknownRoom, Unavailable.
        """
        therapist, now = command.therapist, self.clock()
        patient = await booked_for(command.patient, therapist, who, self.reach, self.patients)
        hours = published(await self._hours(who.tenant, therapist))
        engaged = await around(self.engagements, who.tenant, therapist, command.starts_at, now)
        chosen = await self.types.bookable(command.appointment_type, who)
        wish = Wish(
            patient=patient,
            starts_at=command.starts_at,
            schedule=command.schedule,
            by=who.id,
            minutes=chosen.minutes if chosen else None,
            appointment_type=chosen.id if chosen else None,
            room=await self._room(command.room, who),
        )
        return wish, hours, engaged

    async def move(
        self, appointment: AppointmentId, command: MoveAppointment, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Give it another time.

        Raises NotFound, Forbidden, UnknownRoom, NotBooked, AlreadyStarted, NotAnswered, TooLateToMove,
        ConfirmationNeeded, VersionConflict, and what `book` raises for a start that is not given.
        """
        now = self.clock()
        state, _ = await self.streams.load(who.tenant, appointment)
        was_with = changed(state, who, now).therapist
        therapist = command.therapist or was_with
        if therapist != was_with and FRONT_DESK.isdisjoint(who.roles):
            raise Forbidden("only the front desk moves an appointment to another therapist")
        hours = await self._hours(who.tenant, therapist)
        engaged = await around(self.engagements, who.tenant, therapist, command.starts_at, now, besides=appointment)
        room = await self._room(command.room, who)

        def decision(state: Appointment | None) -> Sequence[Change]:
            found = changed(state, who, now)
            if found.therapist != was_with:
                raise VersionConflict
            wish = Wish(
                patient=found.patient,
                starts_at=command.starts_at,
                schedule=command.schedule,
                by=who.id,
                minutes=found.minutes if found.appointment_type else None,
                appointment_type=found.appointment_type,
                room=room,
            )
            return move(found, hours, engaged, wish, now, reason=command.reason)

        return await self._decide(appointment, act, expected, decision)

    async def cancel(
        self, appointment: AppointmentId, command: CancelAppointment, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Give the slot back. Raises NotFound, NotBooked, AlreadyStarted, VersionConflict."""
        now = self.clock()
        return await self._decide(
            appointment,
            act,
            expected,
            lambda state: cancel(changed(state, who, now), by=who.id, reason=command.reason, now=now),
        )

    async def confirm(self, appointment: AppointmentId, who: Principal, act: Act, expected: int | None) -> Saved:
        """Say yes to a request. Raises NotFound, Forbidden, NotRequested, RequestLapsed, VersionConflict."""
        now = self.clock()
        return await self._decide(
            appointment, act, expected, lambda state: confirm(answered(state, who, now), by=who.id, now=now)
        )

    async def decline(
        self, appointment: AppointmentId, command: DeclineAppointment, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Say no to a request. Raises NotFound, Forbidden, NotRequested, VersionConflict."""
        now = self.clock()
        return await self._decide(
            appointment,
            act,
            expected,
            lambda state: decline(answered(state, who, now), by=who.id, reason=command.reason),
        )

    async def miss(
        self, appointment: AppointmentId, absent: Side, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Say who did not come. Raises NotFound, Forbidden, NotBooked, NotStarted, VersionConflict."""
        now = self.clock()
        return await self._decide(
            appointment,
            act,
            expected,
            lambda state: miss(marked(state, absent, who, now), absent=absent, by=who.id, now=now),
        )

    async def take_back(self, appointment: AppointmentId, who: Principal, act: Act) -> Saved:
        """Say that they did come. Raises NotFound, Forbidden, NotMissed, TooLateToCorrect."""
        now = self.clock()
        return await self._decide(
            appointment, act, None, lambda state: take_back(marked(state, None, who, now), by=who.id, now=now)
        )

    async def one(self, appointment: AppointmentId, who: Principal) -> tuple[Appointment, int]:
        """The appointment as the caller may see it, and its version. Raises NotFound."""
        state, version = await self.streams.load(who.tenant, appointment)
        return seen(state, who, self.clock()), version

    async def _decide(self, appointment: AppointmentId, act: Act, expected: int | None, decision: Decision) -> Saved:
        decided = await self.streams.decide(act, appointment, decision, expected=expected)
        return Saved(appointment, decided.version)

    async def _hours(self, tenant: TenantId, therapist: PersonId) -> Availability | None:
        found = await self.published.of(tenant, therapist)
        return found.availability if found else None

    async def _room(self, room: RoomId | None, who: Principal) -> RoomId | None:
        """The room that staff chose. Raises Forbidden, UnknownRoom."""
        if room is not None and STAFF.isdisjoint(who.roles):
            raise Forbidden("the clinic chooses the room")
        return await self.rooms.known(who.tenant, room)


async def booked_for(
    patient: PersonId | None, therapist: PersonId, who: Principal, reach: Reach, patients: Patients
) -> PersonId:
    """For whom the caller books: for themselves, for one of the clinic's patients, as a therapist one they treat.

    Raises NoPatient, NotFound, Forbidden, Unavailable.
    """
    if patient in {None, who.id}:
        if "patient" not in who.roles:
            raise NoPatient
        return who.id
    assert patient is not None
    await reach.require(who, "write", calendar_of(who.tenant, patient))
    if FRONT_DESK.isdisjoint(who.roles) and therapist != who.id:
        raise Forbidden("a therapist books for their patients with themselves")
    await patients.header(tenant=who.tenant, person=patient)
    return patient


async def around(
    engagements: Engagements,
    tenant: TenantId,
    therapist: PersonId,
    start: datetime,
    now: datetime,
    *,
    besides: AppointmentId | None = None,
) -> Engaged:
    """What takes the therapist's time around a start, if anybody could book it; `besides` is left out."""
    if not now <= start < now + FARTHEST:
        return FREE
    wanted = search(start, start + SECOND, now)
    found = await engagements.engaged(tenant, [therapist], wanted.since, wanted.until, besides=besides)
    return found.get(therapist, FREE)
