"""Notes on a patient: begin, look, sign, add, strike through. The same for both kinds, at addresses of their own."""

from uuid import UUID

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import AssuranceTooLow, Forbidden, IdTaken, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.therapy.adapters.http.lists import Cursor, Limit
from mindlyfe.therapy.application.note_lists import NoteListing
from mindlyfe.therapy.application.note_reading import NoteReading
from mindlyfe.therapy.application.notes import Notes
from mindlyfe.therapy.contract.note_refusals import (
    NoSuchAppointment,
    NoteBegun,
    NoteInConflict,
    NoteNotSigned,
    NoteSigned,
    NoteStruck,
    NothingWritten,
    RevisionOutdated,
    RevisionTaken,
    UnknownRevision,
)
from mindlyfe.therapy.contract.note_templates import UnknownTemplate
from mindlyfe.therapy.contract.notes import (
    AddAddendum,
    BeginNote,
    NoteEntry,
    NoteSaved,
    NoteView,
    SignNote,
    Stage,
    StrikeNote,
    VerificationView,
)
from mindlyfe.therapy.domain.note_access import Where

READING = (NotFound, AssuranceTooLow, Unavailable)
WRITING = (*READING, Forbidden, IdTaken, NoteStruck)
BEGINNING = (*READING, IdTaken, NoteBegun, UnknownTemplate, NoSuchAppointment)
SIGNING = (
    *WRITING,
    NoteSigned,
    UnknownRevision,
    NoteInConflict,
    RevisionOutdated,
    NothingWritten,
    VersionConflict,
)
ADDING = (*WRITING, NoteNotSigned, RevisionTaken)


def routes(name: str, notes: Notes, reading: NoteReading, listing: NoteListing) -> Router:
    """`/v1/patients/{patient}/<name>`; `name` begins the permissions, too."""
    handlers = [*_looking(name, reading, listing), *_writing(name, notes), *_afterwards(name, notes)]
    return Router(f"/v1/patients/{{patient:uuid}}/{name}", route_handlers=handlers, tags=["Notes"])


def _looking(name: str, reading: NoteReading, listing: NoteListing) -> list[HTTPRouteHandler]:
    read = f"{name}:read"

    @get(needs=read, clinical=True, refuses=READING, audits=f"{name}.listed")
    async def of_patient(
        patient: PersonId,
        who: Principal,
        *,
        stage: Stage | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> Page[NoteEntry]:
        """Signed notes and the caller's own, newest first. Struck ones come when they are asked for by their stage."""
        return await listing.of_patient(patient, who, stage=stage, limit=limit, cursor=cursor)

    @get("/{note:uuid}", needs=read, clinical=True, refuses=READING, audits=f"{name}.read")
    async def one(patient: PersonId, note: UUID, who: Principal) -> NoteView:
        """A note: its author sees all of it, others what was signed."""
        return await reading.one(Where(patient, note), who)

    @get(
        "/{note:uuid}/verification",
        needs=read,
        clinical=True,
        refuses=(*READING, NoteNotSigned),
        audits=f"{name}.read",
    )
    async def verification(patient: PersonId, note: UUID, who: Principal) -> VerificationView:
        """Whether what is stored is what was signed: hash by hash, with the text that anybody can hash themselves."""
        return await reading.verification(Where(patient, note), who)

    return [of_patient, one, verification]


def _writing(name: str, notes: Notes) -> list[HTTPRouteHandler]:
    write = f"{name}:write"

    @put("/{note:uuid}", needs=write, clinical=True, refuses=BEGINNING, status_code=201)
    async def begin(patient: PersonId, note: UUID, data: BeginNote, *, who: Principal, act: Act) -> NoteSaved:
        """Begin a note on a patient in care, under an id that the caller makes. Again: no change."""
        return await notes.begin(Where(patient, note), data, who, act)

    @post("/{note:uuid}/signature", needs=write, clinical=True, refuses=SIGNING, status_code=200)
    async def sign(
        patient: PersonId, note: UUID, data: SignNote, *, who: Principal, act: Act, expected: int | None
    ) -> NoteSaved:
        """Sign the newest text, which is locked from then on. Again: no change."""
        return await notes.sign(Where(patient, note), data, who, act, expected)

    return [begin, sign]


def _afterwards(name: str, notes: Notes) -> list[HTTPRouteHandler]:
    write = f"{name}:write"

    @put("/{note:uuid}/addenda/{addendum:uuid}", needs=write, clinical=True, refuses=ADDING, status_code=201)
    async def addend(
        patient: PersonId, note: UUID, addendum: UUID, data: AddAddendum, *, who: Principal, act: Act
    ) -> NoteSaved:
        """Add to a signed note, under an id that the caller makes. Again: no change."""
        return await notes.addend(Where(patient, note), addendum, data, who, act)

    @post(
        "/{note:uuid}/entered-in-error",
        needs=write,
        clinical=True,
        refuses=(*WRITING, VersionConflict),
        status_code=200,
    )
    async def strike(
        patient: PersonId, note: UUID, data: StrikeNote, *, who: Principal, act: Act, expected: int | None
    ) -> NoteSaved:
        """Strike it through, with the reason: it stays, and no list shows it unless asked."""
        return await notes.strike(Where(patient, note), data, who, act, expected)

    return [addend, strike]
