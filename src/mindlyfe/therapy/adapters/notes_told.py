"""What the export of a person says of notes: the signed progress notes on them. It knows of no others."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.note_lists import NoteList
from mindlyfe.therapy.application.documents import Documents
from mindlyfe.therapy.application.note_ports import Templates
from mindlyfe.therapy.domain.note import Change, Note, Signed
from mindlyfe.therapy.domain.note_template import Template
from mindlyfe.therapy.domain.note_text import Document


@dataclass(frozen=True, slots=True)
class NotesTold:
    """Reads them under the person's key. Drafts are not said yet; what was entered in error may be another's."""

    listed: NoteList
    streams: Streams[Note, Change]
    documents: Documents
    templates: Templates

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """Every signed note, oldest first, with what was added to it."""
        found: list[Entry] = []
        for note in await self.listed.signed(tenant, person):
            try:
                state, _ = await self.streams.load(tenant, note)
                if state and state.signed and not state.struck and state.begun.kind == "progress":
                    found.append(await self._told(tenant, note, state, state.signed))
            except Erased:
                continue
        return found

    async def _told(self, tenant: TenantId, note: UUID, state: Note, signed: Signed) -> Entry:
        begun = state.begun
        template = await self.templates.one(tenant, begun.template, begun.template_version)
        parts = [("Note", signed.at.isoformat(), await self._text(tenant, note, signed.revision, template))]
        parts += [
            ("Addendum", added.at.isoformat(), await self._text(tenant, note, added.addendum, None))
            for added in state.addenda
        ]
        values: dict[str, Any] = {
            "note": str(note),
            "author": str(begun.author),
            "template": template.name if template else str(begun.template),
            "appointment": str(begun.appointment) if begun.appointment else None,
            "signed_at": signed.at.isoformat(),
            "sha256": signed.sha256,
            "cosigned_by": str(state.cosigned.by) if state.cosigned else None,
            "texts": [{"what": what, "at": at, "text": text} for what, at, text in parts],
        }
        return Entry(topic="notes", values=values, resource=_resource(note, state, signed, parts))

    async def _text(self, tenant: TenantId, note: UUID, revision: UUID, template: Template | None) -> str:
        document = await self.documents.get(tenant, note, revision)
        return _plain(document, template) if document else ""


def _plain(document: Document, template: Template | None) -> str:
    if template is None:
        return "\n\n".join(one.text for one in document.sections)
    return "\n\n".join(f"{template.title(one.section)}\n{one.text}" for one in document.sections)


def _resource(note: UUID, state: Note, signed: Signed, parts: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """A DocumentReference: LOINC 34785-6 is a mental health note."""
    begun = state.begun
    return {
        "resourceType": "DocumentReference",
        "id": str(note),
        "status": "current",
        "docStatus": "amended" if state.addenda else "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "34785-6"}]},
        "subject": _person(begun.patient),
        "date": signed.at.isoformat(),
        "author": [_person(begun.author)],
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "data": base64.b64encode(text.encode()).decode(),
                    "title": what,
                    "creation": at,
                }
            }
            for what, at, text in parts
        ],
    }


def _person(person: PersonId) -> dict[str, Any]:
    return {"identifier": {"system": "urn:mindlyfe:person", "value": str(person)}}
