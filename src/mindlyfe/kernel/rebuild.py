"""Fills a read model anew from the log, beside the old one and while writers go on, then puts it in its place."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString

import msgspec
from psycopg import errors
from psycopg.sql import SQL, Identifier

from mindlyfe.kernel.codec import tag_of
from mindlyfe.kernel.log import Batch, Log
from mindlyfe.kernel.messages import Cursor
from mindlyfe.kernel.ports import Projection
from mindlyfe.kernel.postgres import Tx, connection
from mindlyfe.kernel.projections import BEGIN, SAVE, TAKE, AsyncProjection, applied
from mindlyfe.kernel.streams import Streams

COMMIT_WITHIN_S: Final = 0.5
"""A transaction longer than this would hold back every reader of every log in the cluster."""
FEWEST: Final = 50
MOST: Final = 2000
HOLDS: Final = 20
"""How often it asks for the writers' lock; between two tries the writers that waited go on."""
COUNT: Final[LiteralString] = "select count(*) from event"
LOCK: Final[LiteralString] = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
UNLOCK: Final[LiteralString] = "select pg_advisory_unlock(hashtextextended(%s, 0))"
SHADOWS: Final[LiteralString] = "select set_config('search_path', %s, true)"


class RebuildRunning(Exception):
    """Another rebuild of this context runs: wait for it."""


class WritersBusy(Exception):
    """The writers could not be held for the moment the swap needs: try again later."""


class Progress(msgspec.Struct, frozen=True):
    """How far a rebuild is: events read, of how many there were when it began."""

    projection: str
    done: int
    total: int


class Difference(msgspec.Struct, frozen=True):
    """A table that is not what the log makes of it: rows only the log makes, rows only the table has."""

    table: str
    missing: int
    surplus: int


class Rebuild:
    """Rebuilds one projection, or compares it with its rebuild. One rebuild runs per context at a time."""

    def __init__(
        self,
        log: Log,
        projection: Projection[Any],
        *,
        tags: frozenset[str] | None = None,
        cursor: str | None = None,
    ) -> None:
        self._log, self._database, self.projection = log, log.database, projection
        self._tags, self._cursor = tags, cursor
        self._at, self._done, self._limit = Cursor(), 0, FEWEST
        self._end: Cursor | None = None
        """Where to stop: at the end of the log, or where the projection itself has come to."""

    async def run(self, progress: Callable[[Progress], None] = lambda _: None) -> None:
        """Fill shadows of the tables, then swap them in. Raises RebuildRunning, WritersBusy, Unavailable."""
        self._end = None
        if self._cursor is not None:
            await self._place()  # makes it
        async with self._filled(progress), self._held() as tx:
            for table in self.projection.tables:
                await tx.execute("select swap_shadow(%s)", (table,))
            if self._cursor is not None:
                await tx.execute(SAVE, (self._at.epoch, str(self._at.tx), self._at.position, self._cursor))

    async def compare(self, progress: Callable[[Progress], None] = lambda _: None) -> Sequence[Difference]:
        """Where the tables differ from their rebuild; nothing is changed. Raises what `run` raises."""
        self._end = await self._place() if self._cursor else None
        async with self._filled(progress), connection(self._database.worker_pool) as tx:
            async with self._held():
                await tx.execute("begin isolation level repeatable read")
                await tx.execute("select")  # takes the snapshot: the writers may go on
            try:
                found = [await self._difference(tx, table) for table in self.projection.tables]
            finally:
                await tx.rollback()
        return [difference for difference in found if difference.missing or difference.surplus]

    @asynccontextmanager
    async def _filled(self, progress: Callable[[Progress], None]) -> AsyncGenerator[None]:
        """Shadows that have seen the log so far; they are gone afterwards."""
        async with self._alone():
            await self._each("select make_shadow(%s)")
            try:
                async with self._database.worker() as tx:
                    [(total,)] = await (await tx.execute(COUNT)).fetchall()
                self._at, self._done = Cursor(), 0
                more = True
                while more:
                    more = await self._step()
                    progress(Progress(self.projection.name, self._done, max(total, self._done)))
                yield
            finally:
                await self._each("select drop_shadow(%s)")

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        key = (f"{self._database.context}/rebuild",)
        async with connection(self._database.worker_pool) as tx:
            if await (await tx.execute(LOCK, key)).fetchone() != (True,):
                raise RebuildRunning(self._database.context)
            try:
                yield
            finally:
                await tx.execute(UNLOCK, key)

    async def _each(self, statement: LiteralString) -> None:
        async with self._database.worker() as tx:
            for table in self.projection.tables:
                await tx.execute(statement, (table,))

    @asynccontextmanager
    async def _held(self) -> AsyncGenerator[Tx]:
        """A transaction that keeps the writers out, with shadows that have seen all they wrote.

        Not marked as open: keys may have to be fetched for the last events.
        """
        async with connection(self._database.worker_pool) as tx:
            await self._hold(tx)
            try:
                if self._cursor is not None:
                    [place] = await (await tx.execute(TAKE, (self._cursor,))).fetchall()
                    self._end = self._end and Cursor(*place)
                while await self._step(held=True):
                    pass
                yield tx
                await tx.commit()
            except BaseException:
                if not tx.closed:
                    await tx.rollback()
                raise

    async def _place(self) -> Cursor:
        async with self._database.worker() as tx:
            await tx.execute(BEGIN, (self._cursor,))
            [place] = await (await tx.execute(TAKE, (self._cursor,))).fetchall()
        return Cursor(*place)

    async def _hold(self, tx: Tx) -> None:
        for attempt in range(HOLDS):
            try:
                await tx.execute("begin")
                await tx.execute("set local lock_timeout = '500ms'")
                await tx.execute("select hold_writers()")
            except errors.LockNotAvailable:
                await tx.rollback()
                await asyncio.sleep(0.05 * (attempt + 1))
                while await self._step():
                    pass
            else:
                return
        raise WritersBusy(self._database.context)

    async def _step(self, *, held: bool = False) -> bool:
        """Read on and fill the shadows; False near the end of the log, which busy writers move on all the time."""
        batch = await self._log.read(self._at, self._limit, held=held)
        if self._end is not None and self._end < batch.upto:
            batch = Batch([one for one in batch.recorded if one.cursor <= self._end], max(self._at, self._end))
        if batch.upto == self._at:
            return False
        started = time.monotonic()
        await self._fill(batch)
        taken = time.monotonic() - started
        # So that the slowest of the next transactions, twice as slow as this one, is short enough.
        self._limit = min(MOST, 2 * self._limit) if taken < COMMIT_WITHIN_S / 8 else self._limit
        self._limit = max(FEWEST, self._limit // 2) if taken > COMMIT_WITHIN_S / 2 else self._limit
        self._at, self._done = batch.upto, self._done + len(batch.recorded)
        return batch.full

    async def _fill(self, batch: Batch) -> None:
        context, tags = self._database.context, self._tags
        recorded = [r for r in batch.recorded if tags is None or tag_of(r.event) in tags]
        async with self._database.worker() as tx:
            await tx.execute(SHADOWS, (f"{context}_rebuild, {context}, extensions",))
            await applied(tx, self.projection, recorded)

    async def _difference(self, tx: Tx, table: str) -> Difference:
        context = self._database.context
        old, new = Identifier(context, table), Identifier(f"{context}_rebuild", table)
        less = SQL("select count(*) from (select t::text from {} t except all select t::text from {} t)")
        [(missing,)] = await (await tx.execute(less.format(new, old))).fetchall()
        [(surplus,)] = await (await tx.execute(less.format(old, new))).fetchall()
        return Difference(table, missing, surplus)


def rebuilds(
    log: Log, streams: Sequence[Streams[Any, Any]], projections: Sequence[AsyncProjection[Any]] = ()
) -> list[Rebuild]:
    """A rebuild for each projection of a context that fills tables: inline in its streams, or asynchronous."""
    inline = {p.name: p for one in streams for p in one.inline if p.tables}
    tags = {
        name: frozenset[str]().union(*(one.codec.tags for one in streams if name in {p.name for p in one.inline}))
        for name in inline
    }
    return [
        *(Rebuild(log, projection, tags=tags[name]) for name, projection in inline.items()),
        *(Rebuild(log, one.projection, cursor=one.cursor) for one in projections),
    ]
