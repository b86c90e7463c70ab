"""PostgreSQL for one context: its two roles, their transactions, and the mark that says one is open."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, Final, LiteralString, Self

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from mindlyfe.kernel import columns
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.migrate import MigrationFailed, NewerDatabase, migrate
from mindlyfe.kernel.provision import provision

__all__ = [
    "Database",
    "MigrationFailed",
    "NewerDatabase",
    "Pool",
    "Tx",
    "address",
    "migrate",
    "provision",
    "refuse_in_transaction",
]

type Tx = AsyncConnection[TupleRow]
type Pool = AsyncConnectionPool[Tx]

TENANT: Final[LiteralString] = "select set_config('app.tenant', %s, true)"
POOL_WAIT_S: Final = 5.0
CONNECT_S: Final = 3.0
RECONNECT_S: Final = 5.0
"""After that the pool waits for somebody to want a connection, and tries anew."""
ENDINGS: Final = ("08", "57P", "25P03", "25P04")
"""Beginnings of the codes a server ends a session with: its own end, or that of the session's time."""
_open: ContextVar[str | None] = ContextVar("open_transaction", default=None)


def refuse_in_transaction() -> None:
    """Raises RuntimeError inside a transaction: what leaves the process must not hold one open."""
    context = _open.get()
    if context is not None:
        raise RuntimeError(f"a transaction of {context} is open: call other parts before or after it")


@contextmanager
def marked(context: str) -> Generator[None]:
    """Marks an open transaction for `refuse_in_transaction`. For the kernel."""
    token = _open.set(context)
    try:
        yield
    finally:
        _open.reset(token)


def address(settings: DatabaseSettings, role: str, database: str | None = None) -> str:
    """How `role` connects, with its password from the file named like it. Raises FileNotFoundError."""
    return make_conninfo(
        host=settings.host,
        port=settings.port,
        dbname=database or settings.name,
        user=role,
        password=(settings.passwords / role).read_text().strip(),
        application_name=f"mindlyfe {role}",
        connect_timeout=5,
    )


class _Connection(AsyncConnection[TupleRow]):
    """Knows columns, and tries to connect again soon: the pool's own next tries come whole seconds later."""

    @classmethod
    async def connect(cls, *words: Any, **options: Any) -> Self:
        """A connection. Raises OperationalError after CONNECT_S."""
        until = time.monotonic() + CONNECT_S
        while True:
            try:
                connection = await super().connect(*words, **options)
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.1)
            else:
                columns.register(connection.adapters)
                return connection


class Database:
    """The tables of one context, for one process. Nothing is connected before `open`."""

    def __init__(self, settings: DatabaseSettings, context: str) -> None:
        self.context = context
        self._settings = settings
        self._pools: dict[str, Pool] = {}

    async def open(self) -> None:
        """Begin to connect. A server that is still starting is waited for by whoever needs it, not here."""
        for role, least, most in (("app", 1, 8), ("worker", 0, 16)):
            pool: Pool = AsyncConnectionPool(
                address(self._settings, f"{self.context}_{role}"),
                min_size=least,
                max_size=most,
                timeout=POOL_WAIT_S,
                kwargs={"autocommit": True, "prepare_threshold": 2},
                max_idle=60,
                reconnect_timeout=RECONNECT_S,
                connection_class=_Connection,
                open=False,
                name=f"{self.context}_{role}",
            )
            await pool.open()
            self._pools[role] = pool

    async def close(self) -> None:
        """Close what is open."""
        for pool in self._pools.values():
            await pool.close()
        self._pools.clear()

    @property
    def app_pool(self) -> Pool:
        """Connections of the app role, in autocommit. For the kernel only."""
        return self._pools["app"]

    @property
    def worker_pool(self) -> Pool:
        """Connections of the worker role, in autocommit. For the kernel only."""
        return self._pools["worker"]

    def app(self, tenant: TenantId) -> AbstractAsyncContextManager[Tx]:
        """A transaction as the app role that sees one tenant. Raises Unavailable when the server does not answer."""
        return self._transaction(self.app_pool, tenant)

    def worker(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction as the worker role. It spans tenants until it names one (`TENANT`). Raises Unavailable."""
        return self._transaction(self.worker_pool, None)

    async def session(self) -> Tx:
        """A connection of one's own as the worker role, in autocommit; the asker closes it. Raises Unavailable."""
        try:
            return await AsyncConnection.connect(address(self._settings, f"{self.context}_worker"), autocommit=True)
        except psycopg.OperationalError as away:
            raise Unavailable("The database does not answer.") from away

    @asynccontextmanager
    async def _transaction(self, pool: Pool, tenant: TenantId | None) -> AsyncGenerator[Tx]:
        tx = await _begun(pool, tenant)
        try:
            with marked(self.context):
                yield tx
            await _commit(tx)
        except BaseException as failure:
            if await ended(tx, failure):
                raise Unavailable("The connection to the database was lost. Try again in a moment.") from failure
            if not tx.closed:
                await tx.rollback()
            raise
        finally:
            await pool.putconn(tx)


@asynccontextmanager
async def connection(pool: Pool) -> AsyncGenerator[Tx]:
    """A connection from `pool`. Raises Unavailable when none comes in time."""
    tx = await _taken(pool)
    try:
        yield tx
    finally:
        await pool.putconn(tx)


async def ended(tx: Tx, failure: BaseException) -> bool:
    """Whether `failure` means that the connection came to its end, noticed by the driver or not; it is closed then.

    A server that dies says so on its connections, and closes them a moment later.
    """
    if not isinstance(failure, psycopg.Error):
        return False
    state = failure.sqlstate
    driver = isinstance(failure, psycopg.OperationalError) and not isinstance(failure, psycopg.errors.PipelineAborted)
    if tx.closed or (state is None and driver) or (state or "").startswith(ENDINGS):
        await tx.close()
        return True
    return False


async def _taken(pool: Pool) -> Tx:
    try:
        return await pool.getconn()
    except (PoolTimeout, PoolClosed) as late:
        raise Unavailable("The database does not answer. Nothing was changed; try again in a moment.") from late


async def _begun(pool: Pool, tenant: TenantId | None) -> Tx:
    """A connection with a transaction on it. One that the server ended while it lay idle is replaced."""
    while True:
        tx = await _taken(pool)
        try:
            async with tx.pipeline():
                await tx.execute("begin")
                if tenant is not None:
                    await tx.execute(TENANT, (str(tenant),))
        except BaseException as failure:
            dead = await ended(tx, failure)
            await pool.putconn(tx)
            if not dead:
                raise
            await pool.check()
        else:
            return tx


async def _commit(tx: Tx) -> None:
    if tx.info.transaction_status == TransactionStatus.INERROR:
        raise RuntimeError("a statement failed and the failure was swallowed: nothing of this transaction is saved")
    await tx.commit()
