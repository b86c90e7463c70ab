"""Puts notes into therapy: two kinds with the same parts, each with tables and a key of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from litestar import Router

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.ties import MEANINGS, Ties
from mindlyfe.kernel.messages import PersonId, Role, TenantId
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.personal import Personal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.retained import Retained
from mindlyfe.kernel.roles import ADMIN, CLINICIANS, PRIVACY, SUPERVISORS
from mindlyfe.kernel.secrecy import DataKey
from mindlyfe.kernel.slices import joined
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.ties import TieCopy
from mindlyfe.therapy.adapters import leavers
from mindlyfe.therapy.adapters.calendar import Calendar
from mindlyfe.therapy.adapters.documents import KeyOf, SealedDocuments
from mindlyfe.therapy.adapters.http import cosignatures, custody, disclosures, note_revisions, note_templates, notes
from mindlyfe.therapy.adapters.leavers import LeaverList
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.adapters.note_lists import NoteList
from mindlyfe.therapy.adapters.note_shelf import PostgresShelf
from mindlyfe.therapy.adapters.note_templates import NoteTemplates
from mindlyfe.therapy.adapters.notes_told import NotesTold
from mindlyfe.therapy.application.cosigning import Cosigning
from mindlyfe.therapy.application.custody import Custodians, Custody
from mindlyfe.therapy.application.disclosing import Disclosing
from mindlyfe.therapy.application.note_access import NoteDoor
from mindlyfe.therapy.application.note_lists import NoteListing
from mindlyfe.therapy.application.note_reading import NoteReading
from mindlyfe.therapy.application.note_templates import Templating
from mindlyfe.therapy.application.notes import Notes
from mindlyfe.therapy.domain import custody as keepers
from mindlyfe.therapy.domain import note, note_template
from mindlyfe.therapy.domain.custody import Custodian, Named
from mindlyfe.therapy.domain.note import Change, Kind, Note
from mindlyfe.therapy.domain.note_access import NOTE_POLICY
from mindlyfe.therapy.domain.note_template import History

GRANTS: Final[Mapping[str, frozenset[Role]]] = {
    "notes:read": CLINICIANS,
    "notes:write": CLINICIANS,
    "notes:cosign": SUPERVISORS,
    "psychotherapy-notes:read": CLINICIANS,
    "psychotherapy-notes:write": CLINICIANS,
    "psychotherapy-notes:disclose": CLINICIANS,
    "custody:read": CLINICIANS | PRIVACY,
    "custody:hand-over": CLINICIANS | PRIVACY,
    "custody:open": CLINICIANS,
    "custodian:name": ADMIN,
    "custodian:read": ADMIN | CLINICIANS | PRIVACY,
    "note-templates:read": CLINICIANS | ADMIN,
    "note-templates:define": SUPERVISORS | ADMIN,
}
PROGRESS: Final = "notes"
PSYCHOTHERAPY: Final = "psychotherapy-notes"
"""Names of the two kinds in addresses and permissions."""
SEALED: Final = "sealed where it was written, and read there by who treats the account that theirs became"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What both kinds stand on."""

    platform: Platform
    streams: Streams[Note, Change]
    templates: NoteTemplates
    reach: Reach
    ties: TieCopy


@dataclass(frozen=True, slots=True)
class _Drawer:
    """The notes of one kind: where they are listed, where their texts are kept, and who may open it."""

    parts: _Parts
    kind: Kind
    listed: NoteList
    shelf: PostgresShelf
    documents: SealedDocuments

    @property
    def door(self) -> NoteDoor:
        return NoteDoor(self.kind, self.parts.streams, self.parts.reach)

    @property
    def reading(self) -> NoteReading:
        return NoteReading(door=self.door, documents=self.documents, templates=self.parts.templates)

    @property
    def listing(self) -> NoteListing:
        parts, platform = self.parts, self.parts.platform
        asked = platform.asks.of(Ties)
        return NoteListing(
            kind=self.kind,
            reach=parts.reach,
            listed=self.listed,
            known=parts.ties,
            asked=asked,
            clock=platform.clock,
        )

    def custody(self, custodians: Custodians) -> Custody:
        """What becomes of these notes when their author leaves."""
        parts = self.parts
        return Custody(
            kind=self.kind,
            streams=parts.streams,
            custodians=custodians,
            listed=self.listed,
            clock=parts.platform.clock,
        )

    def routes(self, name: str) -> list[Router]:
        """What can be done with notes of this kind as with those of the other."""
        platform = self.parts.platform
        written = Notes(
            door=self.door,
            documents=self.documents,
            templates=self.parts.templates,
            appointments=Calendar(platform.database),
            clock=platform.clock,
            ids=platform.ids,
        )
        return [
            notes.routes(name, written, self.reading, self.listing),
            note_revisions.routes(name, written, self.reading),
        ]

    async def retains(self, tenant: TenantId, person: PersonId) -> Sequence[Retained]:
        """Notes are records of treatment, whoever may read them."""
        count, latest = await self.listed.count(tenant, person)
        return [Retained(records="clinical", count=count, latest=latest)] if latest else []


def with_notes(module: Module, platform: Platform) -> Module:
    """Therapy with notes in it."""
    progress, psychotherapy, templating = _drawers(platform)
    parts = progress.parts
    cosigning = Cosigning(door=progress.door, supervisors=progress.listed, clock=platform.clock)
    disclosing = Disclosing(
        door=psychotherapy.door, documents=psychotherapy.documents, clock=platform.clock, ids=platform.ids
    )
    custodians = _custodians(platform)
    routes = [
        *progress.routes(PROGRESS),
        *custody.routes(PROGRESS, progress.custody(custodians)),
        *custody.routes(PSYCHOTHERAPY, psychotherapy.custody(custodians)),
        custody.custodian_routes(custodians),
        *cosignatures.routes(cosigning, progress.listing),
        *psychotherapy.routes(PSYCHOTHERAPY),
        disclosures.routes(PSYCHOTHERAPY, disclosing, psychotherapy.reading),
        note_templates.routes(templating, parts.templates),
    ]
    told = NotesTold(progress.listed, parts.streams, progress.documents, parts.templates)
    slice_ = Module(
        name=module.name,
        routes=routes,
        grants=GRANTS,
        streams=(parts.streams, templating.streams, custodians.streams),
        follows=(LeaverList(),),
        personal=_personal(told, (progress, psychotherapy)),
    )
    return joined(module, slice_)


def _drawers(platform: Platform) -> tuple[_Drawer, _Drawer, Templating]:
    database, keys = platform.database, platform.keys
    templates = NoteTemplates(database)
    lists = NoteList(database, "progress", "note"), NoteList(database, "psychotherapy", "psychotherapy_note")
    lives: Streams[Note, Change] = Streams(
        database,
        keys,
        name="note",
        events=Change,
        evolve=note.evolve,
        subject=lambda state: state.begun.patient,
        inline=lists,
    )
    forms: Streams[History, note_template.Change] = Streams(
        database,
        keys,
        name="note-template",
        events=note_template.Change,
        evolve=note_template.evolve,
        inline=(templates,),
    )
    ties = TieCopy(database, MEANINGS)
    reach = Reach(NOTE_POLICY, ties, platform.asks.of(Ties), platform.clock, Merged(database))
    parts = _Parts(platform, lives, templates, reach, ties)

    async def locked(tenant: TenantId, person: PersonId) -> DataKey:
        return await keys.of_class(tenant, person, "psychotherapy-note")

    progress = _drawer(parts, "progress", lists[0], keys.of, "note_document")
    psychotherapy = _drawer(parts, "psychotherapy", lists[1], locked, "psychotherapy_note_document")
    return progress, psychotherapy, Templating(streams=forms, clock=platform.clock, ids=platform.ids)


def _custodians(p: Platform) -> Custodians:
    streams: Streams[Custodian, Named] = Streams(
        p.database, p.keys, name="note-custodian", events=Named, evolve=keepers.evolve
    )
    return Custodians(streams=streams, people=p.asks.of(People))


def _drawer(parts: _Parts, kind: Kind, listed: NoteList, key_of: KeyOf, table: LiteralString) -> _Drawer:
    shelf = PostgresShelf(parts.platform.database, table)
    return _Drawer(parts, kind, listed, shelf, SealedDocuments(kind, key_of, shelf))


def _personal(told: NotesTold, drawers: Sequence[_Drawer]) -> Personal:
    """What notes hold of a person. Only progress notes are told."""

    async def retains(tenant: TenantId, person: PersonId) -> Sequence[Retained]:
        return [kept for drawer in drawers for kept in await drawer.retains(tenant, person)]

    erases, stays = dict[str, LiteralString](), dict[str, str]()
    for drawer in drawers:
        erases |= {drawer.listed.table: drawer.listed.erases, drawer.shelf.table: drawer.shelf.erases}
        stays |= dict.fromkeys((drawer.listed.table, drawer.shelf.table), SEALED)
    return Personal(tells=told.tells, retains=retains, erases=erases, stays=stays, keeps={"leaver": leavers.KEEPS})
