"""Puts together what says when therapists can be met: schedules, time off, slots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, LiteralString, Self

from litestar import Router

from mindlyfe.kernel.module import Platform
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.engagements import EngagedTimes
from mindlyfe.therapy.adapters.http import availability as availability_routes
from mindlyfe.therapy.adapters.http import slots as slot_routes
from mindlyfe.therapy.adapters.http import teams as team_routes
from mindlyfe.therapy.adapters.http import time_off as time_off_routes
from mindlyfe.therapy.adapters.premises import Premises
from mindlyfe.therapy.adapters.teams import Teams
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.application.schedules import Schedules
from mindlyfe.therapy.application.slots import SlotSearch
from mindlyfe.therapy.application.teams import ClinicTeams
from mindlyfe.therapy.application.time_off import TimesOff
from mindlyfe.therapy.domain import availability, team
from mindlyfe.therapy.domain.availability import Availability, Change
from mindlyfe.therapy.domain.team import Change as TeamChange
from mindlyfe.therapy.domain.team import Team

TIME_OFF: Final[LiteralString] = """
    with without as (
        update time_off set colleague = null where colleague = %(person)s and therapist <> %(person)s)
    delete from time_off where therapist = %(person)s"""
ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {
        "availability": "delete from availability where therapist = %(person)s",
        "schedule": "delete from schedule where therapist = %(person)s",
        "time_off": TIME_OFF,
        "team_member": "delete from team_member where therapist = %(person)s",
        "feed": "delete from feed where therapist = %(person)s",
        "feed_health": "delete from feed_health where therapist = %(person)s",
        "imported": "delete from imported where therapist = %(person)s",
        "turn": "delete from turn where therapist = %(person)s",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """When therapists can be met."""

    hours: Streams[Availability, Change]
    timetable: Timetable
    teams: Streams[Team, TeamChange]
    engagements: EngagedTimes
    routes: Sequence[Router]

    @classmethod
    def of(cls, p: Platform, timetable: Timetable, premises: Premises) -> Self:
        """All of it, for one process."""
        hours: Streams[Availability, Change] = Streams(
            p.database,
            p.keys,
            name="availability",
            events=Change,
            evolve=availability.evolve,
            subject=lambda state: state.therapist,
            inline=(timetable,),
        )
        schedules, engagements = Schedules(hours, timetable, premises.rooms, p.ids), EngagedTimes(p.database)
        routes = [
            availability_routes.routes(schedules),
            slot_routes.routes(SlotSearch(timetable, engagements, premises.types, p.clock)),
            availability_routes.schedule_routes(schedules),
            time_off_routes.routes(TimesOff(hours, timetable, p.ids), schedules),
        ]
        listing = Teams(p.database)
        teams: Streams[Team, TeamChange] = Streams(
            p.database, p.keys, name="team", events=TeamChange, evolve=team.evolve, inline=(listing,)
        )
        of_clinic = ClinicTeams(
            streams=teams,
            published=timetable,
            engagements=engagements,
            acquaintances=listing,
            clock=p.clock,
            ids=p.ids,
        )
        return cls(
            hours=hours,
            timetable=timetable,
            teams=teams,
            engagements=engagements,
            routes=[*routes, team_routes.routes(of_clinic, listing)],
        )
