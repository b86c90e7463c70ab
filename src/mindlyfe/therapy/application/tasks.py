"""Tasks: opened by what happens or by other contexts, claimed and closed by people, settled when the cause ended."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from mindlyfe.identity.contract import People
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, Heard, Instant, PersonId, Principal, TenantId
from mindlyfe.kernel.paging import Page
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.therapy.application.sweeping import swept
from mindlyfe.therapy.contract.bookings import AppointmentMissedV1
from mindlyfe.therapy.contract.tasks import CloseTask, TaskEntry, TaskKind, TaskRole, TaskSaved
from mindlyfe.therapy.domain.task import Opened, Step, Task, claim, close, open_, seen, settle

FOUND: Final[tuple[TaskKind, ...]] = ("note-outstanding", "plan-review-overdue", "leavers-episode")
"""What begins by the passing of time, without an event."""
REST_S: Final = 60.0
SOON: Final = timedelta(hours=24)
"""So long there is for a task that the platform finds."""


class Cause(NamedTuple):
    """Something that is to be done. `key` tells it from every other of its kind."""

    tenant: TenantId
    kind: TaskKind
    about: UUID
    key: str
    patient: PersonId
    assignee: PersonId | None
    role: TaskRole | None
    leaver: PersonId | None
    """It is one only while this person does not belong to the clinic."""


class FoundCauses(Protocol):
    """What the tables show, for all clinics."""

    async def begun(self, kind: TaskKind, now: datetime, most: int, passed: int) -> Sequence[Cause]:
        """What of this kind there is no task for yet; without the first `passed`."""
        ...

    async def ended(self, now: datetime, most: int, passed: int) -> Sequence[tuple[TenantId, UUID]]:
        """Open tasks whose cause is no more; without the first `passed`."""
        ...


class ListedTasks(Protocol):
    """The read model."""

    async def of(
        self, tenant: TenantId, reader: PersonId, roles: Collection[str], *, open_: bool, word: str | None, limit: int
    ) -> Page[TaskEntry]:
        """The reader's own and those of their roles."""
        ...


def task_of(tenant: TenantId, kind: TaskKind, key: object) -> UUID:
    """The task of a cause, whether it is open, closed, or never was."""
    return derived("task", kind, tenant, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffTasks:
    """What people and other contexts do with tasks. Answers `Tasks` of the contract."""

    streams: Streams[Task, Step]
    listed: ListedTasks
    clock: Clock

    async def mine(self, who: Principal, *, open_tasks: bool, limit: int, cursor: str | None) -> Page[TaskEntry]:
        """The caller's own and those of their roles. Raises Malformed."""
        return await self.listed.of(who.tenant, who.id, who.roles, open_=open_tasks, word=cursor, limit=limit)

    async def claim(self, task: UUID, who: Principal, act: Act, expected: int | None) -> TaskSaved:
        """Take it on. Raises NotFound, TaskClosed, TaskClaimed, VersionConflict."""
        now = self.clock()
        decided = await self.streams.decide(
            act, task, lambda state: claim(seen(state, who), by=who.id, now=now), expected=expected
        )
        return TaskSaved(task, decided.version)

    async def close(self, task: UUID, c: CloseTask, who: Principal, act: Act, expected: int | None) -> TaskSaved:
        """Say what came of it. Raises NotFound, TaskClosed, VersionConflict."""
        now = self.clock()
        decided = await self.streams.decide(
            act,
            task,
            lambda state: close(seen(state, who), by=who.id, outcome=c.outcome, words=c.words, now=now),
            expected=expected,
        )
        return TaskSaved(task, decided.version)

    async def open(
        self,
        *,
        tenant: TenantId,
        cause: UUID,
        about: UUID,
        patient: PersonId | None,
        role: TaskRole | None,
        assignee: PersonId | None,
        due_at: Instant,
    ) -> UUID:
        """For another context. Raises NobodysTask."""
        task = task_of(tenant, "follow-up", cause)
        wish = Opened(
            kind="follow-up",
            about=about,
            patient=patient,
            role=role,
            assignee=assignee,
            due_at=due_at,
            at=self.clock(),
        )
        await self.streams.decide(by_platform(tenant), task, lambda state: open_(state, wish))
        return task

    async def settle(self, *, tenant: TenantId, cause: UUID) -> None:
        """For another context: the cause ended."""
        now, task = self.clock(), task_of(tenant, "follow-up", cause)
        await self.streams.decide(by_platform(tenant), task, lambda state: settle(state, now=now))

    async def missed(self, heard: Heard[AppointmentMissedV1]) -> None:
        """Somebody did not come: the front desk calls the patient."""
        e, tenant = heard.event, heard.act.tenant
        wish = Opened(
            kind="no-show",
            about=e.appointment,
            patient=e.patient,
            role="reception",
            assignee=None,
            due_at=heard.at + SOON,
            at=heard.at,
        )
        task = task_of(tenant, "no-show", e.appointment)
        await self.streams.decide(heard.act.step("task"), task, lambda state: open_(state, wish))


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingTasks:
    """The worker that opens tasks as time passes, and closes those whose cause ended.

    Runs in one process at a time. Killed anywhere, it finds again what there is: a cause has one task, by its id.
    """

    streams: Streams[Task, Step]
    causes: FoundCauses
    people: People
    clock: Clock

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(REST_S)

    async def turn(self) -> int:
        """Open and settle all that is due. How many were."""
        now, done = self.clock(), 0

        async def ended(most: int, passed: int) -> Sequence[tuple[TenantId, UUID]]:
            return await self.causes.ended(now, most, passed)

        for kind in FOUND:
            done += await swept(partial(self.causes.begun, kind, now), partial(self._begin, now), kind)
        return done + await swept(ended, partial(self._settle, now), "settled")

    async def _begin(self, now: datetime, cause: Cause) -> bool:
        if cause.leaver and await self.people.belongs(tenant=cause.tenant, person=cause.leaver):
            return False
        wish = Opened(
            kind=cause.kind,
            about=cause.about,
            patient=cause.patient,
            role=cause.role,
            assignee=cause.assignee,
            due_at=now + SOON,
            at=now,
        )
        task = task_of(cause.tenant, cause.kind, cause.key)
        decided = await self.streams.decide(by_platform(cause.tenant), task, lambda state: open_(state, wish))
        return decided.version == 1

    async def _settle(self, now: datetime, one: tuple[TenantId, UUID]) -> bool:
        tenant, task = one
        await self.streams.decide(by_platform(tenant), task, lambda state: settle(state, now=now))
        return True
