"""Supervisions."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router

from mindlyfe.identity.adapters.supervisions import Supervisions
from mindlyfe.identity.application.supervisions import Supervising
from mindlyfe.identity.contract.supervision import StartSupervision, SupervisionSaved, SupervisionView
from mindlyfe.identity.domain.supervision import NotInSupervision, SupervisionEnded, SupervisionRuns
from mindlyfe.kernel.errors import KeyReused, Malformed, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Principal
from mindlyfe.kernel.roles import ADMIN

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]


def routes(supervising: Supervising, supervisions: Supervisions) -> Router:
    """`/v1/supervisions`."""

    @put(
        "/{supervision:uuid}",
        needs="supervisions:manage",
        refuses=(NotInSupervision, SupervisionRuns, SupervisionEnded, KeyReused),
    )
    async def start(supervision: UUID, data: StartSupervision, who: Principal) -> SupervisionSaved:
        """A supervisor answers for a clinician from now on, under an id that the caller makes. Again: no change."""
        return await supervising.start(supervision, data, who)

    @post(
        "/{supervision:uuid}/end",
        needs="supervisions:manage",
        status_code=200,
        refuses=(NotFound, SupervisionEnded, VersionConflict, KeyReused),
    )
    async def end(supervision: UUID, who: Principal, expected: int | None) -> SupervisionSaved:
        """The supervision ends now; what it opened closes."""
        return await supervising.end(supervision, who, expected)

    @get(needs="supervisions:read", refuses=(Malformed,))
    async def page(who: Principal, cursor: str | None = None, limit: Limit = 50) -> Page[SupervisionView]:
        """Supervisions, oldest first: all for administrators, their own for clinicians."""
        return await supervisions.page(who, everybody=bool(who.roles & ADMIN), word=cursor, limit=limit)

    return Router("/v1/supervisions", route_handlers=[start, end, page], tags=["Care"])
