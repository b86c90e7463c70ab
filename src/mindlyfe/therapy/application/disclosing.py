"""What leaves a psychotherapy note: an excerpt that its author reviewed, for a purpose, to somebody named."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.application.documents import Documents
from mindlyfe.therapy.application.note_access import NoteDoor
from mindlyfe.therapy.contract.note_refusals import DisclosureTaken, NoteStruck, RevisionTaken
from mindlyfe.therapy.contract.notes import DiscloseExcerpt, NoteSaved
from mindlyfe.therapy.domain.note import Change, Disclosed, Note, disclose
from mindlyfe.therapy.domain.note_access import Where, kept
from mindlyfe.therapy.domain.note_text import Document, Section, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosing:
    """Whose note it is lets something out of it: its author, or who has it from the custodian of those who left."""

    door: NoteDoor
    documents: Documents
    clock: Clock
    ids: Ids

    async def disclose(
        self, where: Where, disclosure: UUID, command: DiscloseExcerpt, who: Principal, act: Act
    ) -> NoteSaved:
        """Put on record what is let out; the same again, nothing happens.

        Raises NotFound, Forbidden, NoteStruck, DisclosureTaken, Unavailable.
        """
        state = kept((await self.door.read(where, who))[0], who.id, self.clock())
        if state.struck:
            raise NoteStruck
        text = await self._kept(where, disclosure, command, who)
        wish = Disclosed(disclosure=disclosure, sha256=digest(who.tenant, text), by=who.id, at=text.at)

        def decision(state: Note | None) -> Sequence[Change]:
            if state is None:
                raise NotFound
            return disclose(kept(state, who.id, text.at), wish)

        decided = await self.door.streams.decide(act, where.note, decision)
        return NoteSaved(where.note, decided.version)

    async def _kept(self, where: Where, disclosure: UUID, command: DiscloseExcerpt, who: Principal) -> Document:
        """Purpose and recipient are sealed with the words: the key of the record opens none of it."""
        document = Document(
            note=where.note,
            revision=disclosure,
            patient=where.patient,
            author=who.id,
            part="disclosure",
            base=(),
            at=self.clock(),
            sections=(
                Section("excerpt", command.excerpt),
                Section("purpose", command.purpose),
                Section("recipient", command.recipient),
            ),
            salt=self.ids(),
        )
        try:
            return await self.documents.put(who.tenant, document)
        except RevisionTaken:
            raise DisclosureTaken from None
