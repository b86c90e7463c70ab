"""What an author does with a note: begin, save, sign, add to it, strike it through. Texts first, then the event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.therapy.application.documents import Documents
from mindlyfe.therapy.application.note_access import NoteDoor
from mindlyfe.therapy.application.note_ports import Templates
from mindlyfe.therapy.contract import Appointments
from mindlyfe.therapy.contract.note_refusals import NoSuchAppointment, UnknownRevision
from mindlyfe.therapy.contract.note_templates import UnknownTemplate
from mindlyfe.therapy.contract.notes import (
    AddAddendum,
    BeginNote,
    DraftSaved,
    NoteSaved,
    SaveRevision,
    SignNote,
    StrikeNote,
)
from mindlyfe.therapy.domain import note as life
from mindlyfe.therapy.domain.note import Begun, Change, Note
from mindlyfe.therapy.domain.note_access import Where, new_note, own, placed
from mindlyfe.therapy.domain.note_text import (
    Document,
    Part,
    Section,
    based,
    digest,
    filled,
    heads,
    prunable,
    signable,
    written,
)

ADDENDUM: Final = "addendum"
"""The one section of an addendum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """Notes of one kind, written. The store of texts and the log share no transaction: see ADR 18."""

    door: NoteDoor
    documents: Documents
    templates: Templates
    appointments: Appointments
    clock: Clock
    ids: Ids

    async def begin(self, where: Where, command: BeginNote, who: Principal, act: Act) -> NoteSaved:
        """Begin a note; again in the same way, nothing happens.

        Raises NotFound, UnknownTemplate, NoSuchAppointment, NoteBegun, Unavailable.
        """
        kind = self.door.kind
        await self.door.reach.require(who, "write", new_note(who, where.patient, kind))
        version = await self._version(where, command, who)
        await self._check(who.tenant, where.patient, command)
        wish = Begun(
            patient=where.patient,
            author=who.id,
            kind=kind,
            template=command.template,
            template_version=version,
            appointment=command.appointment,
            at=self.clock(),
        )

        def decision(state: Note | None) -> Sequence[Change]:
            if state and (placed(state, where.patient, kind) is None or state.begun.author != who.id):
                raise NotFound  # somebody else's, or elsewhere
            return life.begin(state, wish)

        decided = await self.door.streams.decide(act, where.note, decision)
        return NoteSaved(where.note, decided.version)

    async def save(self, where: Where, revision: UUID, command: SaveRevision, who: Principal) -> DraftSaved:
        """Keep the text. Acknowledged only if the note is still a draft afterwards; lost in no case.

        Raises NotFound, Forbidden, NoteSigned, NoteStruck, UnknownSection, UnknownRevision, RevisionTaken, Unavailable.
        """
        state = await self.door.write(where, who)
        life.writable(state)
        template = await self.templates.one(who.tenant, state.begun.template, state.begun.template_version)
        given = [Section(one.section, one.text) for one in command.sections]
        sections = filled(given, template.keys if template else [])
        base = based(command.base, await self.documents.revisions(who.tenant, where.note))
        await self.documents.put(
            who.tenant, self._document(where, revision, who, part="text", sections=sections, base=base)
        )
        known = await self.documents.revisions(who.tenant, where.note)
        newest = [one.revision for one in heads(known)]
        life.writable(await self.door.write(where, who))
        if spare := prunable(known):
            await self.documents.prune(who.tenant, where.note, spare)
        return DraftSaved(note=where.note, revision=revision, heads=newest, conflict=len(newest) > 1)

    async def sign(self, where: Where, command: SignNote, who: Principal, act: Act, expected: int | None) -> NoteSaved:
        """Lock what the author has read.

        Raises NotFound, Forbidden, NoteSigned, NoteStruck, UnknownRevision, NoteInConflict, RevisionOutdated,
        NothingWritten, VersionConflict, Unavailable.
        """
        state, revision, sha256 = await self.door.write(where, who), command.revision, ""
        if state.stage == "draft":
            signable(revision, await self.documents.revisions(who.tenant, where.note))
            document = await self.documents.get(who.tenant, where.note, revision)
            if document is None:
                raise UnknownRevision
            written(document)
            sha256 = digest(who.tenant, document)
        now = self.clock()
        return await self._decide(
            act, where, who, lambda note: life.sign(note, revision=revision, sha256=sha256, by=who.id, at=now), expected
        )

    async def addend(self, where: Where, addendum: UUID, command: AddAddendum, who: Principal, act: Act) -> NoteSaved:
        """Add to a signed note; the same again, nothing happens.

        Raises NotFound, Forbidden, NoteNotSigned, NoteStruck, RevisionTaken, Unavailable.
        """
        state, text = await self.door.write(where, who), (Section(ADDENDUM, command.text),)
        base = (life.signed(state).revision,)
        document = self._document(where, addendum, who, part="addendum", sections=text, base=base)
        sha256 = digest(who.tenant, await self.documents.put(who.tenant, document))
        now = self.clock()
        return await self._decide(
            act, where, who, lambda note: life.addend(note, addendum=addendum, sha256=sha256, by=who.id, at=now)
        )

    async def strike(
        self, where: Where, command: StrikeNote, who: Principal, act: Act, expected: int | None
    ) -> NoteSaved:
        """Mark as entered in error. Raises NotFound, Forbidden, NoteStruck, VersionConflict, Unavailable."""
        await self.door.write(where, who)
        now = self.clock()
        return await self._decide(
            act, where, who, lambda note: life.strike(note, reason=command.reason, by=who.id, at=now), expected
        )

    async def _decide(
        self,
        act: Act,
        where: Where,
        who: Principal,
        decision: Callable[[Note], Sequence[Change]],
        expected: int | None = None,
    ) -> NoteSaved:
        def decide(state: Note | None) -> Sequence[Change]:
            if state is None:
                raise NotFound
            return decision(own(state, who.id))

        decided = await self.door.streams.decide(act, where.note, decide, expected=expected)
        return NoteSaved(where.note, decided.version)

    async def _version(self, where: Where, command: BeginNote, who: Principal) -> int:
        """Of the template. A note that was begun keeps its own, whatever became of the template since."""
        state, _ = await self.door.streams.load(who.tenant, where.note)
        if state and state.begun.author == who.id and state.begun.template == command.template:
            return command.template_version or state.begun.template_version
        template = await self.templates.one(who.tenant, command.template, command.template_version)
        if template is None or template.retired:
            raise UnknownTemplate
        return template.version

    async def _check(self, tenant: TenantId, patient: PersonId, command: BeginNote) -> None:
        if command.appointment is None:
            return
        try:
            found = await self.appointments.appointment(tenant=tenant, appointment=command.appointment)
        except NotFound:
            raise NoSuchAppointment from None
        if found.patient != patient:
            raise NoSuchAppointment

    def _document(
        self,
        where: Where,
        revision: UUID,
        who: Principal,
        *,
        part: Part,
        sections: tuple[Section, ...],
        base: tuple[UUID, ...],
    ) -> Document:
        return Document(
            note=where.note,
            revision=revision,
            patient=where.patient,
            author=who.id,
            part=part,
            base=base,
            at=self.clock(),
            sections=sections,
            salt=self.ids(),
        )
