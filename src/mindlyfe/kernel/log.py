"""Reads one context's event log in order, without gaps, as its worker role.

The order is (epoch, tx, position), and a transaction's events are read when no older one is open. A reader that goes by
position alone loses events, since positions become visible in another order than they were given out.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from psycopg import OperationalError

from mindlyfe.kernel.codec import Codec, Place
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Cursor, PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import DataKey, Keys
from mindlyfe.kernel.streams import Streams

SHORTEST_S: Final = 0.005
LONGEST_S: Final = 0.2

# Without statistics, or with old ones, the planner fetches and sorts all that is unread for each batch of a backlog.
IN_ORDER: Final[LiteralString] = """
    select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_seqscan', 'off', true)"""
AFTER: Final[LiteralString] = """
    select epoch, tx::text::bigint, position, tenant, stream, version, type, subject, data, meta::text, at from event
    where (epoch, tx, position) > (%s, %s::text::xid8, %s)"""
SETTLED: Final[LiteralString] = """
      and case when epoch < (select current_epoch()) then true
               else tx < (select pg_snapshot_xmin(pg_current_snapshot())) end"""
ORDERED: Final[LiteralString] = """
    order by event.epoch, event.tx, event.position limit %s"""
READ: Final[LiteralString] = AFTER + SETTLED + ORDERED
# All that is visible: for who holds the writers back, and so need not wait for anybody's transaction.
READ_HELD: Final[LiteralString] = AFTER + ORDERED
LAG: Final[LiteralString] = """
    select coalesce(extract(epoch from clock_timestamp() - (
               select at from event where (epoch, tx, position) > (%s, %s::text::xid8, %s)
               order by event.epoch, event.tx, event.position limit 1)), 0)::float8,
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint"""


class UnknownEvent(Exception):
    """The log has a type of event that this version of the program does not know: a newer one wrote it."""


class Batch(msgspec.Struct, frozen=True):
    """A stretch of the log: the readable events in it, and where it ends (erased events included)."""

    recorded: Sequence[Recorded[Any]]
    upto: Cursor
    full: bool = False
    """Whether only the limit ended it: there is more at once."""


class Lag(msgspec.Struct, frozen=True):
    """How far a reader is behind, in seconds: by its oldest unread event, and by the oldest open transaction that
    later ones have overtaken: it holds every reader back."""

    unread_s: float
    open_s: float


class _Row(NamedTuple):
    epoch: int
    tx: int
    position: int
    tenant: TenantId
    stream: UUID
    version: int
    type: str
    subject: PersonId | None
    data: bytes
    meta: str
    at: datetime


class _Meta(msgspec.Struct, frozen=True):
    actor: PersonId
    correlation: str


_meta: Final = msgspec.json.Decoder(_Meta).decode
type _Opened = Mapping[tuple[TenantId, PersonId], DataKey | None]


class Log:
    """The events of one context in the order every reader sees them."""

    def __init__(self, database: Database, keys: Keys, streams: Sequence[Streams[Any, Any]]) -> None:
        self.database = database
        self._keys = keys
        self._codecs: dict[str, Codec[Any]] = {tag: one.codec for one in streams for tag in one.codec.tags}
        self._oldest = (0, 0.0)

    async def read(self, after: Cursor, limit: int = 500, *, held: bool = False) -> Batch:
        """The next events after a place; without progress when there are none yet. Erased events are left out.

        `held` is for who holds the writers back: nothing is unsettled then, whatever other contexts have open.
        Raises Unavailable, and UnknownEvent when a newer version of the program wrote the log.
        """
        statement = READ_HELD if held else READ
        rows = [_Row(*row) for row in await self._fetch(statement, (after.epoch, str(after.tx), after.position, limit))]
        if not rows:
            return Batch((), after)
        keys = await self._opened(rows)
        recorded = [one for row in rows if (one := self._recorded(row, keys)) is not None]
        return Batch(recorded, Cursor(*rows[-1][:3]), len(rows) == limit)

    async def follow(self, after: Cursor, limit: int = 500) -> AsyncGenerator[Batch]:
        """Batches for ever, each with progress; looks again after 5 to 200 ms while there is nothing.

        Raises what `read` raises.
        """
        pause = SHORTEST_S
        while True:
            batch = await self.read(after, limit)
            if batch.upto > after:
                after, pause = batch.upto, SHORTEST_S
                yield batch
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_S)

    async def lag(self, after: Cursor) -> Lag:
        """How far a reader at `after` is behind. An open transaction is timed from the first call that saw it."""
        [(unread, oldest, end)] = await self._fetch(LAG, (after.epoch, str(after.tx), after.position))
        now = time.monotonic()
        if oldest != self._oldest[0]:
            self._oldest = (oldest, now)
        return Lag(unread, now - self._oldest[1] if oldest < end else 0.0)

    async def _fetch(self, statement: LiteralString, parameters: Sequence[Any]) -> Sequence[Sequence[Any]]:
        try:
            async with self.database.worker() as tx, tx.cursor(binary=True) as cursor:
                await tx.execute(IN_ORDER)
                await cursor.execute(statement, parameters)
                return await cursor.fetchall()
        except OperationalError as lost:
            raise Unavailable("The database does not answer.") from lost

    async def _opened(self, rows: Sequence[_Row]) -> _Opened:
        """The keys of all persons in `rows`; None for those that were erased."""
        opened: dict[tuple[TenantId, PersonId], DataKey | None] = {}
        missing: dict[TenantId, set[PersonId]] = {}
        for row in rows:
            if row.subject is not None and (whose := (row.tenant, row.subject)) not in opened:
                opened[whose] = key = self._keys.cached(*whose)
                if key is None:
                    missing.setdefault(row.tenant, set()).add(row.subject)
        for tenant, persons in missing.items():
            opened |= await self._loaded(tenant, persons)
        return opened

    async def _loaded(self, tenant: TenantId, persons: Collection[PersonId]) -> _Opened:
        found = await self._keys.of_many(tenant, persons)
        return {(tenant, person): key for person, key in found.items()}

    def _recorded(self, row: _Row, keys: _Opened) -> Recorded[Any] | None:
        """The event of a row; None when its person was erased."""
        codec = self._codecs.get(row.type)
        if codec is None:
            raise UnknownEvent(row.type)
        key = keys[row.tenant, row.subject] if row.subject is not None else None
        if key is None and row.subject is not None:
            return None
        meta = _meta(row.meta)
        place = Place(row.tenant, row.stream, row.version, row.type, row.subject)
        return Recorded(
            tenant=row.tenant,
            stream=row.stream,
            version=row.version,
            event=codec.open(place, row.data, key),
            at=row.at,
            cursor=Cursor(row.epoch, row.tx, row.position),
            actor=meta.actor,
            correlation=meta.correlation,
        )
