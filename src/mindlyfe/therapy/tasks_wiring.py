"""Puts tasks of the staff into therapy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from mindlyfe.identity.contract import People
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.messages import Event, PersonId, Role, TenantId
from mindlyfe.kernel.module import Module, Platform, Reaction
from mindlyfe.kernel.personal import Entry, Personal
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK, PRIVACY
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters import tasks as listing
from mindlyfe.therapy.adapters.causes import Causes
from mindlyfe.therapy.adapters.http import tasks as task_routes
from mindlyfe.therapy.adapters.tasks import TaskList
from mindlyfe.therapy.adapters.tasks_told import TasksTold
from mindlyfe.therapy.application.in_turn import in_turn
from mindlyfe.therapy.application.tasks import FindingTasks, StaffTasks
from mindlyfe.therapy.contract.bookings import AppointmentMissedV1
from mindlyfe.therapy.contract.tasks import Tasks
from mindlyfe.therapy.domain import task
from mindlyfe.therapy.domain.task import Step, Task

STAFF: Final[frozenset[Role]] = FRONT_DESK | CLINICIANS | PRIVACY
GRANTS: Final[Mapping[str, frozenset[Role]]] = {"tasks:read": STAFF, "tasks:do": STAFF}


def with_tasks(module: Module, p: Platform) -> Module:
    """Therapy with tasks in it."""
    listed = TaskList(p.database)
    streams: Streams[Task, Step] = Streams(
        p.database,
        p.keys,
        name="task",
        events=Step,
        evolve=task.evolve,
        subject=lambda state: state.patient,
        inline=(listed,),
    )
    tasks = StaffTasks(streams=streams, listed=listed, clock=p.clock)
    finding = FindingTasks(streams=streams, causes=Causes(p.database), people=p.asks.of(People), clock=p.clock)

    async def find() -> None:
        await alone(p.database, "tasks", finding.run)

    return replace(
        module,
        routes=[*module.routes, task_routes.routes(tasks)],
        grants={**module.grants, **GRANTS},
        streams=(*module.streams, streams),
        hears={**module.hears, AppointmentMissedV1: _after(module, AppointmentMissedV1, tasks.missed)},
        answers={**module.answers, Tasks: tasks},
        personal=_personal(module.personal, TasksTold(p.database, streams)),
        workers={**module.workers, "tasks": find},
    )


def _after(module: Module, event: type[Event], reaction: Reaction) -> Reaction:
    """What others of therapy hear, too, they hear first."""
    return in_turn(module.hears[event], reaction) if event in module.hears else reaction


def _personal(personal: Personal, told: TasksTold) -> Personal:
    """What therapy holds of a person, and tasks about them with it."""

    async def tells(tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        return [*await personal.tells(tenant, person), *await told.tells(tenant, person)]

    return replace(
        personal,
        tells=tells,
        erases={**personal.erases, **listing.ERASES},
        stays={**personal.stays, **listing.STAYS},
    )
