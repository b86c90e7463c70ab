"""Breaking the glass: opening a record without care, for two hours, with a reason; judged by the privacy officer."""

from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Command, Event, Instant, PersonId, TenantId

Reason = Annotated[
    str,
    msgspec.Meta(
        min_length=20,
        max_length=2_000,
        pattern=r"\S",
        description="Why it cannot wait for somebody who treats the patient.",
        examples=["Call from the emergency department; the therapist cannot be reached."],
    ),
]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000, pattern=r"\S", examples=["Rightly so."])]


class BreakGlass(Command, frozen=True):
    """Open the record of a patient whom the caller does not treat."""

    patient: PersonId
    reason: Reason


class ReviewGlass(Command, frozen=True):
    """Judge it. The patient is told afterwards, unless that would do harm."""

    outcome: Literal["justified", "not-justified"]
    words: Words
    notice: Literal["send", "withhold"]
    withheld_because: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


class GlassOpen(msgspec.Struct, frozen=True):
    """The record is open to the caller until `until`."""

    id: UUID
    until: Instant
    version: int


class GlassSaved(msgspec.Struct, frozen=True):
    """It stands at this version."""

    id: UUID
    version: int


class GlassEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A broken glass that waits for its review. `overdue`: for longer than 72 hours."""

    id: UUID
    patient: PersonId
    clinician: PersonId
    opened_at: Instant
    until: Instant
    review_by: Instant
    overdue: bool
    version: int


class GlassReview(msgspec.Struct, frozen=True, kw_only=True):
    """How it was judged."""

    by: PersonId
    at: Instant
    outcome: Literal["justified", "not-justified"]
    words: str
    notice: Literal["send", "withhold"]
    withheld_because: str


class GlassView(msgspec.Struct, frozen=True, kw_only=True):
    """One broken glass, for who broke it and for privacy officers."""

    id: UUID
    patient: PersonId
    clinician: PersonId
    reason: str
    opened_at: Instant
    until: Instant
    review_by: Instant
    review: GlassReview | None
    version: int


class BreakGlassOpenedV1(Event, frozen=True, tag="identity.break-glass-opened.v1"):
    """The record of `patient` is open to `clinician` until `until`."""

    glass: UUID
    patient: PersonId
    clinician: PersonId
    since: Instant
    until: Instant


class BreakGlassClosedV1(Event, frozen=True, tag="identity.break-glass-closed.v1"):
    """It was closed at `until`, before its time."""

    glass: UUID
    patient: PersonId
    clinician: PersonId
    until: Instant


class BreakGlassReviewedV1(Event, frozen=True, tag="identity.break-glass-reviewed.v1"):
    """It was judged; `notice`: the patient is to be told."""

    glass: UUID
    patient: PersonId
    notice: bool


class Officers(Protocol):
    """Who looks after privacy."""

    async def officers(self, *, tenant: TenantId) -> list[PersonId]:
        """The clinic's privacy officers; while there are none, its administrators."""
        ...
