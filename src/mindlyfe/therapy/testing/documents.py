"""Documents in memory: what any store of notes' texts must do, and no more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.therapy.contract.note_refusals import RevisionTaken
from mindlyfe.therapy.domain.note_text import Document, Revision


@dataclass
class MemoryDocuments:
    """`Documents` that live as long as the object."""

    held: dict[tuple[TenantId, UUID, UUID], Document] = field(
        default_factory=dict[tuple[TenantId, UUID, UUID], Document]
    )

    async def put(self, tenant: TenantId, document: Document) -> Document:
        """Keep it for good; what stands there. Raises RevisionTaken."""
        there = self.held.setdefault((tenant, document.note, document.revision), document)
        if not document.says(there):
            raise RevisionTaken
        return there

    async def get(self, tenant: TenantId, note: UUID, revision: UUID) -> Document | None:
        """One document, unless it was pruned."""
        found = self.held.get((tenant, note, revision))
        return None if found is None or found.pruned else found

    async def revisions(self, tenant: TenantId, note: UUID) -> Sequence[Revision]:
        """All documents of a note, oldest first."""
        found = [one for (whose, of, _), one in self.held.items() if (whose, of) == (tenant, note)]
        plain = [Revision(**{name: getattr(one, name) for name in Revision.__struct_fields__}) for one in found]
        return sorted(plain, key=lambda one: (one.at, one.revision))

    async def prune(self, tenant: TenantId, note: UUID, revisions: Collection[UUID]) -> None:
        """Let the content of these go."""
        for revision in revisions:
            place = (tenant, note, revision)
            if place in self.held:
                self.held[place] = msgspec.structs.replace(self.held[place], sections=(), pruned=True)

    async def erase(self, tenant: TenantId, patient: PersonId) -> None:
        """Delete all that is there of a patient."""
        for place, one in list(self.held.items()):
            if (place[0], one.patient) == (tenant, patient):
                del self.held[place]
