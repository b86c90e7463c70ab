"""The caller: who they are here."""

from litestar import Router

from mindlyfe.identity.application.members import Members
from mindlyfe.identity.contract import Me
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.http import get
from mindlyfe.kernel.messages import Principal


def routes(members: Members) -> Router:
    """`/v1/me`."""

    @get(needs="me:read", refuses=(NotFound,), scope="profile")
    async def me(who: Principal) -> Me:
        """The caller as a member of the organisation that the token names."""
        return await members.me(who)

    return Router("/v1/me", route_handlers=[me], tags=["Me"])
