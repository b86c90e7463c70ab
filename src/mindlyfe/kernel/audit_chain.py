"""The audit as a chain per clinic: a sequencer forges it in batches, behind the answers.

Link n of a tenant is SHA-256 over link n-1 (32 zero bytes before the first) and the row as `canonical` writes it. Rows
follow the order (epoch, tx, position), and none is left out: see `log` for why that order has no gaps.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

import msgspec
import psycopg
import structlog

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Cursor, TenantId
from mindlyfe.kernel.postgres import Database, Tx

START: Final = bytes(32)
BATCH: Final = 500
IDLE_S: Final = 0.5
TROUBLE_S: Final = 5.0

# One sequencer per context, whichever process it is in.
LOCK: Final[LiteralString] = "select pg_try_advisory_xact_lock(hashtextextended('audit ' || current_schema(), 0))"
WHERE: Final[LiteralString] = "select epoch, tx::text::bigint, position from cursor where name = 'audit'"
NEXT: Final[LiteralString] = """
    select epoch, tx::text::bigint, position, tenant, at, actor, action, subject, object, outcome, correlation, client,
           detail
    from audit
    where (epoch, tx, position) > (%s, %s::text::xid8, %s)
      and case when epoch < (select current_epoch()) then true
               else tx < (select pg_snapshot_xmin(pg_current_snapshot())) end
    order by audit.epoch, audit.tx, audit.position limit %s"""
ENDS: Final[LiteralString] = """
    select wanted.tenant, last.seq, last.hash from unnest(%s::uuid[]) as wanted(tenant), lateral (
        select seq, hash from audit_chain where tenant = wanted.tenant order by seq desc limit 1) as last"""
FORGE: Final[LiteralString] = """
    insert into audit_chain (tenant, seq, position, hash)
    select * from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bytea[])"""
MOVE: Final[LiteralString] = """
    insert into cursor (name, epoch, tx, position) values ('audit', %s, %s::text::xid8, %s)
    on conflict (name) do update
    set epoch = excluded.epoch, tx = excluded.tx, position = excluded.position, at = clock_timestamp()"""


class Line(NamedTuple):
    """A row of the audit as it is stored."""

    epoch: int
    tx: int
    position: int
    tenant: TenantId
    at: datetime
    actor: UUID
    action: str
    subject: UUID | None
    object: str
    outcome: str
    correlation: str
    client: str
    detail: Mapping[str, Any]

    @property
    def cursor(self) -> Cursor:
        """Its place."""
        return Cursor(self.epoch, self.tx, self.position)


def canonical(line: Line) -> bytes:
    """What is hashed of a row: ids, never what an erasure would remove.

    A JSON array in UTF-8 without spaces: tenant, position, at (RFC 3339, UTC, microseconds when there are any), actor,
    action, subject or null, object, outcome, correlation, client, detail with sorted keys. Epoch and transaction are
    left out: they say in which database the row was written, and the order of the links has them already.
    """
    content = (line.tenant, line.position, line.at.astimezone(UTC), *line[5:])
    return msgspec.json.encode(content, order="deterministic")


def link(previous: bytes, line: Line) -> bytes:
    """The link for `line` after the link `previous`."""
    return hashlib.sha256(previous + canonical(line)).digest()


class Sequencer:
    """Chains the audit of one context. Several may run: one works, the others wait their turn."""

    def __init__(self, database: Database, *, batch: int = BATCH, idle_s: float = IDLE_S) -> None:
        self._database, self._batch, self._idle_s = database, batch, idle_s
        self._log = structlog.get_logger(context=database.context)

    async def run(self) -> None:
        """Chain what comes, until cancelled."""
        while True:
            try:
                wait_s = 0.0 if await self.step() == self._batch else self._idle_s
            except (Unavailable, psycopg.Error) as trouble:
                # Nothing is lost: the rows are durable, and the unchained tail shows in `verify`.
                self._log.warning("audit not chained", error=type(trouble).__name__)
                wait_s = TROUBLE_S
            await asyncio.sleep(wait_s)

    async def step(self) -> int:
        """Chain one batch; returns how many rows. Raises Unavailable."""
        async with self._database.worker() as tx:
            if (await (await tx.execute(LOCK)).fetchone()) != (True,):
                return 0
            after = await place(tx)
            rows = await tx.execute(NEXT, (after.epoch, after.tx, after.position, self._batch))
            lines = [Line(*row) async for row in rows]
            if lines:
                await self._forge(tx, lines)
                upto = lines[-1].cursor
                await tx.execute(MOVE, (upto.epoch, upto.tx, upto.position))
            return len(lines)

    async def _forge(self, tx: Tx, lines: Sequence[Line]) -> None:
        tenants = list({line.tenant for line in lines})
        rows = await tx.execute(ENDS, (tenants,))
        ends: dict[UUID, tuple[int, bytes]] = {tenant: (seq, hash_) async for tenant, seq, hash_ in rows}
        links: list[tuple[UUID, int, int, bytes]] = []
        for line in lines:
            seq, previous = ends.get(line.tenant, (0, START))
            ends[line.tenant] = end = seq + 1, link(previous, line)
            links.append((line.tenant, end[0], line.position, end[1]))
        await tx.execute(FORGE, [list(column) for column in zip(*links, strict=True)])


async def place(tx: Tx) -> Cursor:
    """How far the chain has come."""
    row = await (await tx.execute(WHERE)).fetchone()
    return Cursor(*row) if row else Cursor()
