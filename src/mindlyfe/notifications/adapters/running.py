"""Workflows put together: what is defined and preferred, what runs, and who carries out what is due."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, LiteralString, Self

from mindlyfe.identity.contract import Recipients
from mindlyfe.kernel.messages import Event, Role
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.roles import EVERYBODY
from mindlyfe.kernel.slices import in_turn
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.adapters.claims import RUNS, Claims
from mindlyfe.notifications.adapters.deliveries import Deliveries
from mindlyfe.notifications.adapters.http import preferences as preference_routes
from mindlyfe.notifications.adapters.http import workflows as workflow_routes
from mindlyfe.notifications.adapters.preferences import PreferenceList
from mindlyfe.notifications.adapters.runs import RunList
from mindlyfe.notifications.adapters.workflows import WorkflowList
from mindlyfe.notifications.application.courtesies import Courtesies
from mindlyfe.notifications.application.preferences import OwnPreferences
from mindlyfe.notifications.application.reminders import Reminders
from mindlyfe.notifications.application.runs import Runs
from mindlyfe.notifications.application.scheduler import Scheduler
from mindlyfe.notifications.application.throttles import Quotas
from mindlyfe.notifications.application.workflows import ClinicWorkflows
from mindlyfe.notifications.contract import Channel
from mindlyfe.notifications.domain import preferences, quota, run, workflow
from mindlyfe.notifications.domain.delivery import Change, Delivery
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentCancelledV1
from mindlyfe.therapy.contract.bookings import (
    AppointmentDeclinedV1,
    AppointmentMissedV1,
    AppointmentMovedV1,
    AppointmentRequestedV1,
)

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "preferences:read": EVERYBODY,
    "preferences:set": EVERYBODY,
    "workflows:read": EVERYBODY - {"patient"},
    "workflows:define": frozenset({"clinic-admin"}),
}
ERASES: Final[Mapping[str, LiteralString]] = {
    "claim": "delete from claim where stream in (select id from run where recipient = %(person)s)",
    "run": "delete from run where recipient = %(person)s",
    "preference": "delete from preference where person = %(person)s",
}
MOVES: Final[Mapping[str, LiteralString]] = {
    "run": "select exists (select from run where recipient = %(person)s and status = 'running')",
}
STAYS: Final[Mapping[str, str]] = {
    "claim": "a worker's claim on a run, which names nobody",
    "preference": "what the merged account preferred; the survivor has said what they prefer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the context's wiring takes over."""

    runs: Runs
    listed: RunList
    preferences: OwnPreferences
    module: Module

    @classmethod
    def of(  # noqa: PLR0917 - what it stands on
        cls,
        p: Platform,
        deliveries: Streams[Delivery, Change],
        sent: Deliveries,
        wishes: PreferenceList,
        ready: frozenset[Channel],
        asked: Callable[[], None],
    ) -> Self:
        """Put it together; `asked` rings for deliveries."""
        listed, defined, bell = RunList(p.database), WorkflowList(p.database), asyncio.Event()
        editions = _editions(p, defined)
        preferred = _preferred(p, wishes)
        quotas, streams = _quotas(p), _runs(p, listed)
        runs = Runs(
            streams=streams,
            deliveries=deliveries,
            definitions=defined,
            wishes=wishes,
            fates=sent,
            throttles=Quotas(quotas),
            recipients=p.asks.of(Recipients),
            ready=ready,
            clock=p.clock,
            asked=asked,
            began=bell.set,
        )
        own, workflows = OwnPreferences(preferred, p.clock), ClinicWorkflows(editions, p.clock)
        module = Module(
            name=p.context,
            routes=[preference_routes.routes(own), workflow_routes.routes(workflows, defined)],
            grants=GRANTS,
            streams=(streams, editions, preferred, quotas),
            hears=_heard(Reminders(runs), Courtesies(runs, p.flags)),
            personal=Personal(tells=wishes.tells, erases=ERASES, moves=MOVES, stays=STAYS),
            workers={"scheduler": Scheduler(Claims(p.database, RUNS), runs.carry_on, p.clock, bell).run},
        )
        return cls(runs=runs, listed=listed, preferences=own, module=module)


def _heard(reminders: Reminders, courtesies: Courtesies) -> Mapping[type[Event], Reaction]:
    return {
        AppointmentBookedV1: in_turn(courtesies.booked, reminders.booked),
        AppointmentMovedV1: in_turn(courtesies.moved, reminders.moved),
        AppointmentCancelledV1: in_turn(courtesies.cancelled, reminders.cancelled),
        AppointmentDeclinedV1: in_turn(courtesies.declined, reminders.declined),
        AppointmentRequestedV1: courtesies.requested,
        AppointmentMissedV1: courtesies.missed,
    }


def _runs(p: Platform, listed: RunList) -> Streams[run.Run, run.Change]:
    return Streams(
        p.database,
        p.keys,
        name="run",
        events=run.Change,
        evolve=run.evolve,
        subject=lambda state: state.recipient,
        inline=(listed,),
    )


def _preferred(p: Platform, wishes: PreferenceList) -> Streams[preferences.Preferences, preferences.Preferred]:
    return Streams(
        p.database,
        p.keys,
        name="preferences",
        events=preferences.Preferred,
        evolve=preferences.evolve,
        subject=lambda state: state.person,
        inline=(wishes,),
    )


def _quotas(p: Platform) -> Streams[quota.Quota, quota.Admitted]:
    return Streams(
        p.database,
        p.keys,
        name="quota",
        events=quota.Admitted,
        evolve=quota.evolve,
        subject=lambda state: state.person,
    )


def _editions(p: Platform, defined: WorkflowList) -> Streams[workflow.Editions, workflow.Change]:
    return Streams(
        p.database, p.keys, name="workflow", events=workflow.Change, evolve=workflow.evolve, inline=(defined,)
    )
