"""Composition root of therapy: the one module that knows every other."""

from typing import Any, Final

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.messages import Event, Heard, Recorded, Role
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.ties import ERASES, TieCopy
from mindlyfe.therapy import contract
from mindlyfe.therapy.adapters import importing, meeting, outgoing, subscriptions, treatment
from mindlyfe.therapy.adapters.calendar import Calendar
from mindlyfe.therapy.adapters.http import appointments as appointment_routes
from mindlyfe.therapy.adapters.http import lists as list_routes
from mindlyfe.therapy.adapters.http import patients as patient_routes
from mindlyfe.therapy.adapters.merged import BARS, MOVES, STAYS, Merged
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.adapters.told import Told
from mindlyfe.therapy.adapters.upcoming import UpcomingAppointments
from mindlyfe.therapy.application.appointments import Appointments
from mindlyfe.therapy.application.leavers import Leavers
from mindlyfe.therapy.application.merging import FollowedMerges
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1, AppointmentId
from mindlyfe.therapy.domain import access, appointment
from mindlyfe.therapy.domain.access import POLICY
from mindlyfe.therapy.domain.appointment import Appointment, Booked, Cancelled, Change
from mindlyfe.therapy.notes_wiring import with_notes
from mindlyfe.therapy.waiting_wiring import with_waiting

GRANTS: Final[dict[str, frozenset[Role]]] = {**access.GRANTS, **treatment.GRANTS, **outgoing.GRANTS}


def published(r: Recorded[Any]) -> Event | None:
    """What other contexts are told."""
    appointment_ = AppointmentId(r.stream)
    match r.event:
        case Booked(patient=patient, therapist=therapist, starts_at=at, minutes=minutes):
            return AppointmentBookedV1(
                appointment=appointment_, patient=patient, therapist=therapist, starts_at=at, minutes=minutes
            )
        case Cancelled(patient=patient, therapist=therapist, by=by, late=late):
            return AppointmentCancelledV1(
                appointment=appointment_, patient=patient, therapist=therapist, by=by, late=late
            )
        case _:
            return treatment.published(r)


def personal(told: Told) -> Personal:
    """What therapy holds of a person. An appointment is its patient's: whom a therapist met stays when they go."""
    return Personal(
        tells=told.tells,
        retains=told.retains,
        erases={
            "calendar": "delete from calendar where patient = %(person)s",
            "episode": "delete from episode where patient = %(person)s",
            **meeting.ERASES,
            **subscriptions.ERASES,
            "merged": "delete from merged where %(person)s in (person, survivor)",
            **ERASES,
        },
        moves=MOVES,
        bars=BARS,
        stays={**STAYS, **subscriptions.STAYS},
    )


def build(platform: Platform) -> Module:
    """Put therapy together."""
    return with_waiting(with_notes(_scheduling(platform), platform), platform)


def _scheduling(platform: Platform) -> Module:
    """Hours and appointments."""
    database, clock = platform.database, platform.clock
    timetable, calendar, ties = Timetable(database), Calendar(database), TieCopy(database, MEANINGS)
    merged, booked = Merged(database), _booked(platform, calendar)
    reach = Reach(POLICY, ties, platform.asks.of(Ties), clock, merged)
    meets, treated = meeting.Meeting.of(platform, timetable), treatment.Treatment.of(platform, reach)
    leavers = Leavers(meets.hours, booked, UpcomingAppointments(database), platform.asks.of(People), clock)
    imports, given = importing.Imports.of(platform), outgoing.Outgoing.of(platform)
    follows = FollowedMerges(booked, calendar, treated.streams, treated.listed, clock)
    return Module(
        name="therapy",
        routes=[
            *meets.routes,
            *imports.routes,
            *appointment_routes.routes(Appointments(booked, timetable, meets.engagements, clock)),
            *list_routes.routes(calendar),
            *patient_routes.routes(reach, calendar, merged),
            *treated.routes,
            *given.routes,
        ],
        grants=GRANTS,
        streams=(meets.hours, meets.teams, imports.streams, booked, treated.streams, given.streams),
        publishes=published,
        policy=POLICY,
        hears={
            **treated.hears,
            MemberLeftV1: _both(leavers.left, given.subscriptions.left),
            MemberMergedV1: follows.member_merged,
        },
        follows=(ties, merged),
        answers={contract.Appointments: calendar},
        personal=personal(Told(database, booked, treated.streams)),
        workers={"feeds": imports.run},
    )


def _both(first: Reaction, second: Reaction) -> Reaction:
    async def react(heard: Heard[Any]) -> None:
        await first(heard)
        await second(heard)

    return react


def _booked(p: Platform, calendar: Calendar) -> Streams[Appointment, Change]:
    return Streams(
        p.database,
        p.keys,
        name="appointment",
        events=Change,
        evolve=appointment.evolve,
        subject=lambda state: state.patient,
        inline=(calendar,),
    )
