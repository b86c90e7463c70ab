"""Notes: what clinicians say of them, read of them, and are refused. Content never leaves in an event."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Command, Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId

type Stage = Literal["draft", "signed", "entered-in-error"]
type Cosignature = Literal["none", "asked", "given"]
type SectionKey = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,39}$", examples=["subjective"])]
Text = Annotated[str, msgspec.Meta(max_length=20_000)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000, pattern=r"\S")]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]


class SectionText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in one section of the template."""

    section: SectionKey
    text: Text


class BeginNote(Command, frozen=True):
    """Begin a note by a template: by its newest version, unless another is named, and for good."""

    template: UUID
    template_version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    appointment: AppointmentId | None = None
    """The appointment it is about, if it is about one."""


class SaveRevision(Command, frozen=True):
    """The whole text as it stands on this device."""

    base: Annotated[list[UUID], msgspec.Meta(max_length=20)]
    """The revisions that this one was made from and replaces; naming several joins them, none begins anew."""
    sections: Annotated[list[SectionText], msgspec.Meta(max_length=40)]


class SignNote(Command, frozen=True):
    """Sign what this revision says."""

    revision: UUID


class AddAddendum(Command, frozen=True):
    """Add to a signed note."""

    text: Words


class StrikeNote(Command, frozen=True):
    """It should not be there: the wrong patient, or wrong altogether."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, pattern=r"\S")]


class DiscloseExcerpt(Command, frozen=True):
    """What the author has reviewed and lets out of a psychotherapy note, in these words and no others."""

    excerpt: Words
    purpose: Line
    recipient: Line


class NoteSaved(msgspec.Struct, frozen=True):
    """The note stands at this version."""

    note: UUID
    version: int


class DraftSaved(msgspec.Struct, frozen=True, kw_only=True):
    """The text is kept. `conflict`: another device wrote, too; save once more on top of all `heads` to join them."""

    note: UUID
    revision: UUID
    heads: list[UUID]
    conflict: bool


class SectionView(msgspec.Struct, frozen=True, kw_only=True):
    """A section as it is shown."""

    section: str
    title: str
    text: str


class RevisionView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole text at one moment. `base`: what it was made from."""

    revision: UUID
    base: list[UUID]
    by: PersonId
    at: Instant
    sections: list[SectionView]


class RevisionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A revision in the history of a note. `head`: nothing replaces it. `pruned`: its text was let go since."""

    revision: UUID
    base: list[UUID]
    by: PersonId
    at: Instant
    head: bool
    signed: bool
    pruned: bool


class SignatureView(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed which text: SHA-256 over its canonical form."""

    revision: UUID
    sha256: str
    by: PersonId
    at: Instant


class AddendumView(msgspec.Struct, frozen=True, kw_only=True):
    """What was added after signing."""

    addendum: UUID
    text: str
    by: PersonId
    at: Instant


class CosignatureView(msgspec.Struct, frozen=True, kw_only=True):
    """The supervisor's signature, or that it is asked for."""

    status: Cosignature
    by: PersonId | None = None
    at: Instant | None = None


class StruckView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a note is struck through."""

    reason: str
    by: PersonId
    at: Instant


class NoteEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A note in a list, without its text."""

    id: UUID
    patient: PersonId
    author: PersonId
    template: UUID
    template_version: int
    appointment: AppointmentId | None
    stage: Stage
    cosignature: Cosignature
    started_at: Instant
    signed_at: Instant | None
    version: int


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A note. A draft shows every head, a signed one what was signed; `left_out` is text saved while it was signed."""

    id: UUID
    patient: PersonId
    author: PersonId
    template: UUID
    template_version: int
    template_name: str
    appointment: AppointmentId | None
    stage: Stage
    started_at: Instant
    conflict: bool
    texts: list[RevisionView]
    left_out: list[RevisionView]
    """Shown to the author alone."""
    signature: SignatureView | None
    cosignature: CosignatureView
    addenda: list[AddendumView]
    entered_in_error: StruckView | None
    version: int


class Piece(msgspec.Struct, frozen=True):
    """Words that stayed, came or went."""

    change: Literal["same", "added", "removed"]
    text: str


class SectionChanges(msgspec.Struct, frozen=True, kw_only=True):
    """One section, from the earlier text to the later."""

    section: str
    title: str
    pieces: list[Piece]


class ChangesView(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from one revision to another, section by section, word by word."""

    earlier: UUID
    later: UUID
    sections: list[SectionChanges]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a text is still the one whose hash was put on record. `canonical` is what the hash is taken over."""

    what: Literal["text", "addendum", "disclosure"]
    id: UUID
    recorded_sha256: str
    found_sha256: str | None
    """Null: the text is gone, or was tampered with so that it no longer opens."""
    holds: bool
    canonical: str | None


class VerificationView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether all that was signed still stands as it was."""

    note: UUID
    holds: bool
    checks: list[Check]


class DisclosureView(msgspec.Struct, frozen=True, kw_only=True):
    """An excerpt that its author let out."""

    disclosure: UUID
    excerpt: str
    purpose: str
    recipient: str
    by: PersonId
    at: Instant
