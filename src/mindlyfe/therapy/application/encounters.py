"""What people do with encounters: come, be let in, go, come back, end; and what follows from their appointments."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Forbidden, Unavailable
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import SYSTEM, Act, Heard, PersonId, Principal, TenantId
from mindlyfe.kernel.roles import FRONT_DESK
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract import AppointmentCancelledV1, AppointmentId, NotBooked
from mindlyfe.therapy.contract.bookings import AppointmentMovedV1, NotStarted
from mindlyfe.therapy.contract.encounters import (
    CheckIn,
    EncounterSaved,
    EncounterStartedV1,
    EncounterView,
    NoSuchCountry,
    Part,
    WaitingEntry,
    Whereabouts,
)
from mindlyfe.therapy.domain import admitting
from mindlyfe.therapy.domain.access import seen
from mindlyfe.therapy.domain.appointment import Appointment
from mindlyfe.therapy.domain.appointment import Change as AppointmentChange
from mindlyfe.therapy.domain.attending import fulfil
from mindlyfe.therapy.domain.encounter import PARTS, CheckedIn, Encounter, Step

MEETING: Final = frozenset({"booked", "missed", "fulfilled"})
"""Statuses of an appointment that people meet for: late, too, after somebody was said to have missed it."""


def encounter_of(tenant: TenantId, appointment: AppointmentId) -> UUID:
    """The encounter of an appointment, whether it has begun or not."""
    return derived("encounter", tenant, appointment)


class WaitingRoom(Protocol):
    """The read model."""

    async def waiting(self, tenant: TenantId, therapist: PersonId | None) -> list[WaitingEntry]:
        """Who waits, for one therapist or for any."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounters:
    """Each step looks at the appointment first: whose it is, and whether it still stands."""

    streams: Streams[Encounter, Step]
    appointments: Streams[Appointment, AppointmentChange]
    patients: Patients
    room: WaitingRoom
    clock: Clock

    async def check_in(self, appointment: AppointmentId, c: CheckIn, who: Principal, act: Act) -> EncounterSaved:
        """The patient is there.

        Raises NotFound, NotBooked, CheckInClosed, WhereaboutsMissing, NoSuchCountry, EncounterOver.
        """
        found = await self._meeting(appointment, who)
        if c.whereabouts:
            await self._located(who.tenant, found.patient, c.whereabouts)
        wish = CheckedIn(
            appointment=appointment,
            patient=found.patient,
            therapist=found.therapist,
            kind=found.kind,
            starts_at=found.starts_at,
            minutes=found.minutes,
            by=who.id,
            whereabouts=c.whereabouts,
            at=self.clock(),
        )
        return await self._decide(appointment, act, None, lambda state: admitting.check_in(state, wish))

    async def admit(self, appointment: AppointmentId, who: Principal, act: Act, expected: int | None) -> EncounterSaved:
        """Let the patient in. Raises NotFound, Forbidden, NotBooked, PatientNotThere, EncounterOver, NotStarted."""
        found, now = await self._meeting(appointment, who), self.clock()
        self._leads(found, who)
        return await self._decide(
            appointment, act, expected, lambda state: admitting.admit(state, starts_at=found.starts_at, at=now)
        )

    async def join(self, appointment: AppointmentId, who: Principal, act: Act) -> EncounterSaved:
        """Come back in. Raises NotFound, Forbidden, NotAdmitted, EncounterOver."""
        part, now = await self._part(appointment, who), self.clock()
        return await self._decide(appointment, act, None, lambda state: admitting.join(state, part, at=now))

    async def leave(self, appointment: AppointmentId, who: Principal, act: Act) -> EncounterSaved:
        """Go, out of the waiting room or the encounter. Raises NotFound, Forbidden, NotAdmitted."""
        part, now = await self._part(appointment, who), self.clock()
        return await self._decide(appointment, act, None, lambda state: admitting.leave(state, part, at=now))

    async def end(self, appointment: AppointmentId, who: Principal, act: Act, expected: int | None) -> EncounterSaved:
        """It is over. Raises NotFound, Forbidden, NotAdmitted, EncounterOver."""
        self._leads(await self._seen(appointment, who), who)
        now = self.clock()
        return await self._decide(appointment, act, expected, lambda state: admitting.end(state, by=who.id, at=now))

    async def one(self, appointment: AppointmentId, who: Principal) -> EncounterView:
        """How it stands, for its patient, its therapist and the desk. Raises NotFound."""
        found = await self._seen(appointment, who)
        planned = _planned(who.tenant, appointment, found)
        state, version = await self.streams.load(who.tenant, planned.encounter)
        return _shown(planned, state, version, self.clock()) if state else planned

    async def waiting(self, who: Principal) -> list[WaitingEntry]:
        """Who waits: for the caller, or for anybody if the caller is of the desk."""
        return await self.room.waiting(who.tenant, None if who.roles & FRONT_DESK else who.id)

    async def cancelled(self, heard: Heard[AppointmentCancelledV1]) -> None:
        """Whoever waits for what was cancelled waits for nothing."""
        e, act = heard.event, heard.act.step("encounter")
        await self._decide(e.appointment, act, None, lambda state: admitting.call_off(state, by=e.by, at=heard.at))

    async def moved(self, heard: Heard[AppointmentMovedV1]) -> None:
        """Whoever waited at the old time comes again at the new one."""
        e, act, at = heard.event, heard.act.step("encounter"), heard.at
        await self._decide(
            e.appointment, act, None, lambda state: admitting.put_off(state, starts_at=e.starts_at, at=at)
        )

    async def begun(self, heard: Heard[EncounterStartedV1]) -> None:
        """The appointment takes place, unless it was cancelled or moved at the same moment."""
        e = heard.event
        with contextlib.suppress(NotBooked, NotStarted):
            await self.appointments.decide(
                heard.act.step("appointment"),
                e.appointment,
                lambda state: fulfil(state, by=SYSTEM, now=e.at) if state is not None else [],
            )

    async def _located(self, tenant: TenantId, patient: PersonId, there: Whereabouts) -> None:
        """Emergency resources go by it from now on. Nobody is kept out because identity does not answer."""
        try:
            known = await self.patients.locate(tenant=tenant, person=patient, country=there.country)
        except Unavailable:
            return
        if not known:
            raise NoSuchCountry

    async def _seen(self, appointment: AppointmentId, who: Principal) -> Appointment:
        state, _ = await self.appointments.load(who.tenant, appointment)
        return seen(state, who, self.clock())

    async def _meeting(self, appointment: AppointmentId, who: Principal) -> Appointment:
        found = await self._seen(appointment, who)
        if found.status not in MEETING:
            raise NotBooked
        return found

    async def _part(self, appointment: AppointmentId, who: Principal) -> Part:
        found = await self._seen(appointment, who)
        for part, person in zip(PARTS, (found.patient, found.therapist), strict=True):
            if who.id == person:
                return part
        raise Forbidden("only its patient and its therapist take part in an encounter")

    def _leads(self, found: Appointment, who: Principal) -> None:
        if who.id != found.therapist:
            raise Forbidden("only its therapist leads an encounter")

    async def _decide(
        self,
        appointment: AppointmentId,
        act: Act,
        expected: int | None,
        decision: Callable[[Encounter | None], Sequence[Step]],
    ) -> EncounterSaved:
        id_ = encounter_of(act.tenant, appointment)
        decided = await self.streams.decide(act, id_, decision, expected=expected)
        return EncounterSaved(id_, decided.version)


def _planned(tenant: TenantId, appointment: AppointmentId, found: Appointment) -> EncounterView:
    """Before anybody has come."""
    opens, closes = admitting.opening(found.starts_at, found.minutes)
    return EncounterView(
        encounter=encounter_of(tenant, appointment),
        appointment=appointment,
        patient=found.patient,
        therapist=found.therapist,
        kind=found.kind,
        stage="planned" if found.status in MEETING else "cancelled",
        starts_at=found.starts_at,
        minutes=found.minutes,
        check_in_from=opens,
        check_in_until=closes,
    )


def _shown(planned: EncounterView, state: Encounter, version: int, now: datetime) -> EncounterView:
    return msgspec.structs.replace(
        planned,
        stage=state.stage,
        arrived_at=state.arrived_at,
        started_at=state.started_at,
        ended_at=state.ended_at,
        patient_inside=state.inside("patient"),
        therapist_inside=state.inside("therapist"),
        patient_s=state.seconds("patient", now),
        therapist_s=state.seconds("therapist", now),
        closed_by_platform=state.by_platform,
        whereabouts=state.come.whereabouts,
        version=version,
    )
