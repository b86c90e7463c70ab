"""Care relationships."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router

from mindlyfe.identity.adapters.relations import CareRelations
from mindlyfe.identity.application.care import CareRelationships
from mindlyfe.identity.contract import CareSaved, CareView, StartCare
from mindlyfe.identity.domain.refusals import CareBackdated, CareEnded, CareRuns, NotInCare
from mindlyfe.kernel.errors import KeyReused, Malformed, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Principal
from mindlyfe.kernel.roles import FRONT_DESK

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]


def routes(relationships: CareRelationships, relations: CareRelations) -> Router:
    """`/v1/care-relationships`."""

    @put(
        "/{care:uuid}",
        needs="care:start",
        clinical=True,
        refuses=(NotInCare, CareRuns, CareEnded, CareBackdated, KeyReused),
    )
    async def start(care: UUID, data: StartCare, who: Principal) -> CareSaved:
        """A clinician treats a patient from now on, or later, under an id that the caller makes. Again: no change."""
        return await relationships.start(care, data, who)

    @post(
        "/{care:uuid}/end",
        needs="care:end",
        clinical=True,
        status_code=200,
        refuses=(NotFound, CareEnded, VersionConflict, KeyReused),
    )
    async def end(care: UUID, who: Principal, expected: int | None) -> CareSaved:
        """The treatment ends now. Who arranges care may end any; a clinician their own."""
        return await relationships.end(care, who, expected)

    @get(needs="care:read", clinical=True, audits="care.read", refuses=(Malformed,))
    async def page(who: Principal, cursor: str | None = None, limit: Limit = 50) -> Page[CareView]:
        """Relationships, oldest first: all for who arranges care, their own for clinicians."""
        return await relations.page(who, everybody=bool(who.roles & FRONT_DESK), word=cursor, limit=limit)

    return Router("/v1/care-relationships", route_handlers=[start, end, page], tags=["Care"])
