"""What staff does with sessions of groups: offers, seats, calls off, looks who comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, Forbidden
from mindlyfe.kernel.messages import SYSTEM, Act, Heard, PersonId, Principal, TenantId
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.roles import FRONT_DESK
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.clinic import ClinicRooms
from mindlyfe.therapy.application.ports import PublishedHours
from mindlyfe.therapy.application.schedules import found
from mindlyfe.therapy.contract import AppointmentId, Saved
from mindlyfe.therapy.contract.groups import CallOffGroup, GroupEntry, GroupId, GroupSaved, GroupView, Guest, OfferGroup
from mindlyfe.therapy.domain.access import calendar_of, unseen
from mindlyfe.therapy.domain.appointment import Appointment
from mindlyfe.therapy.domain.appointment import Change as AppointmentChange
from mindlyfe.therapy.domain.attending import cancel
from mindlyfe.therapy.domain.group import Change, GroupOffered, GroupSession, Seat, call_off, offer, run, take_seat


class GroupList(Protocol):
    """The read model."""

    async def guests(self, tenant: TenantId, group: GroupId) -> Sequence[Guest]:
        """Everybody who has or had a seat."""
        ...

    async def upcoming(self, tenant: TenantId, therapist: PersonId | None, now: datetime) -> Sequence[GroupEntry]:
        """The sessions that have not begun, of one therapist or all."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The life of a session of a group."""

    streams: Streams[GroupSession, Change]
    appointments: Streams[Appointment, AppointmentChange]
    listed: GroupList
    published: PublishedHours
    rooms: ClinicRooms
    patients: Patients
    people: People
    reach: Reach
    clock: Clock

    async def offer(self, group: GroupId, command: OfferGroup, who: Principal, act: Act) -> GroupSaved:
        """Offer a session. Raises NotFound, Forbidden, UnknownRoom, IdTaken, InThePast, SlotTaken, RoomTaken."""
        now, therapist = self.clock(), command.therapist or who.id
        if therapist != who.id and FRONT_DESK.isdisjoint(who.roles):
            raise Forbidden("a therapist offers sessions of their own")
        found(await self.published.of(who.tenant, therapist))
        wish = GroupOffered(
            therapist=therapist,
            title=command.title,
            starts_at=command.starts_at,
            minutes=command.minutes,
            seats=command.seats,
            kind=command.kind,
            place=command.place,
            room=await self.rooms.known(who.tenant, command.room),
            by=who.id,
        )
        decided = await self.streams.decide(act, group, lambda state: offer(state, wish, now))
        return GroupSaved(group, decided.version)

    async def call_off(self, group: GroupId, command: CallOffGroup, who: Principal, act: Act) -> GroupSaved:
        """Call it off and cancel every seat; asked again, it goes on where it was. Raises NotFound, AlreadyStarted."""
        now = self.clock()
        decided = await self.streams.decide(act, group, lambda state: call_off(run(state, who), by=who.id, now=now))
        for guest in await self.listed.guests(who.tenant, group):
            if guest.status == "booked":
                await self._free(guest.appointment, command.reason, who.id, act, now)
        return GroupSaved(group, decided.version)

    async def seat(
        self, group: GroupId, appointment: AppointmentId, patient: PersonId, who: Principal, act: Act
    ) -> Saved:
        """A seat for a patient, under the caller's own id.

        Raises NotFound, Unavailable, AlreadyBooked, GroupOver, GroupFull, AlreadyStarted, NotOffered, PatientBusy.
        """
        now = self.clock()
        state = run((await self.streams.load(who.tenant, group))[0], who)
        await self.reach.require(who, "write", calendar_of(who.tenant, patient))
        await self.patients.header(tenant=who.tenant, person=patient)
        wish = Seat(session=group, group=state, patient=patient, by=who.id)

        def decision(before: Appointment | None) -> Sequence[AppointmentChange]:
            unseen(before, patient)
            return take_seat(before, wish, now)

        decided = await self.appointments.decide(act, appointment, decision)
        return Saved(appointment, decided.version)

    async def one(self, group: GroupId, who: Principal) -> GroupView:
        """The session, for who runs it and for its guests. Raises NotFound."""
        state, _ = await self.streams.load(who.tenant, group)
        guests = await self.listed.guests(who.tenant, group)
        if state is not None and any(each.patient == who.id for each in guests):
            return _view(group, state, None)
        return _view(group, run(state, who), sum(each.status != "cancelled" for each in guests))

    async def guests(self, group: GroupId, who: Principal) -> Sequence[Guest]:
        """Who has a seat, for who runs it. Raises NotFound."""
        run((await self.streams.load(who.tenant, group))[0], who)
        return await self.listed.guests(who.tenant, group)

    async def upcoming(self, who: Principal) -> Sequence[GroupEntry]:
        """The caller's sessions to come; for the front desk everybody's."""
        everybodys = not FRONT_DESK.isdisjoint(who.roles)
        return await self.listed.upcoming(who.tenant, None if everybodys else who.id, self.clock())

    async def left(self, heard: Heard[MemberLeftV1]) -> None:
        """Call off the sessions of who left; their seats are cancelled with all their appointments."""
        tenant, person, now = heard.act.tenant, heard.event.person, self.clock()
        if await self.people.belongs(tenant=tenant, person=person):
            return
        for each in await self.listed.upcoming(tenant, person, now):
            await self.streams.decide(
                heard.act.step(f"group/{each.id}"),
                each.id,
                lambda state: call_off(state, by=SYSTEM, now=now) if state is not None else [],
            )

    async def _free(self, seat: AppointmentId, reason: str, by: PersonId, act: Act, now: datetime) -> None:
        def decision(state: Appointment | None) -> Sequence[AppointmentChange]:
            if state is None or state.status != "booked":
                return []
            return cancel(state, by=by, reason=reason, now=now)

        try:
            await self.appointments.decide(act.step(f"seat/{seat}"), seat, decision)
        except Erased:
            return


def _view(group: GroupId, state: GroupSession, taken: int | None) -> GroupView:
    said = state.offered
    return GroupView(
        id=group,
        therapist=said.therapist,
        title=said.title,
        starts_at=said.starts_at,
        minutes=said.minutes,
        kind=said.kind,
        place=said.place,
        called_off=state.called_off,
        room=None if taken is None else said.room,
        seats=None if taken is None else said.seats,
        taken=taken,
    )
