"""What is seen of a note: its text, its history, what changed, and whether what was signed still stands."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from mindlyfe.kernel.messages import Principal, TenantId
from mindlyfe.kernel.secrecy import Unreadable
from mindlyfe.therapy.application.documents import Documents
from mindlyfe.therapy.application.note_access import NoteDoor
from mindlyfe.therapy.application.note_ports import Templates
from mindlyfe.therapy.application.note_views import (
    addendum_view,
    disclosure_view,
    entry,
    note_view,
    revision_view,
)
from mindlyfe.therapy.contract.note_refusals import UnknownRevision
from mindlyfe.therapy.contract.notes import (
    AddendumView,
    ChangesView,
    Check,
    DisclosureView,
    NoteView,
    RevisionEntry,
    RevisionView,
    SectionChanges,
    VerificationView,
)
from mindlyfe.therapy.domain.note import Addended, Disclosed, Note, Signed, signed
from mindlyfe.therapy.domain.note_access import Where, kept, own
from mindlyfe.therapy.domain.note_changes import changes
from mindlyfe.therapy.domain.note_template import Template
from mindlyfe.therapy.domain.note_text import Document, Part, Revision, canonical, digest, heads, left_out, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReading:
    """Notes of one kind, read."""

    door: NoteDoor
    documents: Documents
    templates: Templates

    async def one(self, where: Where, who: Principal) -> NoteView:
        """The note: to its author with all that is there, to others as it was signed. Raises NotFound, Unavailable."""
        state, version = await self.door.read(where, who)
        template = await self._template(who.tenant, state)
        known = await self.documents.revisions(who.tenant, where.note)
        shown, left = heads(known), list[Revision]()
        if state.signed:
            shown = [one for one in texts(known) if one.revision == state.signed.revision]
            left = left_out(state.signed.revision, known) if state.begun.author == who.id else []
        return note_view(
            where.note,
            state,
            version,
            template,
            texts=await self._texts(who.tenant, shown, template),
            left=await self._texts(who.tenant, left, template),
            addenda=await self._addenda(who.tenant, where.note, state),
        )

    async def history(self, where: Where, who: Principal) -> list[RevisionEntry]:
        """All revisions of the author's own note, oldest first. Raises NotFound, Forbidden, Unavailable."""
        state = await self._own(where, who)
        known = await self.documents.revisions(who.tenant, where.note)
        newest = {one.revision for one in heads(known)}
        signature = state.signed.revision if state.signed else None
        return [entry(one, head=one.revision in newest, signed=one.revision == signature) for one in texts(known)]

    async def revision(self, where: Where, revision: UUID, who: Principal) -> RevisionView:
        """One revision of the author's own note. Raises NotFound, Forbidden, UnknownRevision, Unavailable."""
        state = await self._own(where, who)
        return revision_view(
            await self._text(who.tenant, where.note, revision), await self._template(who.tenant, state)
        )

    async def changes(self, where: Where, earlier: UUID, later: UUID, who: Principal) -> ChangesView:
        """What changed between two revisions. Raises NotFound, Forbidden, UnknownRevision, Unavailable."""
        state = await self._own(where, who)
        template = await self._template(who.tenant, state)
        before = await self._text(who.tenant, where.note, earlier)
        after = await self._text(who.tenant, where.note, later)
        found = await asyncio.to_thread(lambda: list(changes(before, after, template.keys)))
        sections = [SectionChanges(section=key, title=template.title(key), pieces=pieces) for key, pieces in found]
        return ChangesView(earlier=earlier, later=later, sections=sections)

    async def verification(self, where: Where, who: Principal) -> VerificationView:
        """Hashes of what is stored, held against those on record. Raises NotFound, NoteNotSigned, Unavailable."""
        state, _ = await self.door.read(where, who)
        on_record: list[Signed | Addended | Disclosed] = [state.signed or signed(state), *state.addenda]
        if state.begun.author == who.id:
            on_record += state.disclosures
        checks = [await self._check(who.tenant, where.note, each) for each in on_record]
        return VerificationView(note=where.note, holds=all(one.holds for one in checks), checks=checks)

    async def disclosures(self, where: Where, who: Principal) -> list[DisclosureView]:
        """What was let out of the note, oldest first, for whose it is. Raises NotFound, Forbidden, Unavailable."""
        state = kept((await self.door.read(where, who))[0], who.id, self.door.reach.clock())
        found: list[DisclosureView] = []
        for each in state.disclosures:
            document = await self.documents.get(who.tenant, where.note, each.disclosure)
            found.append(disclosure_view(each, document))
        return found

    async def _own(self, where: Where, who: Principal) -> Note:
        return own((await self.door.read(where, who))[0], who.id)

    async def _check(self, tenant: TenantId, note: UUID, recorded: Signed | Addended | Disclosed) -> Check:
        what, id_ = _named(recorded)
        try:
            document = await self.documents.get(tenant, note, id_)
        except Unreadable:
            document = None
        sha256 = digest(tenant, document) if document else None
        return Check(
            what=what,
            id=id_,
            recorded_sha256=recorded.sha256,
            found_sha256=sha256,
            holds=sha256 == recorded.sha256,
            canonical=canonical(tenant, document).decode() if document else None,
        )

    async def _texts(self, tenant: TenantId, revisions: Sequence[Revision], template: Template) -> list[RevisionView]:
        found = [await self.documents.get(tenant, one.note, one.revision) for one in revisions]
        return [revision_view(one, template) for one in found if one]

    async def _addenda(self, tenant: TenantId, note: UUID, state: Note) -> list[AddendumView]:
        found = [(each, await self.documents.get(tenant, note, each.addendum)) for each in state.addenda]
        return [addendum_view(each, document) for each, document in found]

    async def _text(self, tenant: TenantId, note: UUID, revision: UUID) -> Document:
        document = await self.documents.get(tenant, note, revision)
        if document is None or document.part != "text":
            raise UnknownRevision
        return document

    async def _template(self, tenant: TenantId, state: Note) -> Template:
        """As it was when the note was begun. Its versions never go."""
        begun = state.begun
        found = await self.templates.one(tenant, begun.template, begun.template_version)
        return found or Template(id=begun.template, version=begun.template_version, name="", sections=())


def _named(recorded: Signed | Addended | Disclosed) -> tuple[Part, UUID]:
    match recorded:
        case Signed(revision=id_):
            return "text", id_
        case Addended(addendum=id_):
            return "addendum", id_
        case Disclosed(disclosure=id_):
            return "disclosure", id_
