"""What therapy tells of a person for their export: appointments, episodes of care, and the hours they published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.retained import Retained
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.feeds import Feeds
from mindlyfe.therapy.adapters.telling import identified
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.contract import Status
from mindlyfe.therapy.contract.episodes import Stage
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.availability import Schedule, TimeOff
from mindlyfe.therapy.domain.episode import Episode, Step

MET: Final[LiteralString] = """
    select appointment, patient = %(person)s from calendar
    where (patient = %(person)s or therapist = %(person)s) and status <> 'held' order by starts_at, appointment"""
TREATED: Final[LiteralString] = """
    select count(*), max(at) from (
        select starts_at as at from calendar where patient = %(person)s
        and status in ('booked', 'missed', 'fulfilled')
        union all select coalesce(ended_at, referred_at) from episode
        where patient = %(person)s and clinician is not null) as records"""
EPISODES: Final[LiteralString] = "select episode from episode where patient = %(person)s order by referred_at, episode"

APPOINTMENT_STATUS: Final[Mapping[Status, str]] = {
    "requested": "pending",
    "held": "proposed",
    "booked": "booked",
    "cancelled": "cancelled",
    "declined": "cancelled",
    "missed": "noshow",
    "fulfilled": "fulfilled",
}
"""FHIR's word for each (R4, AppointmentStatus)."""
STATUS: Final[Mapping[Stage, str]] = {
    "referred": "waitlist",
    "accepted": "planned",
    "active": "active",
    "discharged": "finished",
    "refused": "cancelled",
    "withdrawn": "cancelled",
}
"""FHIR's word for each stage (R4, EpisodeOfCareStatus)."""


@dataclass(frozen=True, slots=True)
class Told:
    """Reads it under the keys of those it belongs to."""

    database: Database
    appointments: Streams[Appointment, Change]
    episodes: Streams[Episode, Step]

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """Everything, in the organisation that was asked."""
        async with self.database.app(tenant) as tx:
            met = await (await tx.execute(MET, {"person": person})).fetchall()
        found: list[Entry] = []
        for appointment, as_patient in met:
            try:
                state, _ = await self.appointments.load(tenant, appointment)
            except Erased:
                continue
            if state:
                found.append(_told(appointment, state, as_patient=as_patient))
        return [*found, *await self._episodes(tenant, person), *await self._hours(tenant, person)]

    async def retains(self, tenant: TenantId, person: PersonId) -> Sequence[Retained]:
        """Appointments that took place, or will, and treatment; a referral that came to nothing is kept by no law."""
        async with self.database.app(tenant) as tx:
            count, latest = await (await tx.execute(TREATED, {"person": person})).fetchone() or (0, None)
        return [Retained(records="clinical", count=count, latest=latest)] if latest is not None else []

    async def _episodes(self, tenant: TenantId, person: PersonId) -> list[Entry]:
        async with self.database.app(tenant) as tx:
            rows = await (await tx.execute(EPISODES, {"person": person})).fetchall()
        states = [(id_, (await self.episodes.load(tenant, id_))[0]) for (id_,) in rows]
        return [_episode(id_, state) for id_, state in states if state]

    async def _hours(self, tenant: TenantId, person: PersonId) -> list[Entry]:
        feeds = [Entry(topic="availability", values=each) for each in await Feeds(self.database).told(tenant, person)]
        published = await Timetable(self.database).of(tenant, person)
        if published is None:
            return feeds
        schedules = [Entry(topic="availability", values=_schedule(one)) for one in published.availability.schedules]
        return [
            *feeds,
            *schedules,
            *(Entry(topic="availability", values=_off(one)) for one in published.availability.time_off),
        ]


def _schedule(one: Schedule) -> dict[str, Any]:
    windows = [
        {"iso_weekday": each.weekday, "opens_minutes_after_midnight": each.opens, "closes_at_minute": each.closes}
        for each in one.windows
    ]
    days = [{"date": each.day.isoformat(), "hours_in_minutes_after_midnight": each.hours} for each in one.days]
    return {
        "time_zone": one.zone,
        "weekly_hours": windows,
        "other_hours": days,
        "minutes_per_appointment": one.minutes,
        "name": one.name,
        "kind": one.kind,
        "place": one.place,
    }


def _off(one: TimeOff) -> dict[str, Any]:
    return {
        "time_zone": one.zone,
        "away_from": one.first.isoformat(),
        "from_minute": one.opens,
        "away_until": one.last.isoformat(),
        "until_minute": one.closes,
        "colleague": str(one.colleague) if one.colleague else None,
    }


def _told(appointment: UUID, state: Appointment, *, as_patient: bool) -> Entry:
    """Of a therapist only that they met somebody then: with whom, and why it was cancelled, is the patient's."""
    values: dict[str, Any] = {
        "appointment": str(appointment),
        "as": "patient" if as_patient else "therapist",
        "starts_at": state.starts_at.isoformat(),
        "minutes": state.minutes,
        "status": state.status,
        "cancelled_late": state.late,
    }
    if as_patient:
        values |= {"therapist": str(state.therapist), "reason_of_cancellation": state.reason}
    return Entry(topic="appointments", values=values, resource=_resource(appointment, state, as_patient=as_patient))


def _episode(episode: UUID, state: Episode) -> Entry:
    values: dict[str, Any] = {"episode": str(episode), **msgspec.to_builtins(state)}
    resource: dict[str, Any] = {
        "resourceType": "EpisodeOfCare",
        "id": str(episode),
        "status": STATUS[state.stage],
        "patient": identified(state.patient),
        "period": {"start": state.referred_at.isoformat()},
    }
    if state.ended_at:
        resource["period"]["end"] = state.ended_at.isoformat()
    if state.clinician:
        resource["careManager"] = identified(state.clinician)
    return Entry(topic="episodes", values=values, resource=resource)


def _resource(appointment: UUID, state: Appointment, *, as_patient: bool) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": str(appointment),
        "status": APPOINTMENT_STATUS[state.status],
        "start": state.starts_at.isoformat(),
        "end": (state.starts_at + timedelta(minutes=state.minutes)).isoformat(),
        "minutesDuration": state.minutes,
        "participant": [_participant(state.therapist)],
    }
    if as_patient:
        resource["participant"].insert(0, _participant(state.patient))
        if state.reason:
            resource["cancelationReason"] = {"text": state.reason}
    return resource


def _participant(person: PersonId) -> dict[str, Any]:
    return {"actor": identified(person), "status": "accepted"}
