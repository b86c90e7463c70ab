"""Sessions as their owner sees them, and what they may do with them."""

from typing import Annotated
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Command, Event, Instant, TenantId

Device = Annotated[
    str,
    msgspec.Meta(
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        description="What its owner calls a device.",
        examples=["Tablet in the practice"],
    ),
]


class NameDevice(Command, frozen=True):
    """Call the device of a session something else."""

    device: Device


class SessionView(msgspec.Struct, frozen=True):
    """One sign-in that runs. `client` is the app it was given to, empty for our own pages."""

    id: UUID
    organisation: TenantId
    device: str
    client: str
    methods: tuple[str, ...]
    """How its owner proved who they are (RFC 8176)."""
    aal: int
    opened_at: Instant
    used_at: Instant
    """When it was renewed last; a session is renewed every few minutes while it is in use."""
    version: int
    current: bool = False
    """Whether this request came by it."""


class SessionSaved(msgspec.Struct, frozen=True):
    """A session changed."""

    id: UUID
    version: int


class SessionEndedV1(Event, frozen=True, tag="identity.session-ended.v1"):
    """Somebody ended a session, or it was cut for a token that was shown twice. One that runs out is not told of."""

    session: UUID
