"""A batch of commands as one transaction: it happens whole or not at all, a lost connection included."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final, LiteralString

import psycopg
from psycopg import IsolationLevel, errors

from mindlyfe.kernel.aggregate import Aggregate
from mindlyfe.kernel.append import append
from mindlyfe.kernel.batch import Batch, Command, Outcome
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.keyring import Keyring
from mindlyfe.kernel.load import load
from mindlyfe.kernel.messages import Event, TenantId
from mindlyfe.kernel.postgres import TENANT, Database, Tx, connection, ended, marked
from mindlyfe.kernel.rows import Row

PATIENCE_S: Final = 8.0
"""How long a batch waits for a database that went away."""
PAUSE_S: Final = 0.05
LONGEST_PAUSE_S: Final = 0.8
RUNNING: Final[LiteralString] = "select pg_xact_status(%s::xid8) = 'in progress'"
WRITTEN: Final[LiteralString] = """
    select exists (select from event where stream = %s and version = %s and position = %s)"""
UNKNOWN: Final = (
    "The connection to the database was lost while saving. It may or may not be saved: look before you repeat it, or "
    "repeat it with the same Idempotency-Key."
)


class _Lost(Exception):
    """The connection ended. With a `mark` the commit had been asked for: that event exists if, and only if, it was."""

    def __init__(self, mark: Row | None, tx: int, outcomes: Sequence[Outcome]) -> None:
        super().__init__("the connection to the database was lost")
        self.mark, self.tx, self.outcomes = mark, tx, outcomes


class Transactions[S, E: Event]:
    """Runs batches of commands of one aggregate."""

    def __init__(self, database: Database, aggregate: Aggregate[S, E]) -> None:
        self._database, self._aggregate = database, aggregate
        self._shape = aggregate.snapshots.shape if aggregate.snapshots else None

    async def run(self, tenant: TenantId, commands: Sequence[Command[S, E]], keyring: Keyring) -> Sequence[Outcome]:
        """What came of each command, after the commit.

        Survives a restart of the database: a batch that was not committed is repeated, one that was is not. Raises what
        the database refuses, with nothing written, and Unavailable.
        """
        until, pause = time.monotonic() + PATIENCE_S, PAUSE_S
        lost: _Lost | None = None
        away: Unavailable | None = None
        while True:
            try:
                async with connection(self._database.app_pool) as tx:
                    if lost and lost.mark and await self._committed(tx, tenant, lost):
                        return lost.outcomes
                    with marked(self._database.context):
                        async with _repeatable(tx):
                            return await self._once(tx, tenant, commands, keyring)
            except _Lost as again:
                lost = again
            except Unavailable as nobody:
                away = nobody
            if time.monotonic() + pause > until:
                raise Unavailable(UNKNOWN if lost and lost.mark else str(away or "")) from (lost or away)
            await self._database.app_pool.check()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _once(
        self, tx: Tx, tenant: TenantId, commands: Sequence[Command[S, E]], keyring: Keyring
    ) -> Sequence[Outcome]:
        mark: Row | None = None
        number = 0
        outcomes: list[Outcome] = []
        try:
            loaded = await load(tx, tenant, commands, self._shape)
            batch = Batch(self._aggregate, tenant, keyring, loaded)
            outcomes = [batch.decide(command) for command in commands]
            if not batch.rows:
                await tx.rollback()
                return outcomes
            mark, number = next(iter(batch.rows.events), None), loaded.tx
            await append(tx, loaded, batch.rows, self._aggregate)
        except Exception as failure:
            if await ended(tx, failure):
                raise _Lost(mark, number, outcomes) from failure
            await tx.rollback()
            raise
        return outcomes

    async def _committed(self, tx: Tx, tenant: TenantId, lost: _Lost) -> bool:
        """Whether a lost transaction was committed, once the server has done with it."""
        assert lost.mark
        event = (lost.mark.stream, lost.mark.version, lost.mark.position)
        try:
            while await _yes(tx, RUNNING, (str(lost.tx),)):  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(PAUSE_S)
            async with tx.transaction():
                await tx.execute(TENANT, (str(tenant),))
                return await _yes(tx, WRITTEN, event)
        except errors.InvalidParameterValue:
            return False  # a number the server has not reached: it crashed before it wrote anything of it
        except psycopg.Error as failure:
            if await ended(tx, failure):
                raise lost from failure
            raise


@asynccontextmanager
async def _repeatable(tx: Tx) -> AsyncGenerator[None]:
    """Makes what follows one transaction at REPEATABLE READ, begun by its first statement."""
    await tx.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    await tx.set_autocommit(False)
    try:
        yield
    except asyncio.CancelledError:
        await tx.close()  # in the middle of something
        raise
    finally:
        if not tx.closed:
            await tx.set_autocommit(True)
            await tx.set_isolation_level(None)


async def _yes(tx: Tx, question: LiteralString, parameters: tuple[object, ...]) -> bool:
    answer = await (await tx.execute(question, parameters)).fetchone()
    return bool(answer and answer[0])
