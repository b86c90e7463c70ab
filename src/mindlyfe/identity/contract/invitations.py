"""Invitations as those who look after them see them."""

from typing import Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Instant, Role

type InvitationState = Literal["open", "accepted", "expired", "withdrawn"]


class InvitationListed(msgspec.Struct, frozen=True, kw_only=True):
    """One invitation: whom it is for, and what became of it. Never the address, nor the link."""

    id: UUID
    name: str
    roles: frozenset[Role]
    state: InvitationState
    issued_at: Instant
    expires_at: Instant
    version: int
