"""The same read by FastAPI, without any log or metric."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from benchmarks.gateway.query import Source
from mindlyfe.kernel.access import Claims, SigningKeys, TokenVerifier


class Entry(BaseModel):
    """A row of the answer."""

    id: UUID
    starts_at: str
    minutes: int
    status: str


class Entries(BaseModel):
    """A page."""

    items: list[Entry]
    next: str | None = None


def app(source: Source, tokens: TokenVerifier, _: SigningKeys) -> FastAPI:
    """The same addresses."""
    api = FastAPI(openapi_url=None)
    bearer = HTTPBearer()

    async def signed_in(given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> Claims:
        claims = await tokens.verify(given.credentials)
        if "therapist" not in claims.roles:
            raise HTTPException(403)
        return claims

    @api.get("/v1/plain/{entry}")
    async def plain(entry: UUID, limit: int = 50) -> Entry:
        return Entry(id=entry, starts_at="2026-03-02T09:00:00Z", minutes=limit, status="booked")

    @api.get("/v1/entries")
    async def entries(
        who: Annotated[Claims, Depends(signed_in)], limit: Annotated[int, Query(ge=1, le=100)] = 10
    ) -> Entries:
        rows = await source.rows(who.tenant, who.sub, limit)
        return Entries(items=[Entry(id=row[0], starts_at=row[1], minutes=row[2], status=row[3]) for row in rows])

    return api
