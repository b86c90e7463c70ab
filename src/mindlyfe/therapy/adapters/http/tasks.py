"""Tasks of the staff: one's own and one's role's; claim, close."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router

from mindlyfe.kernel.errors import Malformed, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.adapters.http.lists import Cursor, Limit
from mindlyfe.therapy.application.tasks import StaffTasks
from mindlyfe.therapy.contract.tasks import CloseTask, TaskClaimed, TaskClosed, TaskEntry, TaskSaved

Open = Annotated[bool, msgspec.Meta(description="Those that are still to be done, or those that are closed.")]
CLOSING = (NotFound, TaskClosed, VersionConflict)


def routes(tasks: StaffTasks) -> Router:
    """`/v1/tasks`."""

    @get(needs="tasks:read", clinical=True, refuses=(Malformed,), audits="tasks.read")
    async def mine(
        who: Principal, *, open_: Open = True, limit: Limit = 50, cursor: Cursor | None = None
    ) -> Page[TaskEntry]:
        """The caller's tasks and those of their roles, the earliest due first."""
        return await tasks.mine(who, open_tasks=open_, limit=limit, cursor=cursor)

    @post("/{task:uuid}/claim", needs="tasks:do", clinical=True, refuses=(*CLOSING, TaskClaimed), status_code=200)
    async def claim(task: UUID, who: Principal, act: Act, expected: int | None) -> TaskSaved:
        """Take it on, so that colleagues see that somebody is at it."""
        return await tasks.claim(task, who, act, expected)

    @post("/{task:uuid}/closure", needs="tasks:do", clinical=True, refuses=CLOSING, status_code=200)
    async def close(task: UUID, data: CloseTask, who: Principal, act: Act, expected: int | None) -> TaskSaved:
        """Close it with what came of it. The platform closes it as settled when its cause has ended by itself."""
        return await tasks.close(task, data, who, act, expected)

    return Router("/v1/tasks", route_handlers=[mine, claim, close], tags=["Tasks"])
