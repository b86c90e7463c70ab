"""Tasks of the staff: what there is to do, whose it is, and how any context asks for something to be done."""

from typing import Annotated, Final, Literal, Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant, PersonId, TenantId

type TaskKind = Literal["note-outstanding", "no-show", "leavers-episode", "plan-review-overdue", "follow-up"]
"""What is to be done. `follow-up`: what another context asks for; `about` leads to it."""
type TaskRole = Literal["therapist", "supervisor", "reception", "clinic-admin", "privacy-officer"]
"""Whose task it is, when it is not one person's."""
type Outcome = Literal["done", "not-needed", "settled"]
"""`settled`: its cause ended, and the platform closed it."""
WORDS: Final = 1_000


class CloseTask(Command, frozen=True):
    """What came of it."""

    outcome: Literal["done", "not-needed"]
    words: Annotated[str, msgspec.Meta(max_length=WORDS)] = ""


class TaskSaved(msgspec.Struct, frozen=True):
    """The task stands at this version."""

    task: UUID
    version: int


class TaskEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A task in a list. `about`: the appointment, episode or other thing it is about."""

    id: UUID
    kind: TaskKind
    about: UUID
    patient: PersonId | None
    role: TaskRole | None
    assignee: PersonId | None
    claimed_by: PersonId | None
    opened_at: Instant
    due_at: Instant
    closed_at: Instant | None
    outcome: Outcome | None
    version: int


class Tasks(Protocol):
    """What other contexts may ask. Who opens a task knows its cause, and says when that has ended."""

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
        """Have somebody follow up, once per `cause`, however often it is asked. Raises NobodysTask."""
        ...

    async def settle(self, *, tenant: TenantId, cause: UUID) -> None:
        """The cause ended: what is still open is closed; again, nothing."""
        ...


class NobodysTask(DomainError):
    """A task needs a role or a person to do it."""

    status = 422
    code = "nobodys-task"
    advice = "Name a role or an assignee."


class TaskClosed(DomainError):
    """The task is closed."""

    code = "task-closed"
    advice = "Read it again: somebody was faster, or its cause has ended."


class TaskClaimed(DomainError):
    """Somebody else is at it."""

    code = "task-claimed"
    advice = "Let them, or ask them to close it."
