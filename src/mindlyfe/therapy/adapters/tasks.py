"""Read model: tasks of the staff. What was done about them, in words, is sealed in their streams."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Instant, PersonId, Recorded, TenantId
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract.tasks import TaskEntry
from mindlyfe.therapy.domain.task import Claimed, Closed, Opened, Step

OPEN: Final[LiteralString] = """
    insert into task (task, kind, about, patient, role, assignee, due_at, opened_at, version)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
STEP: Final[LiteralString] = """
    update task set claimed_by = coalesce(%s, claimed_by), closed_at = %s, outcome = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and task = %s"""
# Open ones that are the reader's, or their role's and nobody else's yet.
THEIRS: Final[LiteralString] = """
    select task as id, kind, about, patient, role, assignee, claimed_by, opened_at, due_at, closed_at, outcome, version
    from task
    where (closed_at is null) = %(open)s and (%(reader)s in (assignee, claimed_by) or role = any(%(roles)s))
    and (due_at, task) > (%(since)s, %(id)s) order by due_at, task limit %(limit)s"""
ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType({"task": "delete from task where patient = %(person)s"})
STAYS: Final[Mapping[str, str]] = MappingProxyType(
    {"task": "what was to be done for the account that was: its id leads to the one that is left"}
)


class TaskList:
    """The tasks of a clinic. Row-level security keeps to the tenant, each query to the reader."""

    name = "tasks"
    tables: Sequence[LiteralString] = ("task",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Step]], /) -> None:
        """Follow each step."""
        for each in recorded:
            match each.event:
                case Opened() as e:
                    whose = (e.kind, e.about, e.patient, e.role, e.assignee, e.due_at, e.at)
                    await tx.execute(OPEN, (each.stream, *whose, each.version))
                case Claimed(by=by):
                    await tx.execute(STEP, (by, None, None, each.version, each.stream))
                case Closed(at=at, outcome=outcome):
                    await tx.execute(STEP, (None, at, outcome, each.version, each.stream))

    async def of(
        self, tenant: TenantId, reader: PersonId, roles: Collection[str], *, open_: bool, word: str | None, limit: int
    ) -> Page[TaskEntry]:
        """The reader's own and those of their roles, the earliest due first. Raises Malformed."""
        since, id_ = after(word, tuple[Instant, UUID]) or BEGINNING
        row = {"reader": reader, "roles": list(roles), "open": open_, "since": since, "id": id_, "limit": limit + 1}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(TaskEntry)) as rows:
            found = await (await rows.execute(THEIRS, row)).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].due_at, items[-1].id) if len(found) > limit else None)
