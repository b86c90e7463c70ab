"""Puts sessions of groups into therapy."""

from dataclasses import replace
from typing import Final

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.identity.contract.profiles import Patients
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters.calendar import Calendar
from mindlyfe.therapy.adapters.clinic import Rooms
from mindlyfe.therapy.adapters.groups import GroupSessions
from mindlyfe.therapy.adapters.http.groups import routes
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.adapters.timetable import Timetable
from mindlyfe.therapy.application.clinic import ClinicRooms
from mindlyfe.therapy.application.groups import Groups
from mindlyfe.therapy.application.in_turn import in_turn
from mindlyfe.therapy.domain.access import PARTIES, POLICY, STAFF
from mindlyfe.therapy.domain.group import Change, GroupSession, evolve

GRANTS: Final[dict[str, frozenset[Role]]] = {"groups:run": STAFF, "groups:read": PARTIES | STAFF}


def with_groups(module: Module, p: Platform) -> Module:
    """Therapy with groups: their sessions are kept in the calendar, seats are appointments."""
    streams: Streams[GroupSession, Change] = Streams(
        p.database, p.keys, name="group-session", events=Change, evolve=evolve, inline=(Calendar(p.database),)
    )
    by_name = {one.name: one for one in module.streams}
    groups = Groups(
        streams=streams,
        appointments=by_name["appointment"],
        listed=GroupSessions(p.database),
        published=Timetable(p.database),
        rooms=ClinicRooms(by_name["room"], Rooms(p.database), p.ids),
        patients=p.asks.of(Patients),
        people=p.asks.of(People),
        reach=Reach(POLICY, TieCopy(p.database, MEANINGS), p.asks.of(Ties), p.clock, Merged(p.database)),
        clock=p.clock,
    )
    return replace(
        module,
        routes=[*module.routes, routes(groups)],
        grants={**module.grants, **GRANTS},
        streams=(*module.streams, streams),
        hears={**module.hears, MemberLeftV1: in_turn(groups.left, module.hears[MemberLeftV1])},
    )
