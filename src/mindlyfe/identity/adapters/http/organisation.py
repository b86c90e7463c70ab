"""The clinic, and the links by which patients register at it."""

from uuid import UUID

from litestar import Router

from mindlyfe.identity.application.organisations import RegistrationLinks
from mindlyfe.identity.application.questions import Questions
from mindlyfe.identity.contract import OrganisationView, RegistrationLink
from mindlyfe.kernel.errors import KeyReused, NotFound
from mindlyfe.kernel.http import Page, delete, get, post
from mindlyfe.kernel.messages import Principal


def routes(links: RegistrationLinks, questions: Questions) -> Router:
    """`/v1/organisation`, `/v1/registration-links`."""

    @get("/organisation", needs="organisation:read", refuses=(NotFound,))
    async def organisation(who: Principal) -> OrganisationView:
        """The clinic that the token names."""
        return await questions.organisation(tenant=who.tenant)

    @post("/registration-links", needs="registration-links:manage", refuses=(NotFound, KeyReused))
    async def open_link(who: Principal) -> RegistrationLink:
        """Let patients register by a new link, until it is closed."""
        return await links.open(who)

    @get("/registration-links", needs="registration-links:manage", refuses=(NotFound,))
    async def open_links(who: Principal) -> Page[RegistrationLink]:
        """The links that are open, oldest first."""
        return Page(await links.all(who))

    @delete("/registration-links/{link:uuid}", needs="registration-links:manage", refuses=(NotFound, KeyReused))
    async def close_link(link: UUID, who: Principal) -> None:
        """Let nobody register by this link any more."""
        await links.close(link, who)

    return Router("/v1", route_handlers=[organisation, open_link, open_links, close_link], tags=["Organisation"])
