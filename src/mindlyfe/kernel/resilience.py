"""Outgoing calls that cannot drag us down: a time limit, repeats, a breaker, and so many at once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.postgres import refuse_in_transaction


class Failed(Unavailable):
    """The other side failed this one call."""


def guarded[**P, T](
    name: str,
    call: Callable[P, Awaitable[T]],
    *,
    timeout_s: float,
    failures: tuple[type[Exception], ...] = (OSError,),
    attempts: int = 1,
    at_once: int = 16,
    waiting: int = 64,
    opens_after: int = 5,
    rests_s: float = 10.0,
) -> Callable[P, Coroutine[Any, Any, T]]:
    """`call`, guarded. `name` is the other side's, for messages; each guarded function has a breaker of its own.

    `failures` are the exceptions that mean the other side is ill (a timeout always does); they become Unavailable.
    Others are answers and pass. `attempts` above 1 are for what may be done twice; each takes up to `timeout_s`, with
    growing, uneven pauses between. `at_once` run, `waiting` more wait up to `timeout_s` for their turn, and the rest
    is refused. After `opens_after` failures in a row, calls are refused for `rests_s` seconds.
    """
    retry = stamina.AsyncRetryingCaller(
        attempts=attempts, timeout=None, wait_initial=0.05, wait_max=2.0, wait_jitter=0.1
    ).on(Failed)
    gate = Gate(name, at_once=at_once, waiting=waiting, patience_s=timeout_s)
    breaker = Breaker(name, ill=(*failures, TimeoutError), opens_after=opens_after, rests_s=rests_s)

    async def attempt(*args: P.args, **kwargs: P.kwargs) -> T:
        async with breaker.watched(), asyncio.timeout(timeout_s):
            return await call(*args, **kwargs)

    @wraps(call)
    async def guard(*args: P.args, **kwargs: P.kwargs) -> T:
        refuse_in_transaction()
        async with gate.passed():
            return await retry(lambda: attempt(*args, **kwargs))

    return guard


class Breaker:
    """Opens after so many failures in a row: then nothing is let through until it has rested."""

    def __init__(self, name: str, *, ill: tuple[type[Exception], ...], opens_after: int, rests_s: float) -> None:
        self._name, self._ill = name, ill
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=opens_after,
            default_ttl=rests_s,
            exclude=[(BaseException, lambda raised: not isinstance(raised, Failed))],
        )

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None]:
        """What is raised inside is counted. Raises Failed for what means illness, Unavailable while open."""
        try:
            async with await self._breakers.get_breaker(self._name):
                try:
                    yield
                except self._ill as illness:
                    kind = type(illness).__name__  # its words may hold an address, and ours are logged
                    raise Failed(f"{self._name} does not answer as it should ({kind}).") from illness
        except OpenedState:
            raise Unavailable(f"{self._name} has failed repeatedly and rests for some seconds.") from None


class Gate:
    """Lets so many in at once, has so many wait, and refuses the rest."""

    def __init__(self, name: str, *, at_once: int, waiting: int, patience_s: float) -> None:
        self._name, self._waiting, self._patience_s = name, waiting, patience_s
        self._free = asyncio.Semaphore(at_once)
        self._queue = 0

    @asynccontextmanager
    async def passed(self) -> AsyncGenerator[None]:
        """Inside, one place is taken. Raises Unavailable."""
        await self._enter()
        try:
            yield
        finally:
            self._free.release()

    async def _enter(self) -> None:
        if self._free.locked() and self._queue >= self._waiting:
            raise Unavailable(f"Too many wait for {self._name} already.")
        self._queue += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(f"Too many wait for {self._name}.") from None
        finally:
            self._queue -= 1
