"""Invitations."""

from litestar import Router

from mindlyfe.identity.application.invitations import Invitations
from mindlyfe.identity.contract import AcceptInvitation, InvitationAccepted, InvitationView, Invite
from mindlyfe.identity.domain.refusals import (
    CodeExpired,
    CodeInvalid,
    RoleNotYours,
    SignInFailed,
    UnknownZone,
    WeakPassword,
)
from mindlyfe.kernel.errors import KeyReused
from mindlyfe.kernel.http import PUBLIC, post
from mindlyfe.kernel.messages import Act, Principal


def routes(invitations: Invitations) -> Router:
    """`/v1/invitations`."""

    @post(needs="invitations:issue", refuses=(RoleNotYours, KeyReused))
    async def issue(data: Invite, who: Principal) -> InvitationView:
        """Offer somebody to join with these roles; a mail with a link goes to them."""
        return await invitations.issue(data, who)

    @post(
        "/acceptance",
        needs=PUBLIC,
        status_code=200,
        rate_per_s=10,
        refuses=(CodeInvalid, CodeExpired, UnknownZone, WeakPassword, SignInFailed, KeyReused),
    )
    async def accept(data: AcceptInvitation, act: Act) -> InvitationAccepted:
        """Join by the code in the mail. Who has an account gives its password; for others it becomes theirs."""
        return await invitations.accept(data, act)

    return Router("/v1/invitations", route_handlers=[issue, accept], tags=["Invitations"])
