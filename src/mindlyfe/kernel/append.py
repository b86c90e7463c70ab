"""Writes, in one round trip, all that a batch of commands came to, and commits."""

from collections.abc import Callable, Sequence
from typing import Any, Final, LiteralString

from mindlyfe.kernel.aggregate import Aggregate
from mindlyfe.kernel.batch import Loaded
from mindlyfe.kernel.columns import Bigints, Blobs, Column, Ints, Texts, Uuids
from mindlyfe.kernel.postgres import Tx
from mindlyfe.kernel.rows import Rows

EVENTS: Final[LiteralString] = """
    insert into event (epoch, at, position, stream, version, type, subject, data, meta)
    select %b, %b, p, s, v, t, u, d, m::jsonb
    from unnest(%b, %b, %b, %b, %b, %b, %b)
        as line (p, s, v, t, u, d, m)"""
AUDIT: Final[LiteralString] = """
    insert into audit (actor, action, subject, object, outcome, correlation, client, detail)
    select a, n, u, o, 'done', c, f, d::jsonb
    from unnest(%b, %b, %b, %b, %b, %b, %b)
        as line (a, n, u, o, c, f, d)"""
KEYS: Final[LiteralString] = """
    insert into idempotency (actor, key, digest, stream, version, epoch, tx, position)
    select a, k, d, s, v, e, x::xid8, p
    from unnest(%b, %b, %b, %b, %b, %b, %b, %b)
        as line (a, k, d, s, v, e, x, p)"""
MESSAGES: Final[LiteralString] = """
    insert into inbox (consumer, message) select * from unnest(%b, %b)"""
SNAPSHOTS: Final[LiteralString] = """
    insert into snapshot (revision, stream, version, subject, data)
    select %b, s, v, u, d from unnest(%b, %b, %b, %b) as line (s, v, u, d)
    on conflict (tenant, stream) do update set version = excluded.version, subject = excluded.subject,
        data = excluded.data, revision = excluded.revision, at = excluded.at"""


type _Pack = Callable[[Any], Column]
EVENT_COLUMNS: Final[Sequence[_Pack]] = (Bigints, Uuids, Ints, Texts, Uuids, Blobs, Texts)
AUDIT_COLUMNS: Final[Sequence[_Pack]] = (Uuids, Texts, Uuids, Texts, Texts, Texts, Texts)
KEY_COLUMNS: Final[Sequence[_Pack]] = (Uuids, Texts, Blobs, Uuids, Ints, Ints, Texts, Bigints)
MESSAGE_COLUMNS: Final[Sequence[_Pack]] = (Texts, Uuids)
SNAPSHOT_COLUMNS: Final[Sequence[_Pack]] = (Uuids, Ints, Uuids, Blobs)


async def append(tx: Tx, loaded: Loaded, rows: Rows[Any], aggregate: Aggregate[Any, Any]) -> None:
    """Insert `rows`, run the projections, commit. Raises what the database refuses."""
    async with tx.pipeline(), tx.cursor() as sent:
        if rows.events:
            await sent.execute(EVENTS, (loaded.epoch, loaded.at, *_columns(EVENT_COLUMNS, rows.events)))
        if rows.audit:
            await sent.execute(AUDIT, _columns(AUDIT_COLUMNS, rows.audit))
        if rows.keys:
            await sent.execute(KEYS, _columns(KEY_COLUMNS, rows.keys))
        if rows.messages:
            await sent.execute(MESSAGES, _columns(MESSAGE_COLUMNS, rows.messages))
        if rows.snapshots and aggregate.snapshots:
            kept = list(rows.snapshots.values())
            await sent.execute(SNAPSHOTS, (aggregate.snapshots.shape, *_columns(SNAPSHOT_COLUMNS, kept)))
        if rows.recorded:
            for projection in aggregate.inline:
                await projection.apply(tx, rows.recorded)
        await tx.commit()


def _columns(packs: Sequence[_Pack], rows: Sequence[Sequence[object]]) -> list[Column]:
    """A parameter per column."""
    return [pack(column) for pack, column in zip(packs, zip(*rows, strict=True), strict=True)]
