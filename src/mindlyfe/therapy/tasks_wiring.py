"""Puts tasks of the staff into therapy."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from mindlyfe.identity.contract import People
from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.roles import CLINICIANS, FRONT_DESK, PRIVACY
from mindlyfe.kernel.slices import joined
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters import tasks as listing
from mindlyfe.therapy.adapters.causes import Causes
from mindlyfe.therapy.adapters.http import tasks as task_routes
from mindlyfe.therapy.adapters.tasks import TaskList
from mindlyfe.therapy.adapters.tasks_told import TasksTold
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
    told = TasksTold(p.database, streams)
    slice_ = Module(
        name=module.name,
        routes=[task_routes.routes(tasks)],
        grants=GRANTS,
        streams=(streams,),
        hears={AppointmentMissedV1: tasks.missed},
        answers={Tasks: tasks},
        personal=Personal(tells=told.tells, erases=listing.ERASES, stays=listing.STAYS),
        workers={"tasks": partial(alone, p.database, "tasks", finding.run)},
    )
    return joined(module, slice_)
