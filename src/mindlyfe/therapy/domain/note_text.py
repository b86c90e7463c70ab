"""The text of a note: documents that are only ever added. What two devices wrote side by side stays side by side."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.therapy.contract.note_refusals import NoteInConflict, NothingWritten, RevisionOutdated, UnknownRevision
from mindlyfe.therapy.contract.note_templates import UnknownSection

NEWEST_KEPT: Final = 50
"""So many texts of a draft are kept as they are, besides the last of each day. What is signed meanwhile is of them."""
type Part = Literal["text", "addendum", "disclosure"]
"""What a document is to its note: a revision of its text, something added to it, something let out of it."""


class Section(msgspec.Struct, frozen=True):
    """What stands in one section of the template."""

    section: str
    text: str


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """A document without its content."""

    note: UUID
    revision: UUID
    patient: PersonId
    author: PersonId
    part: Part
    base: tuple[UUID, ...]
    at: datetime
    pruned: bool = False
    """Its content was let go: newer texts replaced it."""


class Document(Revision, frozen=True, kw_only=True):
    """A revision and what it says. `salt`: the hash tells nothing to who guesses short texts."""

    sections: tuple[Section, ...]
    salt: UUID

    def says(self, other: "Document") -> bool:
        """Whether both say the same: what is sent twice has another time and another salt."""
        return msgspec.structs.replace(self, at=other.at, salt=other.salt) == other


def canonical(tenant: TenantId, document: Document) -> bytes:
    """The bytes that are hashed: JSON without spaces, these members in this order, times in UTC. Never changed."""
    members = {
        "format": "mindlyfe-note-1",
        "clinic": tenant,
        "patient": document.patient,
        "note": document.note,
        "part": document.part,
        "revision": document.revision,
        "base": document.base,
        "author": document.author,
        "at": document.at,
        "sections": [{"section": one.section, "text": one.text} for one in document.sections],
        "salt": document.salt,
    }
    return msgspec.json.encode(members)


def digest(tenant: TenantId, document: Document) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(tenant, document)).hexdigest()


def texts(revisions: Iterable[Revision]) -> list[Revision]:
    """Those that are the note's text, not what was added to it or let out of it; oldest first."""
    return sorted((one for one in revisions if one.part == "text"), key=lambda one: (one.at, one.revision))


def heads(revisions: Iterable[Revision]) -> list[Revision]:
    """The texts that no other replaces, oldest first: one, or a conflict."""
    found = texts(revisions)
    replaced = {base for one in found for base in one.base}
    return [one for one in found if one.revision not in replaced]


def prunable(revisions: Iterable[Revision]) -> list[UUID]:
    """Texts of a draft whose content may go: replaced, not among the newest, and not the last of their day (UTC)."""
    found = texts(revisions)
    kept = {one.revision for one in (*heads(found), *found[-NEWEST_KEPT:])}
    kept |= {one.revision for one in {one.at.astimezone(UTC).date(): one for one in found}.values()}
    return [one.revision for one in found if one.revision not in kept and not one.pruned]


def based(base: Sequence[UUID], revisions: Iterable[Revision]) -> tuple[UUID, ...]:
    """What a text is made from, each once, in one order. Raises UnknownRevision."""
    wanted = frozenset(base)
    if not wanted <= {one.revision for one in texts(revisions)}:
        raise UnknownRevision
    return tuple(sorted(wanted))


def filled(sections: Sequence[Section], keys: Sequence[str]) -> tuple[Section, ...]:
    """The sections in the order of the template's `keys`. Raises UnknownSection."""
    given = {one.section: one for one in sections}
    if len(given) < len(sections) or not given.keys() <= set(keys):
        raise UnknownSection
    return tuple(given[key] for key in keys if key in given)


def signable(revision: UUID, revisions: Collection[Revision]) -> UUID:
    """The revision, if it is the note's one newest text.

    Raises UnknownRevision, NoteInConflict, RevisionOutdated.
    """
    if revision not in {one.revision for one in texts(revisions)}:
        raise UnknownRevision
    newest = heads(revisions)
    if len(newest) > 1:
        raise NoteInConflict
    if newest[0].revision != revision:
        raise RevisionOutdated
    return revision


def written(document: Document) -> None:
    """Whether there is anything to sign. Raises NothingWritten."""
    if not any(one.text.strip() for one in document.sections):
        raise NothingWritten


def left_out(signed: UUID, revisions: Iterable[Revision]) -> list[Revision]:
    """The heads that a signature does not cover: what another device saved in the same moment. Shown, never lost."""
    return [one for one in heads(revisions) if one.revision != signed]
