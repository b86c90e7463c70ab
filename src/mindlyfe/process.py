"""One running process of contexts: the application that answers, the loops behind it, its health."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, Self

import structlog
from litestar.types import ASGIApp

from mindlyfe.assembly import Assembly
from mindlyfe.kernel import health, openapi
from mindlyfe.kernel.edge import application
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.health import Check, Health
from mindlyfe.kernel.lag import Lags
from mindlyfe.kernel.metrics import Metrics
from mindlyfe.kernel.parts import Parts
from mindlyfe.kernel.postgres import Database, Pool, connection
from mindlyfe.kernel.spans import exported
from mindlyfe.kernel.telemetry import AccessLog

_PATIENCE_S: Final = 30.0
_OWN: Final = "health"


class Process:
    """The contexts of an assembly as a running whole. An async context manager: inside it, the loops run.

    `app` is the ASGI application. `connected` tells whether the transport is there.
    """

    def __init__(self, assembly: Assembly, *, relay: bool = True, connected: Callable[[], bool] = lambda: True) -> None:
        self.assembly, self.metrics = assembly, Metrics()
        loops = assembly.loops(relay=relay) | {"lags": Lags(assembly.logs(), self.metrics).run}
        self.parts = Parts(loops, failed=self._failed)
        self._usable = False
        self.health = Health(
            needed={"keys": self._keys_fit} | {f"database.{n}": _answers(d) for n, d in self._databases().items()},
            useful={"transport": _told(connected), "revocations": assembly.revocations.fresh},
            parts=self.parts.states,
        )
        self.metrics.gauge(
            "mindlyfe_revocations_age_seconds",
            "Since identity last said which access tokens count no longer; above 2 s each request asks.",
            lambda: assembly.revocations.age_s,
        )
        self._spans = exported(assembly.settings.telemetry)
        self.app = self._application()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.assembly.open()
        _offer_pools(self.metrics, self._databases())
        for module in self.assembly.modules.values():
            for name, read in module.gauges.items():
                self.metrics.gauge(name, f"Told by {module.name}.", read)
        self._running = asyncio.create_task(self.run(), name="loops")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._running
        await self.assembly.close()
        if self._spans:
            await asyncio.to_thread(self._spans.close)

    async def ended(self) -> None:
        """Returns only by raising why the loops cannot run: WrongRootKey, Unavailable."""
        assert self._running
        await asyncio.shield(self._running)

    async def run(self) -> None:
        """Wait for the servers, 30 s at most, then keep the loops going. Raises WrongRootKey, Unavailable."""
        await self._until_usable()
        await self.parts.run()

    async def _until_usable(self) -> None:
        pause = 0.1
        async with _patience():
            while not self._usable:
                try:
                    await self.assembly.keys.check()
                    for database in self._databases().values():
                        await _answers(database)()
                    self._usable = True
                except Unavailable:
                    structlog.get_logger().warning("waiting for the database")
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 2.0)

    def _application(self) -> ASGIApp:
        modules = self.assembly.modules
        doors = self.assembly.doors()
        own = [health.routes(self.health, self.metrics), openapi.routes(list(modules.values()))]
        return application(
            {name: module.routes for name, module in modules.items()} | {_OWN: own},
            doors | {_OWN: replace(next(iter(doors.values())), context=_OWN, grants={})},
            metrics=self.metrics,
            log=AccessLog(self.assembly.settings.telemetry),
            spans=self._spans,
        )

    def _databases(self) -> Mapping[str, Database]:
        return {name: platform.database for name, platform in self.assembly.platforms.items()}

    async def _keys_fit(self) -> bool:
        return self._usable

    def _failed(self, part: str) -> None:
        self.metrics.restarts.labels(part).inc()


@contextlib.asynccontextmanager
async def _patience() -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            yield
    except TimeoutError as late:
        raise Unavailable(f"The database did not answer within {_PATIENCE_S:.0f} s.") from late


def _answers(database: Database) -> Check:
    async def check() -> bool:
        async with connection(database.app_pool) as tx:
            await tx.execute("select 1")
        return True

    return check


def _told(there: Callable[[], bool]) -> Check:
    async def check() -> bool:
        return there()

    return check


def _offer_pools(metrics: Metrics, databases: Mapping[str, Database]) -> None:
    for context, database in databases.items():
        for role, pool in (("app", database.app_pool), ("worker", database.worker_pool)):
            for what in ("pool_size", "pool_available", "requests_waiting"):
                meaning = f"psycopg pool: {what.replace('_', ' ')}."
                read = partial(_stat, pool, what)
                metrics.gauge(f"mindlyfe_database_{what}", meaning, read, context=context, role=role)


def _stat(pool: Pool, what: str) -> float:
    return pool.get_stats().get(what, 0)
