"""Breaking the glass, and its review."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router

from mindlyfe.identity.adapters.glasses import Glasses
from mindlyfe.identity.application.break_glass import Breaking
from mindlyfe.identity.contract.break_glass import BreakGlass, GlassEntry, GlassOpen, GlassSaved, GlassView, ReviewGlass
from mindlyfe.identity.domain.break_glass import AlreadyReviewed, GlassBroken, GlassClosed, NoticeUnexplained, OwnGlass
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, IdTaken, KeyReused, Malformed, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Principal

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
RECENT_S = 600


def routes(breaking: Breaking) -> Router:
    """`/v1/break-glass`, what clinicians do."""

    @post(
        needs="break-glass:open",
        aal=2,
        recent_s=RECENT_S,
        clinical=True,
        refuses=(NotFound, OwnGlass, GlassBroken, Erased, KeyReused),
    )
    async def open_(data: BreakGlass, who: Principal) -> GlassOpen:
        """Open the record of a patient whom the caller does not treat, for two hours. The privacy officer is told."""
        return await breaking.open(data, who)

    @post(
        "/{glass:uuid}/end",
        needs="break-glass:end",
        status_code=200,
        refuses=(NotFound, IdTaken, GlassClosed, Erased, VersionConflict, KeyReused),
    )
    async def end(glass: UUID, who: Principal, expected: int | None) -> GlassSaved:
        """Close it before its time: who broke it, or a privacy officer."""
        return await breaking.end(glass, who, expected)

    @get("/{glass:uuid}", needs="break-glass:read", aal=2, refuses=(NotFound,), audits="break-glass.read")
    async def one(glass: UUID, who: Principal) -> GlassView:
        """Who opened whose record, why, and how it was judged: for who did it and for privacy officers."""
        return await breaking.one(glass, who)

    return Router("/v1/break-glass", route_handlers=[open_, end, one], tags=["Break-glass"])


def reviewing(breaking: Breaking, glasses: Glasses, clock: Clock) -> Router:
    """What privacy officers do."""

    @get("/reviews", needs="break-glass:review", aal=2, refuses=(Malformed,), audits="break-glass.read")
    async def reviews(who: Principal, cursor: str | None = None, limit: Limit = 50) -> Page[GlassEntry]:
        """Broken glasses that wait for a review, oldest first; each is due within 72 hours."""
        return await glasses.pending(who, clock(), word=cursor, limit=limit)

    @post(
        "/{glass:uuid}/review",
        needs="break-glass:review",
        aal=2,
        status_code=200,
        refuses=(NotFound, IdTaken, OwnGlass, AlreadyReviewed, NoticeUnexplained, Erased, VersionConflict, KeyReused),
    )
    async def review(glass: UUID, data: ReviewGlass, who: Principal, expected: int | None) -> GlassSaved:
        """Judge it. What was not justified ends at once; then the patient is told, unless that is withheld."""
        return await breaking.review(glass, data, who, expected)

    return Router("/v1/break-glass", route_handlers=[reviews, review], tags=["Break-glass"])
