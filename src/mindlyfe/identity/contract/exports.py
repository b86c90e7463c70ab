"""Exports: a person's copy of everything that is known of them."""

from typing import Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId

type ExportStatus = Literal["waiting", "ready", "expired"]


class ExportView(msgspec.Struct, frozen=True, kw_only=True):
    """One copy: being made (`waiting`), there to be fetched (`ready`), or deleted since (`expired`)."""

    id: UUID
    status: ExportStatus
    requested_at: Instant
    contexts_told: list[str]
    """Which parts of the platform have told what they know; it is ready when all have."""
    contexts_awaited: list[str]
    ready_at: Instant | None
    expires_at: Instant | None
    """Until when it can be fetched."""
    version: int


class ExportReadyV1(Event, frozen=True, tag="identity.export-ready.v1"):
    """The person can fetch their copy."""

    person: PersonId
    export: UUID
