"""Composition root of therapy: the one module that knows every other."""

from typing import Any, Final

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.messages import Event, Recorded, Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.slices import in_turn
from mindlyfe.kernel.ties import ERASES, TieCopy
from mindlyfe.therapy import contract
from mindlyfe.therapy.adapters import (
    appointing,
    groups,
    importing,
    meeting,
    outgoing,
    premises,
    subscriptions,
    transfers,
    treatment,
)
from mindlyfe.therapy.adapters.calendar import Calendar
from mindlyfe.therapy.adapters.holds import Holds
from mindlyfe.therapy.adapters.http import lists as list_routes
from mindlyfe.therapy.adapters.http import patients as patient_routes
from mindlyfe.therapy.adapters.merged import BARS, MOVES, STAYS, Merged
from mindlyfe.therapy.adapters.series import OccurrenceList
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.adapters.told import Told
from mindlyfe.therapy.adapters.upcoming import UpcomingAppointments
from mindlyfe.therapy.agenda_wiring import with_agenda
from mindlyfe.therapy.application.leavers import Leavers
from mindlyfe.therapy.application.merging import FollowedMerges
from mindlyfe.therapy.contract.calendars import Invitations
from mindlyfe.therapy.domain import access
from mindlyfe.therapy.domain.access import POLICY
from mindlyfe.therapy.groups_wiring import with_groups
from mindlyfe.therapy.notes_wiring import with_notes
from mindlyfe.therapy.plans_wiring import with_plans
from mindlyfe.therapy.series_wiring import with_series
from mindlyfe.therapy.sessions_wiring import with_sessions
from mindlyfe.therapy.tasks_wiring import with_tasks
from mindlyfe.therapy.waiting_wiring import with_waiting

GRANTS: Final[dict[str, frozenset[Role]]] = {
    **access.GRANTS,
    **treatment.GRANTS,
    **outgoing.GRANTS,
    **premises.GRANTS,
}


def published(r: Recorded[Any]) -> Event | None:
    """What other contexts are told."""
    return appointing.published(r) or treatment.published(r)


def personal(told: Told) -> Personal:
    """What therapy holds of a person. An appointment is its patient's: whom a therapist met stays when they go."""
    return Personal(
        tells=told.tells,
        retains=told.retains,
        erases={
            **groups.ERASES,
            "episode": "delete from episode where patient = %(person)s",
            **transfers.ERASES,
            **meeting.ERASES,
            **subscriptions.ERASES,
            "merged": "delete from merged where %(person)s in (person, survivor)",
            **ERASES,
        },
        moves=MOVES,
        bars=BARS,
        stays={**STAYS, **subscriptions.STAYS, **transfers.STAYS},
    )


def build(platform: Platform) -> Module:
    """Put therapy together."""
    module = with_waiting(with_notes(with_series(_scheduling(platform), platform), platform), platform)
    module = with_groups(with_sessions(module, platform), platform)
    module = with_tasks(with_plans(module, platform), platform)
    return with_agenda(module, platform)


def _scheduling(platform: Platform) -> Module:
    """Hours and appointments."""
    database, clock = platform.database, platform.clock
    timetable, calendar, ties = Timetable(database), Calendar(database), TieCopy(database, MEANINGS)
    merged, booked = Merged(database), appointing.streams(platform, calendar, OccurrenceList(database), Holds(database))
    reach = Reach(POLICY, ties, platform.asks.of(Ties), clock, merged)
    has, treated = premises.Premises.of(platform), treatment.Treatment.of(platform, reach)
    meets = meeting.Meeting.of(platform, timetable, has)
    appoints = appointing.Appointing.of(platform, booked, meets, has, reach)
    leavers = Leavers(meets.hours, booked, UpcomingAppointments(database), platform.asks.of(People), clock)
    imports, given = importing.Imports.of(platform), outgoing.Outgoing.of(platform, booked, timetable)
    follows = FollowedMerges(booked, calendar, treated.streams, treated.listed, clock)
    return Module(
        name="therapy",
        routes=[
            *meets.routes,
            *imports.routes,
            *appoints.routes,
            *has.routes,
            *list_routes.routes(calendar),
            *patient_routes.routes(reach, calendar, merged),
            *treated.routes,
            *given.routes,
        ],
        grants=GRANTS,
        streams=(meets.hours, meets.teams, imports.streams, booked, treated.streams, given.streams, *has.streams),
        publishes=published,
        policy=POLICY,
        hears={
            **treated.hears,
            MemberLeftV1: in_turn(leavers.left, given.subscriptions.left),
            MemberMergedV1: follows.member_merged,
        },
        follows=(ties, merged, *treated.follows),
        answers={contract.Appointments: calendar, Invitations: given.invitations},
        personal=personal(Told(database, booked, treated.streams)),
        workers={"feeds": imports.run, "requests": appoints.lapse, "transfers": treated.transfers},
    )
