"""Holds the audit against its chain: what was changed, removed, inserted or reordered since it was chained."""

from collections.abc import AsyncIterator, Mapping
from typing import Final, Literal, LiteralString
from uuid import UUID

import msgspec

from mindlyfe.kernel.audit_chain import START, Line, link, place
from mindlyfe.kernel.messages import Cursor, TenantId
from mindlyfe.kernel.postgres import Database

PART: Final = 2000
"""Rows per transaction: a long one would hold back the readers of every log."""

LINKS: Final[LiteralString] = """
    select c.tenant, c.seq, c.position, c.hash, a.epoch, a.tx::text::bigint, a.position, a.tenant, a.at, a.actor,
           a.action, a.subject, a.object, a.outcome, a.correlation, a.client, a.detail
    from audit_chain c left join audit a on a.position = c.position and a.tenant = c.tenant
    where (c.tenant, c.seq) > (%s, %s) order by c.tenant, c.seq limit %s"""
ROWS: Final[LiteralString] = """
    select a.epoch, a.tx::text::bigint, a.position, a.tenant,
           exists (select from audit_chain c where c.position = a.position and c.tenant = a.tenant)
    from audit a where (a.epoch, a.tx, a.position) > (%s, %s::text::xid8, %s)
    order by a.epoch, a.tx, a.position limit %s"""

type Kind = Literal["changed", "removed", "inserted", "reordered", "cut", "rewritten", "forged"]
"""The last three are told by signed heads: the chain ends before one, has another link there, or it is not ours."""


class Fault(msgspec.Struct, frozen=True):
    """One row or link that is not as it was chained. `seq` is its link; an inserted row has none."""

    kind: Kind
    tenant: UUID
    position: int
    seq: int | None = None


class Head(msgspec.Struct, frozen=True):
    """The last link of a tenant. Kept outside the database, it proves later that nothing was cut off."""

    seq: int
    hash: bytes


class Report(msgspec.Struct, kw_only=True):
    """What was found in one context."""

    context: str
    tenants: int = 0
    rows: int = 0
    chained: int = 0
    tail: int = 0
    """Rows written since the sequencer last looked: not yet protected."""
    faults: list[Fault] = []
    heads: dict[UUID, Head] = {}
    signed: int = 0
    """Signed heads in the database."""
    outside: int = 0
    """Those that lie outside of it."""
    missing: int = 0
    """Those in the database alone: somebody removed the other copy, or a backup came between."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


async def verify(database: Database, known: Mapping[UUID, Head] | None = None) -> Report:
    """Check every row against its link, and the links against heads `known` from an earlier report.

    Runs beside the living system, in short transactions. Raises Unavailable.
    """
    report = Report(context=database.context)
    async with database.worker() as tx:
        chained_upto = await place(tx)
    await _links(database, report, known or {})
    await _rows(database, report, chained_upto)
    return report


async def _links(database: Database, report: Report, known: Mapping[UUID, Head]) -> None:
    tenant, seq, previous, last = None, 0, START, Cursor()
    unseen = dict(known)
    async for owner, number, position, hash_, line in _chain(database):
        if owner != tenant:
            tenant, seq, previous, last = owner, 0, START, Cursor()
            report.tenants += 1
        for _ in range(seq + 1, number):
            report.faults.append(Fault("removed", owner, position, seq + 1))
        kind = _compare(previous if number == seq + 1 else None, hash_, line, last)
        if owner in unseen and unseen[owner].seq == number:
            kind = kind or (None if unseen.pop(owner).hash == hash_ else "changed")
        if kind:
            report.faults.append(Fault(kind, owner, position, number))
        seq, previous, last = number, hash_, line.cursor if line else last
        report.chained += 1
        report.heads[owner] = Head(number, hash_)
    report.faults += [Fault("removed", owner, 0, head.seq) for owner, head in unseen.items()]


def _compare(previous: bytes | None, hash_: bytes, line: Line | None, last: Cursor) -> Kind | None:
    """What is wrong with a link; without `previous` its hash cannot be told."""
    if line is None:
        return "removed"
    if line.cursor <= last:
        return "reordered"
    if previous is not None and link(previous, line) != hash_:
        return "changed"
    return None


async def _chain(database: Database) -> AsyncIterator[tuple[TenantId, int, int, bytes, Line | None]]:
    after: tuple[UUID, int] = (UUID(int=0), 0)
    while True:
        async with database.worker() as tx:
            rows = await (await tx.execute(LINKS, (*after, PART))).fetchall()
        for tenant, seq, position, hash_, *line in rows:
            yield tenant, seq, position, hash_, Line(*line) if line[0] is not None else None
        if len(rows) < PART:
            return
        after = rows[-1][0], rows[-1][1]


async def _rows(database: Database, report: Report, chained_upto: Cursor) -> None:
    after = Cursor()
    while True:
        async with database.worker() as tx:
            rows = await (await tx.execute(ROWS, (after.epoch, after.tx, after.position, PART))).fetchall()
        for epoch, tx_id, position, tenant, linked in rows:
            after = Cursor(epoch, tx_id, position)
            report.rows += 1
            if linked:
                continue
            if after <= chained_upto:
                report.faults.append(Fault("inserted", tenant, position))
            else:
                report.tail += 1
        if len(rows) < PART:
            return
