"""Documents sealed before they reach a store: what backs it up, copies or breaks into it holds nothing readable."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.secrecy import DataKey
from mindlyfe.therapy.contract.note_refusals import RevisionTaken
from mindlyfe.therapy.domain.note_text import Document, Revision, Section

type KeyOf = Callable[[TenantId, PersonId], Awaitable[DataKey]]
"""The key that a class of documents is sealed under. Raises Erased, Unavailable."""


class Content(msgspec.Struct, frozen=True):
    """What is sealed."""

    sections: tuple[Section, ...]
    salt: UUID


_decode: Final = msgspec.json.Decoder(Content).decode


class Shelf(Protocol):
    """A store of sealed documents: PostgreSQL now; any store that keeps rows by (tenant, note, revision) will do."""

    async def add(self, tenant: TenantId, revision: Revision, sealed: bytes) -> bool:
        """Keep it, unless there is one with this id: then False, and nothing changes."""
        ...

    async def one(self, tenant: TenantId, note: UUID, revision: UUID) -> tuple[Revision, bytes] | None:
        """One document as it is kept."""
        ...

    async def of_note(self, tenant: TenantId, note: UUID) -> Sequence[Revision]:
        """All of a note, oldest first."""
        ...

    async def empty(self, tenant: TenantId, note: UUID, revisions: Collection[UUID]) -> None:
        """Let the sealed bytes of these go, and nothing else."""
        ...

    async def delete(self, tenant: TenantId, patient: PersonId) -> None:
        """All of a patient."""
        ...


class SealedDocuments:
    """`Documents` on a shelf. `kind` and the place are part of the seal: nothing can be moved elsewhere."""

    def __init__(self, kind: str, key_of: KeyOf, shelf: Shelf) -> None:
        self._kind, self._key_of, self._shelf = kind, key_of, shelf

    async def put(self, tenant: TenantId, document: Document) -> Document:
        """Keep it for good; what stands there. Raises RevisionTaken, Erased, Unavailable."""
        key = await self._key_of(tenant, document.patient)
        plain = msgspec.json.encode(Content(document.sections, document.salt))
        revision = _without_content(document)
        if await self._shelf.add(tenant, revision, key.seal(plain, self._place(tenant, revision))):
            return document
        there = await self.get(tenant, document.note, document.revision)
        if there is None or not document.says(there):
            raise RevisionTaken
        return there

    async def get(self, tenant: TenantId, note: UUID, revision: UUID) -> Document | None:
        """One document, unless it was pruned. Raises Erased, Unreadable, Unavailable."""
        found = await self._shelf.one(tenant, note, revision)
        if found is None:
            return None
        kept, sealed = found
        if kept.pruned:
            return None
        key = await self._key_of(tenant, kept.patient)
        content = _decode(key.open(sealed, self._place(tenant, kept)))
        return Document(**_fields(kept), sections=content.sections, salt=content.salt)

    async def revisions(self, tenant: TenantId, note: UUID) -> Sequence[Revision]:
        """All documents of a note, without their content, oldest first."""
        return await self._shelf.of_note(tenant, note)

    async def prune(self, tenant: TenantId, note: UUID, revisions: Collection[UUID]) -> None:
        """Let the content of these go."""
        await self._shelf.empty(tenant, note, revisions)

    async def erase(self, tenant: TenantId, patient: PersonId) -> None:
        """Delete all that is there of a patient."""
        await self._shelf.delete(tenant, patient)

    def _place(self, tenant: TenantId, revision: Revision) -> bytes:
        """All that stands beside the sealed bytes, so that none of it can be changed either."""
        one = revision
        ids = (tenant, one.note, one.revision, one.patient, one.author, *one.base)
        return f"{self._kind} {one.part} {one.at.astimezone(UTC).isoformat()}\0".encode() + b"".join(
            i.bytes for i in ids
        )


def _without_content(document: Document) -> Revision:
    return Revision(**_fields(document))


def _fields(revision: Revision) -> dict[str, Any]:
    return {name: getattr(revision, name) for name in Revision.__struct_fields__}
