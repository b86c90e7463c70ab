"""The read as a MindLyfe service answers it: verbs, door, access log, metrics, all as in production."""

import sys
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, Router
from litestar.types import ASGIApp

from benchmarks.gateway.query import Source
from mindlyfe.kernel.access import SigningKeys, TokenVerifier
from mindlyfe.kernel.admission import Door
from mindlyfe.kernel.config import TelemetrySettings
from mindlyfe.kernel.edge import application
from mindlyfe.kernel.http import PUBLIC, Page, get
from mindlyfe.kernel.messages import Principal, Role
from mindlyfe.kernel.metrics import Metrics
from mindlyfe.kernel.telemetry import AccessLog
from mindlyfe.kernel.testing.stand_ins import NothingRevoked

GRANTS: Final[dict[str, frozenset[Role]]] = {"entries:read": frozenset({"therapist"})}


class Entry(msgspec.Struct, frozen=True):
    """A row of the answer."""

    id: UUID
    starts_at: str
    minutes: int
    status: str


def routes(source: Source, keys: SigningKeys) -> list[Router]:
    """`/v1/plain/{entry}`: without database and token. `/v1/entries`: with both."""

    @get("/v1/plain/{entry:uuid}", needs=PUBLIC)
    async def plain(entry: UUID, limit: int = 50) -> Entry:
        """One entry out of nothing."""
        return Entry(entry, "2026-03-02T09:00:00Z", limit, "booked")

    @get("/v1/entries", needs="entries:read")
    async def entries(who: Principal, limit: int = 10) -> Page[Entry]:
        """The caller's entries."""
        return Page([Entry(*row) for row in await source.rows(who.tenant, who.id, limit)])

    @get("/.well-known/jwks.json", needs=PUBLIC)
    async def jwks() -> Response[bytes]:
        """For the gateway."""
        return Response(await keys.jwks(), media_type="application/json")

    @get("/readyz", needs=PUBLIC)
    async def ready() -> str:
        """For the gateway."""
        return "ready"

    return [Router("/", route_handlers=[plain, entries, jwks, ready])]


def app(source: Source, tokens: TokenVerifier, keys: SigningKeys) -> ASGIApp:
    """The routes behind a door."""
    door = Door(
        context="identity",
        region="eu",
        grants=GRANTS,
        tokens=tokens,
        revocations=NothingRevoked(),
        cookie=b"mindlyfe_main_access",
        origin=b"http://localhost:8080",
        audit=source,
    )
    log = AccessLog(TelemetrySettings(), sys.stderr.buffer)
    return application({"identity": routes(source, keys)}, {"identity": door}, metrics=Metrics(), log=log)
