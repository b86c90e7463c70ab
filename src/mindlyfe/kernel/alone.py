"""Work that one process at a time does for a context: whoever holds a lock of the database, until it fails or dies."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, LiteralString

import structlog
from psycopg import OperationalError

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.postgres import Database, Tx

LOOK_S: Final = 0.5
"""How often the others try to take over, seconds."""
ANSWER_S: Final = 3.0
"""A database that takes longer to answer may have given the lock away."""
PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0)
LOCK: Final[LiteralString] = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
_log: Final = structlog.get_logger("alone")


async def alone(database: Database, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work`, endless by itself, in one process at a time; start it again whenever it fails, until cancelled."""
    trouble = 0
    while True:
        started = asyncio.get_running_loop().time()
        try:
            # A session outside the pool: held for good, it would be missing there, and the lock ends with it.
            async with await database.session() as lock:
                await _while_locked(lock, f"{database.context}/{name}", work)
        except* (Unavailable, OperationalError, TimeoutError) as lost:
            if trouble & (trouble - 1) == 0:  # ever rarer while it lasts
                _log.warning("interrupted", context=database.context, work=name, errors=_names(lost))
        except* Exception as mistake:  # noqa: BLE001 - nothing may end it for good
            _log.exception("failed", context=database.context, work=name, errors=_names(mistake), exc_info=mistake)
        trouble = 0 if asyncio.get_running_loop().time() - started > 10 else trouble + 1
        await asyncio.sleep(PAUSES_S[min(trouble, len(PAUSES_S) - 1)])


async def _while_locked(lock: Tx, key: str, work: Callable[[], Awaitable[None]]) -> None:
    while not await _locked(lock, key):  # noqa: ASYNC110 - another process holds it
        await asyncio.sleep(LOOK_S)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(_watch(lock))
        await work()
        watching.cancel()


async def _locked(lock: Tx, key: str) -> bool:
    async with asyncio.timeout(ANSWER_S):
        return await (await lock.execute(LOCK, (key,))).fetchone() == (True,)


async def _watch(lock: Tx) -> None:
    """Raises when the session that holds the lock is gone."""
    while True:
        await asyncio.sleep(LOOK_S)
        async with asyncio.timeout(ANSWER_S):
            await lock.execute("select 1")


def _names(errors: BaseExceptionGroup[BaseException]) -> list[str]:
    return sorted({type(error).__name__ for error in _leaves(errors)})


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
