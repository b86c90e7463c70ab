"""The clinics of a region as its operators see them, and the links by which more are opened."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Command, Instant, TenantId

type LinkState = Literal["open", "expired", "used", "withdrawn"]


class ClinicListed(msgspec.Struct, frozen=True, kw_only=True):
    """A clinic, and how many belong to it; who they are is not an operator's business."""

    id: TenantId
    name: str
    region: str
    jurisdiction: str
    """Whose law holds; empty while nobody said."""
    opened_at: Instant
    members: int
    """Staff and patients together, without those who left."""


class OfferSetUp(Command, frozen=True):
    """Let somebody open a clinic by a link."""

    hours: Annotated[
        int, msgspec.Meta(ge=1, le=336, description="How long the link is good, at most two weeks.", examples=[72])
    ] = 72


class SetUpLink(msgspec.Struct, frozen=True):
    """A link that opens one clinic. The address is shown now, and never again."""

    id: UUID
    url: str
    expires_at: Instant


class SetUpLinkListed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a link."""

    id: UUID
    state: LinkState
    operator: bool
    """Whether it makes its administrator an operator: those do that the platform itself printed."""
    offered_at: Instant
    expires_at: Instant
    organisation: TenantId | None
    """The clinic that was opened by it."""
