"""Whether a process lives, is ready, and what it measures: for the supervisor and the gateway, never for users."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal

import msgspec
from litestar import Response, Router

from mindlyfe.kernel.http import PUBLIC, get
from mindlyfe.kernel.metrics import Metrics
from mindlyfe.kernel.parts import Part

type Check = Callable[[], Awaitable[bool]]

_PATIENCE_S: Final = 1.0
_FRESH_S: Final = 0.5


class Readiness(msgspec.Struct, frozen=True):
    """The state of a process and of what it depends on. `degraded`: it serves, but something is away."""

    status: Literal["ready", "degraded", "unready", "draining"]
    dependencies: Mapping[str, Literal["ok", "away"]]
    parts: Mapping[str, Part]


class Health:
    """Asks the dependencies, at most twice a second. Without a `needed` one the process is not ready."""

    def __init__(
        self,
        *,
        needed: Mapping[str, Check],
        useful: Mapping[str, Check],
        parts: Mapping[str, Part],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._needed, self._useful, self._parts, self._monotonic = needed, useful, parts, monotonic
        self._asked = float("-inf")
        self._answers: dict[str, bool] = {}
        self._asking = asyncio.Lock()
        self.draining = False

    async def readiness(self) -> Readiness:
        """How things stand, at most half a second old."""
        async with self._asking:
            if self._monotonic() - self._asked > _FRESH_S:
                await self._ask()
        return Readiness(
            self._status(),
            {name: "ok" if there else "away" for name, there in self._answers.items()},
            self._parts,
        )

    async def _ask(self) -> None:
        checks = {**self._needed, **self._useful}
        answers = await asyncio.gather(*(_patiently(check) for check in checks.values()))
        self._answers = dict(zip(checks, answers, strict=True))
        self._asked = self._monotonic()

    def _status(self) -> Literal["ready", "degraded", "unready", "draining"]:
        if self.draining:
            return "draining"
        if not all(self._answers[name] for name in self._needed):
            return "unready"
        failed = any(part.state == "failed" for part in self._parts.values())
        return "degraded" if failed or not all(self._answers.values()) else "ready"


async def _patiently(check: Check) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await check()
    except Exception:  # noqa: BLE001 - any failure means that it is away
        return False


def routes(health: Health, metrics: Metrics) -> Router:
    """`/livez`, `/readyz`, `/metrics`."""

    @get("/livez", needs=PUBLIC)
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @get("/readyz", needs=PUBLIC)
    async def ready() -> Response[Readiness]:
        """The process can do its work: 200, or 503 while it should get no requests."""
        readiness = await health.readiness()
        return Response(readiness, status_code=200 if readiness.status in {"ready", "degraded"} else 503)

    @get("/metrics", needs=PUBLIC)
    async def measured() -> Response[bytes]:
        """What Prometheus reads."""
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return Router("/", route_handlers=[live, ready, measured])
