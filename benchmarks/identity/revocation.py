"""How long a token still works in another context after its session ended.

The other context has a door, a socket and a `RevocationMap` of its own, which hears identity by calls within this
process: no broker and no gateway between them, so their milliseconds are not in the figures.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final, cast

import httpx
import msgspec
from litestar import Router
from tests.identity.conftest import House

from benchmarks.identity.world import served
from mindlyfe.identity.testing.person import Person
from mindlyfe.kernel.access import SigningKeys, TokenVerifier, access_cookie
from mindlyfe.kernel.admission import Door
from mindlyfe.kernel.config import Settings, TelemetrySettings
from mindlyfe.kernel.edge import application
from mindlyfe.kernel.http import get
from mindlyfe.kernel.messages import Principal, Role
from mindlyfe.kernel.metrics import Metrics
from mindlyfe.kernel.revocations import RevocationMap, Revocations
from mindlyfe.kernel.telemetry import AccessLog

GRANTS: Final[dict[str, frozenset[Role]]] = {"elsewhere:read": frozenset({"patient"})}
TIMES: Final = 100
SECONDS: Final = 30.0
AIM_S: Final = 1.0


class Here(msgspec.Struct, frozen=True):
    """An answer."""

    here: bool = True


def _routes() -> list[Router]:
    @get("/v1/elsewhere", needs="elsewhere:read")
    async def elsewhere(who: Principal) -> Here:  # noqa: ARG001 - it needs a token
        """Something of the other context."""
        return Here()

    return [Router("/", route_handlers=[elsewhere])]


@asynccontextmanager
async def elsewhere(house: House) -> AsyncGenerator[str]:
    """The other context, with what it hears from identity kept fresh."""
    settings = Settings()
    heard = RevocationMap(cast("Revocations", house.module.answers[Revocations]), clock=house.clock)
    door = Door(
        context="elsewhere",
        region=settings.region,
        grants=GRANTS,
        tokens=TokenVerifier(
            cast("SigningKeys", house.module.answers[SigningKeys]), issuer=settings.public_url, clock=house.clock
        ),
        revocations=heard,
        cookie=access_cookie(settings.instance, settings.secure).encode(),
        origin=settings.public_url.encode(),
        audit=house.audit,
        clock=house.clock,
    )
    log = AccessLog(TelemetrySettings(log_level="error"))
    app = application({"elsewhere": _routes()}, {"elsewhere": door}, metrics=Metrics(), log=log)
    hearing = asyncio.ensure_future(heard.run())
    try:
        async with served(app) as base:
            yield base
    finally:
        hearing.cancel()
        with suppress(asyncio.CancelledError):
            await hearing


async def until_refused(other: httpx.AsyncClient, person: Person) -> float:
    """Seconds from the answer that says the session has ended to the first 401 elsewhere."""
    assert (await other.get("/v1/elsewhere", headers=person.headers)).status_code == 200
    assert (await person.delete("/v1/sessions/current")).status_code == 204
    ended = time.perf_counter()
    while True:
        answer = await other.get("/v1/elsewhere", headers=person.headers)
        took = time.perf_counter() - ended
        if answer.status_code == 401:
            return took
        assert answer.status_code == 200, answer.text
        assert took < 10, "the session still runs elsewhere"


async def revocation(house: House, email: str) -> bool:
    """Print p50 and p99; whether p99 is as it should be."""
    person, took, begun = house.visitor(), list[float](), time.monotonic()
    person.email = email
    async with elsewhere(house) as base, httpx.AsyncClient(base_url=base, timeout=20) as other:
        while len(took) < TIMES and time.monotonic() - begun < SECONDS:
            answer = await person.sign_in()
            assert answer.status_code == 201, answer.text
            took.append(await until_refused(other, person))
    took.sort()
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    print(
        f"  p50 {p50:.3f} s, p99 {p99:.3f} s, longest {took[-1]:.3f} s of {len(took)}; aim p99 < {AIM_S} s", flush=True
    )
    return p99 < AIM_S
