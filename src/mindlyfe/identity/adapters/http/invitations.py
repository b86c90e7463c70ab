"""Invitations."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router

from mindlyfe.identity.adapters.invited import Invited
from mindlyfe.identity.application.invitations import Invitations
from mindlyfe.identity.contract import AcceptInvitation, InvitationAccepted, InvitationView, Invite
from mindlyfe.identity.contract.invitations import InvitationListed, InvitationState
from mindlyfe.identity.domain.merge_refusals import MergedAway
from mindlyfe.identity.domain.refusals import (
    BirthMismatch,
    BirthMissing,
    CodeExpired,
    CodeInvalid,
    ImpossibleBirth,
    InvitationClosed,
    RoleNotYours,
    SignInFailed,
    TooYoung,
    UnknownZone,
    WeakPassword,
)
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import KeyReused, Malformed, NotFound, TooMany
from mindlyfe.kernel.http import PUBLIC, Page, delete, get, post
from mindlyfe.kernel.messages import Act, Principal

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]


def routes(invitations: Invitations, invited: Invited, clock: Clock) -> Router:
    """`/v1/invitations`."""

    @post(
        needs="invitations:issue",
        clinical=True,
        refuses=(RoleNotYours, BirthMissing, ImpossibleBirth, TooYoung, Malformed, KeyReused),
    )
    async def issue(data: Invite, who: Principal) -> InvitationView:
        """Offer somebody to join with these roles; a mail with a link goes to them. Reception invites patients."""
        return await invitations.issue(data, who)

    @get(needs="invitations:read", clinical=True, audits="invitations.read", refuses=(Malformed,))
    async def page(
        who: Principal, state: InvitationState = "open", cursor: str | None = None, limit: Limit = 50
    ) -> Page[InvitationListed]:
        """Invitations in one state, oldest first: all for administrators, those of patients for reception."""
        return await invited.page(who, state=state, word=cursor, limit=limit, clock=clock)

    @post(
        "/{invitation:uuid}/resend",
        needs="invitations:issue",
        clinical=True,
        status_code=200,
        refuses=(NotFound, InvitationClosed, TooMany, KeyReused),
    )
    async def resend(invitation: UUID, who: Principal) -> InvitationView:
        """Send the mail again, with a new link that lasts anew; the one before opens nothing any more."""
        return await invitations.resend(invitation, who)

    @delete(
        "/{invitation:uuid}", needs="invitations:issue", clinical=True, refuses=(NotFound, InvitationClosed, KeyReused)
    )
    async def withdraw(invitation: UUID, who: Principal) -> None:
        """Let nobody join by it any more; again, nothing."""
        await invitations.withdraw(invitation, who)

    return Router("/v1/invitations", route_handlers=[issue, page, resend, withdraw], tags=["Invitations"])


def acceptance(invitations: Invitations) -> Router:
    """`/v1/invitations/acceptance`."""

    @post(
        needs=PUBLIC,
        status_code=200,
        rate_per_s=10,
        refuses=(
            CodeInvalid,
            CodeExpired,
            UnknownZone,
            WeakPassword,
            SignInFailed,
            BirthMissing,
            BirthMismatch,
            TooMany,
            MergedAway,
            KeyReused,
        ),
    )
    async def accept(data: AcceptInvitation, act: Act) -> InvitationAccepted:
        """Join by the code in the mail. Who has an account gives its password; for others it becomes theirs.

        A patient gives their date of birth, too; after a few wrong ones the invitation is withdrawn.
        """
        return await invitations.accept(data, act)

    return Router("/v1/invitations/acceptance", route_handlers=[accept], tags=["Invitations"])
