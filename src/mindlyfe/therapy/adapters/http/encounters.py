"""Encounters: check in, let in, come and go, end; the waiting room, and who came."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import AssuranceTooLow, Forbidden, Malformed, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post, sse
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.kernel.reach import Reach
from mindlyfe.therapy.adapters.encounters import EncounterList
from mindlyfe.therapy.adapters.http.lists import Cursor, Limit
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.application.encounters import Encounters
from mindlyfe.therapy.contract import AppointmentId, NotBooked
from mindlyfe.therapy.contract.bookings import NotStarted
from mindlyfe.therapy.contract.encounters import (
    AttendanceEntry,
    CheckIn,
    CheckInClosed,
    EncounterOver,
    EncounterSaved,
    EncounterView,
    NoSuchCountry,
    NotAdmitted,
    PatientNotThere,
    WaitingEntry,
    WhereaboutsMissing,
)
from mindlyfe.therapy.domain.access import calendar_of

LOOK_S: Final = 2.0
"""How often a stream looks whether something has changed, seconds."""
CHECKING_IN = (NotFound, NotBooked, CheckInClosed, WhereaboutsMissing, NoSuchCountry, EncounterOver)
TAKING_PART = (NotFound, Forbidden, NotAdmitted)
ADMITTING = (NotFound, Forbidden, NotBooked, PatientNotThere, EncounterOver, NotStarted, VersionConflict)
ENDING = (*TAKING_PART, EncounterOver, VersionConflict)


def routes(encounters: Encounters, list_: EncounterList, reach: Reach, merged: Merged) -> list[Router]:
    """`/v1/appointments/{appointment}/encounter`, `/v1/waiting-room`, `/v1/patients/{patient}/attendance`."""
    path = "/v1/appointments/{appointment:uuid}/encounter"
    handlers = [*_coming_and_going(encounters), *_leading(encounters), *_looking(encounters)]
    return [
        Router(path, route_handlers=handlers, tags=["Encounters"]),
        Router("/v1/waiting-room", route_handlers=[_waiting_room(encounters)], tags=["Encounters"]),
        Router("/v1/patients", route_handlers=[_attendance(list_, reach, merged)], tags=["Encounters"]),
    ]


def _coming_and_going(encounters: Encounters) -> list[HTTPRouteHandler]:
    @post("/check-in", needs="encounters:check-in", clinical=True, refuses=CHECKING_IN, status_code=200)
    async def check_in(appointment: AppointmentId, data: CheckIn, who: Principal, act: Act) -> EncounterSaved:
        """Come to the waiting room, from 30 minutes before the start; the desk and the therapist may do it for them.

        Whoever meets by video says in which country and where they are now, and how to call them back: emergency
        resources go by that country from then on. Again from another place: that place counts.
        """
        return await encounters.check_in(appointment, data, who, act)

    @post(
        "/joining",
        needs="encounters:take-part",
        clinical=True,
        refuses=(*TAKING_PART, EncounterOver),
        status_code=200,
    )
    async def join(appointment: AppointmentId, who: Principal, act: Act) -> EncounterSaved:
        """Come back into an encounter that goes on; who is in already stays in."""
        return await encounters.join(appointment, who, act)

    @post("/leaving", needs="encounters:take-part", clinical=True, refuses=TAKING_PART, status_code=200)
    async def leave(appointment: AppointmentId, who: Principal, act: Act) -> EncounterSaved:
        """Leave the waiting room, or the encounter, which goes on until its therapist ends it."""
        return await encounters.leave(appointment, who, act)

    return [check_in, join, leave]


def _leading(encounters: Encounters) -> list[HTTPRouteHandler]:
    @post("/admission", needs="encounters:lead", clinical=True, refuses=ADMITTING, status_code=200)
    async def admit(appointment: AppointmentId, who: Principal, act: Act, expected: int | None) -> EncounterSaved:
        """Let this patient in, at most 15 minutes early: the encounter begins. Others go on waiting."""
        return await encounters.admit(appointment, who, act, expected)

    @post("/end", needs="encounters:lead", clinical=True, refuses=ENDING, status_code=200)
    async def end(appointment: AppointmentId, who: Principal, act: Act, expected: int | None) -> EncounterSaved:
        """End it. What nobody ends is closed by the platform four hours after it should have been over, and says so."""
        return await encounters.end(appointment, who, act, expected)

    return [admit, end]


def _looking(encounters: Encounters) -> list[HTTPRouteHandler]:
    @get(needs="encounters:read", clinical=True, refuses=(NotFound,), audits="encounters.read")
    async def one(appointment: AppointmentId, who: Principal) -> EncounterView:
        """How it stands, for its patient, its therapist and the desk. Before anybody comes it is planned, version 0."""
        return await encounters.one(appointment, who)

    @sse("/stream", needs="encounters:read", clinical=True, refuses=(NotFound,), audits="encounters.read")
    async def stream(appointment: AppointmentId, who: Principal) -> AsyncIterator[EncounterView]:
        """The same each time it changes, until it is over: what a patient watches in the waiting room."""
        return _changes(encounters, appointment, who, await encounters.one(appointment, who))

    return [one, stream]


async def _changes(
    encounters: Encounters, appointment: AppointmentId, who: Principal, first: EncounterView
) -> AsyncIterator[EncounterView]:
    shown = first
    yield shown
    while shown.stage not in {"finished", "cancelled"}:
        await asyncio.sleep(LOOK_S)
        now = await encounters.one(appointment, who)
        if (now.version, now.stage, now.starts_at) != (shown.version, shown.stage, shown.starts_at):
            shown = now
            yield shown


def _waiting_room(encounters: Encounters) -> HTTPRouteHandler:
    @get(needs="waiting-room:read", clinical=True, audits="encounters.read")
    async def waiting(who: Principal) -> Page[WaitingEntry]:
        """Who waits to be let in, by the time of their appointment: for the caller, or, at the desk, for anybody."""
        return Page(await encounters.waiting(who))

    return waiting


def _attendance(list_: EncounterList, reach: Reach, merged: Merged) -> HTTPRouteHandler:
    @get(
        "/{patient:uuid}/attendance",
        needs="patient-attendance:read",
        clinical=True,
        refuses=(NotFound, AssuranceTooLow, Unavailable, Malformed),
        audits="attendance.read",
    )
    async def attendance(
        patient: PersonId, who: Principal, *, limit: Limit = 50, cursor: Cursor | None = None
    ) -> Page[AttendanceEntry]:
        """What became of the appointments of a patient in the caller's care, the latest first: came, late, missed …"""
        patient = await merged.survivor(who.tenant, patient)
        verdict = await reach.require(who, "read", calendar_of(who.tenant, patient))
        if not verdict.tied:
            raise NotFound
        return await list_.attendance(who.tenant, patient, now=reach.clock(), limit=limit, word=cursor)

    return attendance
