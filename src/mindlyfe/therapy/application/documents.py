"""The port to the texts of notes. No transaction spans it and the log: texts are only added, and events name them."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.therapy.domain.note_text import Document, Revision


class Documents(Protocol):
    """Documents of one class, each sealed for its patient. They raise Unavailable when the store does not answer.

    What `put` returned from is read by whoever asks afterwards.
    """

    async def put(self, tenant: TenantId, document: Document) -> Document:
        """Keep it for good; what stands there. The same again: nothing happens.

        Raises RevisionTaken when the note has a document with this id that says something else, Erased.
        """
        ...

    async def get(self, tenant: TenantId, note: UUID, revision: UUID) -> Document | None:
        """One document, unless it was pruned. Raises Erased, Unreadable."""
        ...

    async def revisions(self, tenant: TenantId, note: UUID) -> Sequence[Revision]:
        """All documents of a note, without their content, oldest first."""
        ...

    async def prune(self, tenant: TenantId, note: UUID, revisions: Collection[UUID]) -> None:
        """Let the content of these go. That they were there, and what came of them, stays; again, nothing."""
        ...

    async def erase(self, tenant: TenantId, patient: PersonId) -> None:
        """Delete all that is there of a patient; again, nothing."""
        ...
