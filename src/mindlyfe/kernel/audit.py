"""Who did what to whose data, written durably before the answer leaves."""

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final, LiteralString

import msgspec
import psycopg

from mindlyfe.kernel.audit_chain import Sequencer
from mindlyfe.kernel.audit_verify import Report, verify
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.postgres import TENANT, Database, Tx, connection, refuse_in_transaction

__all__ = ["Audit", "AuditRow", "Report", "Sequencer", "noted", "row_of", "verify"]

LONGEST: Final = 500
"""Characters of a text; a longer one is cut."""
INSERT: Final[LiteralString] = """
    insert into audit (actor, subject, action, object, outcome, correlation, client, detail)
    select actor, subject, action, object, outcome, correlation, client, detail::jsonb
    from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
      with ordinality as new(actor, subject, action, object, outcome, correlation, client, detail, place)
    order by place"""


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit. Ids only: never content, a name or an address of a person."""

    tenant: TenantId
    actor: PersonId
    action: str
    """What was done: a permission (`appointment:read`) or an event's tag."""
    subject: PersonId | None = None
    """Whose data, if it is one person's."""
    object: str = ""
    """Which thing: an id, a path, a stream."""
    outcome: str = "done"
    """`done`, or the code of the refusal."""
    correlation: str = ""
    client: str = ""
    detail: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])


def row_of(
    act: Act,
    action: str,
    *,
    subject: PersonId | None = None,
    object: str = "",  # noqa: A002 - the column's name
    outcome: str = "done",
    detail: Mapping[str, Any] | None = None,
) -> AuditRow:
    """What `act` did, as a line of the audit."""
    return AuditRow(
        tenant=act.tenant,
        actor=act.actor,
        action=action,
        subject=subject,
        object=object,
        outcome=outcome,
        correlation=act.correlation,
        client=act.client,
        detail=detail or {},
    )


_NOTES: Final[ContextVar[dict[str, Any] | None]] = ContextVar("notes", default=None)


def notes() -> dict[str, Any]:
    """An empty page, on which what this request does next is noted; it becomes the detail of its line."""
    page: dict[str, Any] = {}
    _NOTES.set(page)
    return page


def note(**detail: Any) -> None:
    """Something the line of this request must say. No request, no line."""
    page = _NOTES.get()
    if page is not None:
        page.update(detail)


class Audit:
    """Writes what leaves no event: reads and refusals. Rows of one moment share a transaction."""

    def __init__(self, database: Database, *, window_s: float = 0.005) -> None:
        """At most one transaction is begun per `window_s`; nobody waits for company when it is quiet."""
        self._database, self._window_s = database, window_s
        self._waiting: list[tuple[Sequence[AuditRow], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def read(self, rows: Sequence[AuditRow]) -> None:
        """Returns when `rows` are durable. Raises Unavailable: then the answer must not be sent."""
        refuse_in_transaction()
        if not rows:
            return
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await written

    async def _write(self) -> None:
        now = asyncio.get_running_loop().time
        while self._waiting:
            taken, self._waiting = self._waiting, []
            began = now()
            failure: Exception | None = None
            try:
                await self._insert([row for rows, _ in taken for row in rows])
            except (Unavailable, psycopg.Error) as cause:
                failure = cause
            for _, written in taken:
                if written.done():  # its caller has gone
                    continue
                if failure is None:
                    written.set_result(None)
                else:
                    written.set_exception(Unavailable("The audit cannot be written; nothing is shown without it."))
            await asyncio.sleep(began + self._window_s - now())

    async def _insert(self, rows: Sequence[AuditRow]) -> None:
        tenants: dict[TenantId, list[AuditRow]] = {}
        for row in rows:
            tenants.setdefault(row.tenant, []).append(row)
        async with connection(self._database.app_pool) as tx, tx.pipeline(), tx.transaction():
            for tenant, own in tenants.items():
                await tx.execute(TENANT, (str(tenant),))
                await noted(tx, *own)


async def noted(tx: Tx, *rows: AuditRow) -> None:
    """Write lines of one tenant in a transaction that has named it: with what they tell of, or not at all."""
    await tx.execute(INSERT, [list(column) for column in zip(*map(_columns, rows), strict=True)])


def _columns(row: AuditRow) -> tuple[object, ...]:
    texts = (row.action, row.object, row.outcome, row.correlation, row.client)
    return (row.actor, row.subject, *map(_storable, texts), msgspec.json.encode(row.detail).decode())


def _storable(text: str) -> str:
    """What PostgreSQL takes: a request that names a thing in other bytes must leave a trace all the same."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()[:LONGEST]
