"""Writes, in one round trip, all that a batch of commands came to, and commits."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

from mindlyfe.kernel.aggregate import Aggregate
from mindlyfe.kernel.batch import Loaded
from mindlyfe.kernel.postgres import Tx
from mindlyfe.kernel.rows import Rows

EVENTS: Final[LiteralString] = """
    insert into event (epoch, at, position, stream, version, type, subject, data, meta)
    select %b, %b, p, s, v, t, u, d, m::jsonb
    from unnest(%b::bigint[], %b::uuid[], %b::int[], %b::text[], %b::uuid[], %b::bytea[], %b::text[])
        as line (p, s, v, t, u, d, m)"""
AUDIT: Final[LiteralString] = """
    insert into audit (actor, action, subject, object, outcome, correlation, client, detail)
    select a, n, u, o, 'done', c, f, d::jsonb
    from unnest(%b::uuid[], %b::text[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[])
        as line (a, n, u, o, c, f, d)"""
KEYS: Final[LiteralString] = """
    insert into idempotency (actor, key, digest, stream, version, epoch, tx, position)
    select a, k, d, s, v, e, x::xid8, p
    from unnest(%b::uuid[], %b::text[], %b::bytea[], %b::uuid[], %b::int[], %b::int[], %b::text[], %b::bigint[])
        as line (a, k, d, s, v, e, x, p)"""
MESSAGES: Final[LiteralString] = """
    insert into inbox (consumer, message) select * from unnest(%b::text[], %b::uuid[])"""
SNAPSHOTS: Final[LiteralString] = """
    insert into snapshot (revision, stream, version, subject, data)
    select %b, s, v, u, d from unnest(%b::uuid[], %b::int[], %b::uuid[], %b::bytea[]) as line (s, v, u, d)
    on conflict (tenant, stream) do update set version = excluded.version, subject = excluded.subject,
        data = excluded.data, revision = excluded.revision, at = excluded.at"""


async def append(tx: Tx, loaded: Loaded, rows: Rows[Any], aggregate: Aggregate[Any, Any]) -> None:
    """Insert `rows`, run the projections, commit. Raises what the database refuses."""
    async with tx.pipeline():
        await _insert(tx, EVENTS, (loaded.epoch, loaded.at), rows.events)
        await _insert(tx, AUDIT, (), rows.audit)
        await _insert(tx, KEYS, (), rows.keys)
        await _insert(tx, MESSAGES, (), rows.messages)
        if rows.snapshots and aggregate.snapshots:
            await _insert(tx, SNAPSHOTS, (aggregate.snapshots.shape,), list(rows.snapshots.values()))
        if rows.recorded:
            for projection in aggregate.inline:
                await projection.apply(tx, rows.recorded)
        await tx.execute("commit")


async def _insert(
    tx: Tx, statement: LiteralString, constants: tuple[object, ...], rows: Sequence[Sequence[object]]
) -> None:
    """One statement for all `rows`: a parameter per column."""
    if rows:
        await tx.execute(statement, (*constants, *(list(column) for column in zip(*rows, strict=True))))
