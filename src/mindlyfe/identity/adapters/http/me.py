"""The caller: who they are here, and their profile."""

from litestar import Router

from mindlyfe.identity.application.members import Members
from mindlyfe.identity.contract import ChangeProfile, Me, MemberSaved
from mindlyfe.identity.domain.refusals import UnknownZone
from mindlyfe.kernel.errors import KeyReused, NotFound, VersionConflict
from mindlyfe.kernel.http import get, put
from mindlyfe.kernel.messages import Principal


def routes(members: Members) -> Router:
    """`/v1/me`."""

    @get(needs="me:read", refuses=(NotFound,))
    async def me(who: Principal) -> Me:
        """The caller as a member of the organisation that the token names."""
        return await members.me(who)

    @put("/profile", needs="me:change", refuses=(NotFound, UnknownZone, VersionConflict, KeyReused))
    async def change_profile(data: ChangeProfile, who: Principal, expected: int | None) -> MemberSaved:
        """Replace the caller's profile in this organisation."""
        return await members.change_profile(data, who, expected)

    return Router("/v1/me", route_handlers=[me, change_profile], tags=["Me"])
