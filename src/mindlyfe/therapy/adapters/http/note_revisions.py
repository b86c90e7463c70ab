"""The text of a note while it is written: saved from any device, joined, compared."""

from uuid import UUID

from litestar import Router

from mindlyfe.kernel.errors import Forbidden
from mindlyfe.kernel.http import Page, get, put
from mindlyfe.kernel.messages import PersonId, Principal
from mindlyfe.therapy.adapters.http.notes import READING, WRITING
from mindlyfe.therapy.application.note_reading import NoteReading
from mindlyfe.therapy.application.notes import Notes
from mindlyfe.therapy.contract.note_refusals import NoteSigned, RevisionTaken, UnknownRevision
from mindlyfe.therapy.contract.note_templates import UnknownSection
from mindlyfe.therapy.contract.notes import ChangesView, DraftSaved, RevisionEntry, RevisionView, SaveRevision
from mindlyfe.therapy.domain.note_access import Where

SAVING = (*WRITING, NoteSigned, UnknownSection, UnknownRevision, RevisionTaken)
LOOKING = (*READING, Forbidden, UnknownRevision)


def routes(name: str, notes: Notes, reading: NoteReading) -> Router:
    """`/v1/patients/{patient}/<name>/{note}/revisions`, for the note's author."""
    read, write = f"{name}:read", f"{name}:write"

    @get(needs=read, clinical=True, refuses=(*READING, Forbidden), audits=f"{name}.read")
    async def history(patient: PersonId, note: UUID, who: Principal) -> Page[RevisionEntry]:
        """Every text that was saved, oldest first, all in one page. Two heads: two devices wrote side by side."""
        return Page(await reading.history(Where(patient, note), who))

    @put("/{revision:uuid}", needs=write, clinical=True, refuses=SAVING, audits=f"{name}.saved")
    async def save(patient: PersonId, note: UUID, revision: UUID, data: SaveRevision, *, who: Principal) -> DraftSaved:
        """Keep the whole text, made from `base`, under an id that the device makes. Again: no change.

        What another device saved from the same base stays beside it; the answer says so.
        """
        return await notes.save(Where(patient, note), revision, data, who)

    @get("/{revision:uuid}", needs=read, clinical=True, refuses=LOOKING, audits=f"{name}.read")
    async def one(patient: PersonId, note: UUID, revision: UUID, who: Principal) -> RevisionView:
        """One of the texts that were saved."""
        return await reading.revision(Where(patient, note), revision, who)

    @get(
        "/{revision:uuid}/changes-since/{earlier:uuid}",
        needs=read,
        clinical=True,
        refuses=LOOKING,
        audits=f"{name}.read",
    )
    async def changes(patient: PersonId, note: UUID, revision: UUID, earlier: UUID, who: Principal) -> ChangesView:
        """What came and went between two texts, section by section, word by word."""
        return await reading.changes(Where(patient, note), earlier, revision, who)

    path = f"/v1/patients/{{patient:uuid}}/{name}/{{note:uuid}}/revisions"
    return Router(path, route_handlers=[history, save, one, changes], tags=["Notes"])
