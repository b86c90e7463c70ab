"""What the export of a person says of what staff had to do about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.telling import identified
from mindlyfe.therapy.contract.tasks import Outcome
from mindlyfe.therapy.domain.task import Step, Task

THEIRS: Final[LiteralString] = "select task from task where patient = %s order by opened_at, task"
STATUS: Final[Mapping[Outcome, str]] = {"done": "completed", "not-needed": "cancelled", "settled": "completed"}
"""FHIR's word for how it ended (R4, TaskStatus)."""


@dataclass(frozen=True, slots=True)
class TasksTold:
    """Reads them under the patient's key."""

    database: Database
    streams: Streams[Task, Step]

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """Every task about the patient."""
        async with self.database.app(tenant) as tx:
            rows = await (await tx.execute(THEIRS, (person,))).fetchall()
        found: list[Entry] = []
        for (task,) in rows:
            try:
                state, _ = await self.streams.load(tenant, task)
            except Erased:
                continue
            if state:
                found.append(_told(task, person, state))
        return found


def _told(task: UUID, person: PersonId, state: Task) -> Entry:
    opened, closed = state.opened, state.closed
    values: dict[str, Any] = {
        "task": str(task),
        "kind": opened.kind,
        "about": str(opened.about),
        "opened_at": opened.at.isoformat(),
        "due_at": opened.due_at.isoformat(),
        "closed_at": closed.at.isoformat() if closed else None,
        "outcome": closed.outcome if closed else None,
        "words": closed.words if closed else "",
    }
    resource: dict[str, Any] = {
        "resourceType": "Task",
        "id": str(task),
        "status": STATUS[closed.outcome] if closed else "in-progress" if state.claimed_by else "requested",
        "intent": "order",
        "for": identified(person),
        "description": opened.kind,
        "authoredOn": opened.at.isoformat(),
    }
    return Entry(topic="tasks", values=values, resource=resource)
