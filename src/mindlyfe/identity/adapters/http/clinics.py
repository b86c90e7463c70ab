"""The clinics of the region, and the links by which more are opened: for operators."""

from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Router

from mindlyfe.identity.adapters.clinics import Clinics
from mindlyfe.identity.adapters.setup_links import OfferedLinks
from mindlyfe.identity.application.setup_links import SetUpLinks
from mindlyfe.identity.contract.clinics import ClinicListed, LinkState, OfferSetUp, SetUpLink, SetUpLinkListed
from mindlyfe.identity.domain.refusals import CodeUsed
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import KeyReused, Malformed, NotFound
from mindlyfe.kernel.http import Page, delete, get, post
from mindlyfe.kernel.messages import Principal
from mindlyfe.kernel.tables import Form, shown

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
RECENT_S = 600


def routes(clinics: Clinics) -> Router:
    """`/v1/clinics`."""

    @get(needs="clinics:read", aal=2, audits="clinics.read", csv=True, refuses=(Malformed,))
    async def page(
        request: Request[Any, Any, Any],
        *,
        format_: Form | None = None,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> Page[ClinicListed]:
        """All clinics of the region in the order they opened, as JSON or CSV. Nothing is told of anybody in them."""
        found = await clinics.page(cursor, limit)
        return cast("Page[ClinicListed]", shown(found, ClinicListed, format_, request))

    return Router("/v1/clinics", route_handlers=[page], tags=["Clinics"])


def setup_links(links: SetUpLinks, offered: OfferedLinks, clock: Clock) -> Router:
    """`/v1/setup-links`."""

    @post(needs="setup-links:manage", aal=2, recent_s=RECENT_S, refuses=(KeyReused,))
    async def offer(data: OfferSetUp, who: Principal) -> SetUpLink:
        """Make a link by which somebody opens one clinic. Who does becomes its administrator, and no operator."""
        return await links.offer(data, who)

    @get(needs="setup-links:manage", aal=2, refuses=(Malformed,))
    async def listed(
        state: LinkState | None = None, cursor: str | None = None, limit: Limit = 50
    ) -> Page[SetUpLinkListed]:
        """The links that were made, the oldest first, and what became of them; their addresses are not told again."""
        return await offered.page(state=state, word=cursor, limit=limit, now=clock())

    @delete("/{link:uuid}", needs="setup-links:manage", aal=2, refuses=(NotFound, CodeUsed, KeyReused))
    async def withdraw(link: UUID, who: Principal) -> None:
        """Let nobody open a clinic by this link any more."""
        await links.withdraw(link, who)

    return Router("/v1/setup-links", route_handlers=[offer, listed, withdraw], tags=["Clinics"])
