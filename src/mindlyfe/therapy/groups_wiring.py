"""Puts sessions of groups into therapy."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.kernel.messages import Event, Role
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.slices import in_turn, joined
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.calendar import Calendar
from mindlyfe.therapy.adapters.clinic import Rooms
from mindlyfe.therapy.adapters.groups import GroupSessions
from mindlyfe.therapy.adapters.http.groups import routes
from mindlyfe.therapy.adapters.reaching import reach_of
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.application.clinic import ClinicRooms
from mindlyfe.therapy.application.groups import Groups
from mindlyfe.therapy.domain.access import PARTIES, STAFF
from mindlyfe.therapy.domain.group import Change, GroupSession, evolve

GRANTS: Final[dict[str, frozenset[Role]]] = {"groups:run": STAFF, "groups:read": PARTIES | STAFF}


def with_groups(module: Module, p: Platform) -> Module:
    """Therapy with groups: their sessions are kept in the calendar, seats are appointments."""
    streams: Streams[GroupSession, Change] = Streams(
        p.database, p.keys, name="group-session", events=Change, evolve=evolve, inline=(Calendar(p.database),)
    )
    groups = Groups(
        streams=streams,
        appointments=module.stream("appointment"),
        listed=GroupSessions(p.database),
        published=Timetable(p.database),
        rooms=ClinicRooms(module.stream("room"), Rooms(p.database), p.ids),
        patients=p.asks.of(Patients),
        people=p.asks.of(People),
        reach=reach_of(p),
        clock=p.clock,
    )
    with_them = joined(module, Module(name=module.name, routes=[routes(groups)], grants=GRANTS, streams=(streams,)))
    # Sessions are called off before the hours close and the seats are freed one by one.
    hears: Mapping[type[Event], Reaction] = {
        **with_them.hears,
        MemberLeftV1: in_turn(groups.left, module.hears[MemberLeftV1]),
    }
    return replace(with_them, hears=hears)
