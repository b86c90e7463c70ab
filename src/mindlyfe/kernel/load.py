"""Reads, in one round trip, all that a batch of commands is decided on."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from mindlyfe.kernel.aggregate import Stored
from mindlyfe.kernel.batch import Command, Loaded
from mindlyfe.kernel.columns import Texts, Uuids
from mindlyfe.kernel.messages import ByKey, ByMessage, Cursor, Decided, MessageId, PersonId, TenantId
from mindlyfe.kernel.postgres import Tx

# Takes no snapshot: the transaction then sees all that a rebuild did while it held the writers back.
ENTER: Final[LiteralString] = "lock table event in row exclusive mode"
# The first statement that takes one. The transaction's id is made here: newer than every event it can see.
START: Final[LiteralString] = """
    select set_config('app.tenant', %s, true), current_epoch(), pg_current_xact_id()::text::bigint,
           nextval('event_position_seq'), clock_timestamp()"""
KEYS: Final[LiteralString] = """
    select actor, key, digest, stream, version, epoch, tx::text::bigint, position from idempotency
    where (actor, key) in (select * from unnest(%b, %b))"""
MESSAGES: Final[LiteralString] = """
    select consumer, message from inbox where (consumer, message) in (select * from unnest(%b, %b))"""
EVENTS: Final[LiteralString] = """
    select stream, version, type, subject, data, epoch, tx::text::bigint, position, null::bytea from event
    where stream = any(%b) order by stream, version"""
# From the snapshot on, which comes with its own event: one statement, so both are of one moment.
EVENTS_SINCE: Final[LiteralString] = """
    select e.stream, e.version, e.type, e.subject, e.data, e.epoch, e.tx::text::bigint, e.position,
           case when e.version = s.version then s.data end
    from unnest(%b) as wanted (stream)
    left join snapshot s on s.stream = wanted.stream and s.revision = %b
    join event e on e.stream = wanted.stream and e.version >= coalesce(s.version, 0)
    order by e.stream, e.version"""

type Found = AsyncCursor[TupleRow] | None


async def load(tx: Tx, tenant: TenantId, commands: Sequence[Command[Any, Any]], shape: str | None) -> Loaded:
    """Read for `commands` at the beginning of their transaction. `shape` is the snapshots', None without them."""
    streams = list({command.stream for command in commands})
    by_key = [(c.act.actor, c.act.once.key) for c in commands if isinstance(c.act.once, ByKey)]
    by_message = [c.act.once for c in commands if isinstance(c.act.once, ByMessage)]
    async with tx.pipeline():
        await tx.execute(ENTER)
        start = await tx.execute(START, (str(tenant),), binary=True)
        keys = await _keys(tx, by_key)
        messages = await _messages(tx, by_message)
        events = await _streams(tx, streams, shape)
    [(_, epoch, number, position, at)] = await start.fetchall()
    return Loaded(
        epoch=epoch,
        tx=number,
        position=position,
        at=at,
        by_key={
            (PersonId(actor), key): (digest, Decided(stream, version, Cursor(*place)))
            for actor, key, digest, stream, version, *place in await _rows(keys)
        },
        by_message={ByMessage(consumer, MessageId(message)) for consumer, message in await _rows(messages)},
        streams=await _stored(events),
    )


async def history(tx: Tx, stream: UUID, shape: str | None) -> Sequence[Stored]:
    """One stream as it is stored, of the tenant that `tx` sees."""
    return (await _stored(await _streams(tx, [stream], shape))).get(stream, ())


async def _keys(tx: Tx, wanted: Sequence[tuple[PersonId, str]]) -> Found:
    if not wanted:
        return None
    actors, keys = zip(*wanted, strict=True)
    return await tx.execute(KEYS, (Uuids(actors), Texts(keys)), binary=True)


async def _messages(tx: Tx, wanted: Sequence[ByMessage]) -> Found:
    if not wanted:
        return None
    return await tx.execute(
        MESSAGES, (Texts([m.consumer for m in wanted]), Uuids([m.message for m in wanted])), binary=True
    )


async def _streams(tx: Tx, streams: list[UUID], shape: str | None) -> Found:
    if shape is None:
        return await tx.execute(EVENTS, (Uuids(streams),), binary=True)
    return await tx.execute(EVENTS_SINCE, (Uuids(streams), shape), binary=True)


async def _rows(found: Found) -> Sequence[TupleRow]:
    return await found.fetchall() if found else ()


async def _stored(found: Found) -> Mapping[UUID, Sequence[Stored]]:
    rows = await _rows(found)
    return {stream: [Stored(*row) for row in group] for stream, group in groupby(rows, itemgetter(0))}
