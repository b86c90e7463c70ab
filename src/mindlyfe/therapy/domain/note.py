"""A note's life: begun, signed, added to, co-signed, struck through. Its text is elsewhere, its hashes are here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import Forbidden
from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract.note_refusals import (
    AlreadyCosigned,
    CosignatureNotAsked,
    DisclosureTaken,
    NoteBegun,
    NoteNotSigned,
    NoteSigned,
    NoteStruck,
    RevisionTaken,
)
from mindlyfe.therapy.contract.notes import Cosignature, Stage
from mindlyfe.therapy.domain.custody import HandedOver, Opened

type Kind = Literal["progress", "psychotherapy"]


class Begun(Event, frozen=True, kw_only=True, tag="note.begun.v1"):
    """A clinician began a note on a patient, by this version of a template."""

    patient: PersonId
    author: PersonId
    kind: Kind
    template: UUID
    template_version: int
    appointment: UUID | None
    at: Instant


class Signed(Event, frozen=True, kw_only=True, tag="note.signed.v1"):
    """The author signed this text. It is locked."""

    revision: UUID
    sha256: str
    by: PersonId
    at: Instant


class Addended(Event, frozen=True, kw_only=True, tag="note.addended.v1"):
    """The author added a text to what was signed."""

    addendum: UUID
    sha256: str
    by: PersonId
    at: Instant


class CosignatureAsked(Event, frozen=True, kw_only=True, tag="note.cosignature-asked.v1"):
    """The author wants a supervisor to sign, too."""

    by: PersonId
    at: Instant


class Cosigned(Event, frozen=True, kw_only=True, tag="note.cosigned.v1"):
    """A supervisor of the author signed the same text, and so many addenda."""

    sha256: str
    addenda: int
    by: PersonId
    at: Instant


class EnteredInError(Event, frozen=True, kw_only=True, tag="note.entered-in-error.v1"):
    """It should not be there. It stays, struck through."""

    reason: str
    by: PersonId
    at: Instant


class Disclosed(Event, frozen=True, kw_only=True, tag="note.disclosed.v1"):
    """The author let an excerpt out. Which words, what for and to whom is sealed apart, under this hash."""

    disclosure: UUID
    sha256: str
    by: PersonId
    at: Instant


type Change = Begun | Signed | Addended | CosignatureAsked | Cosigned | EnteredInError | Disclosed | HandedOver | Opened


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the changes so far."""

    begun: Begun
    signed: Signed | None = None
    addenda: tuple[Addended, ...] = ()
    asked: CosignatureAsked | None = None
    cosigned: Cosigned | None = None
    struck: EnteredInError | None = None
    disclosures: tuple[Disclosed, ...] = ()
    keeper: PersonId | None = None
    opened: Opened | None = None

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return "entered-in-error" if self.struck else "signed" if self.signed else "draft"

    @property
    def cosignature(self) -> Cosignature:
        """Whether a supervisor signed, or shall."""
        return "given" if self.cosigned else "asked" if self.asked else "none"


def evolve(state: Note | None, change: Change) -> Note:
    """The note after a change."""
    if isinstance(change, Begun):
        return Note(begun=change)
    assert state
    return msgspec.structs.replace(state, **_changed(state, change))


def _changed(state: Note, change: Change) -> dict[str, Any]:  # noqa: PLR0911 # one line per change
    match change:
        case Begun():
            return {"begun": change}
        case Signed():
            return {"signed": change}
        case Addended():
            return {"addenda": (*state.addenda, change)}
        case CosignatureAsked():
            return {"asked": change}
        case Cosigned():
            return {"cosigned": change}
        case EnteredInError():
            return {"struck": change}
        case Disclosed():
            return {"disclosures": (*state.disclosures, change)}
        case HandedOver(to=to):
            return {"keeper": to}
        case Opened():
            return {"opened": change}


def begin(state: Note | None, wish: Begun) -> Sequence[Change]:
    """Begin it; again in the same way, nothing happens. Raises NoteBegun."""
    if state is None:
        return [wish]
    if msgspec.structs.replace(wish, at=state.begun.at) != state.begun:
        raise NoteBegun
    return []


def writable(state: Note) -> None:
    """Whether drafts can still be saved. Raises NoteSigned, NoteStruck."""
    if state.struck:
        raise NoteStruck
    if state.signed:
        raise NoteSigned


def sign(state: Note, *, revision: UUID, sha256: str, by: PersonId, at: datetime) -> Sequence[Change]:
    """Lock this text; the same again, nothing happens. Raises NoteSigned, NoteStruck."""
    if state.signed and not state.struck and (state.signed.revision, state.signed.by) == (revision, by):
        return []
    writable(state)
    return [Signed(revision=revision, sha256=sha256, by=by, at=at)]


def signed(state: Note) -> Signed:
    """The signature of a note that stands. Raises NoteNotSigned, NoteStruck."""
    if state.struck:
        raise NoteStruck
    if not state.signed:
        raise NoteNotSigned
    return state.signed


def addend(state: Note, *, addendum: UUID, sha256: str, by: PersonId, at: datetime) -> Sequence[Change]:
    """Add to what was signed; the same again, nothing happens. Raises NoteNotSigned, NoteStruck, RevisionTaken."""
    signed(state)
    for one in state.addenda:
        if one.addendum == addendum:
            if one.sha256 != sha256:
                raise RevisionTaken
            return []
    return [Addended(addendum=addendum, sha256=sha256, by=by, at=at)]


def ask_cosignature(state: Note, *, by: PersonId, at: datetime) -> Sequence[Change]:
    """Ask for a supervisor's signature; once. Raises NoteNotSigned, NoteStruck, AlreadyCosigned."""
    signed(state)
    if state.cosigned:
        raise AlreadyCosigned
    return [] if state.asked else [CosignatureAsked(by=by, at=at)]


def cosign(state: Note, *, by: PersonId, at: datetime) -> Sequence[Change]:
    """Sign what the author signed. Who may is asked elsewhere; the author never.

    Raises NoteNotSigned, NoteStruck, CosignatureNotAsked, AlreadyCosigned, Forbidden.
    """
    if by == state.begun.author:
        raise Forbidden("nobody co-signs their own note")
    signature = signed(state)
    if state.cosigned:
        if state.cosigned.by == by:
            return []
        raise AlreadyCosigned
    if not state.asked:
        raise CosignatureNotAsked
    return [Cosigned(sha256=signature.sha256, addenda=len(state.addenda), by=by, at=at)]


def strike(state: Note, *, reason: str, by: PersonId, at: datetime) -> Sequence[Change]:
    """Strike it through, draft or signed. Raises NoteStruck."""
    if state.struck:
        raise NoteStruck
    return [EnteredInError(reason=reason, by=by, at=at)]


def disclose(state: Note, wish: Disclosed) -> Sequence[Change]:
    """Put on record what is let out; the same again, nothing happens. Raises NoteStruck, DisclosureTaken."""
    if state.struck:
        raise NoteStruck
    for one in state.disclosures:
        if one.disclosure == wish.disclosure:
            if msgspec.structs.replace(wish, at=one.at) != one:
                raise DisclosureTaken
            return []
    return [wish]
