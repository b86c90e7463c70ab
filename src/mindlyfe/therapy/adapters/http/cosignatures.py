"""Co-signatures of progress notes, and what is outstanding: notes to sign, notes to co-sign."""

from uuid import UUID

from litestar import Router

from mindlyfe.kernel.errors import Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.therapy.adapters.http.lists import Cursor, Limit
from mindlyfe.therapy.adapters.http.notes import WRITING
from mindlyfe.therapy.application.cosigning import Cosigning
from mindlyfe.therapy.application.note_lists import NoteListing
from mindlyfe.therapy.contract.note_refusals import AlreadyCosigned, CosignatureNotAsked, NoteNotSigned
from mindlyfe.therapy.contract.notes import NoteEntry, NoteSaved
from mindlyfe.therapy.domain.note_access import Where

ASKING = (*WRITING, NoteNotSigned, AlreadyCosigned)
GIVING = (*ASKING, CosignatureNotAsked, VersionConflict)


def routes(cosigning: Cosigning, listing: NoteListing) -> list[Router]:
    """Ask for a co-signature and give it; the lists of what waits."""

    @post("/cosignature-request", needs="notes:write", clinical=True, refuses=ASKING, status_code=200)
    async def ask(patient: PersonId, note: UUID, who: Principal, act: Act) -> NoteSaved:
        """Ask for the signature of a supervisor. Again: no change."""
        return await cosigning.ask(Where(patient, note), who, act)

    @post("/cosignature", needs="notes:cosign", clinical=True, refuses=GIVING, status_code=200)
    async def give(patient: PersonId, note: UUID, who: Principal, act: Act, expected: int | None) -> NoteSaved:
        """Co-sign what a clinician signed whom the caller supervises in the care of this patient."""
        return await cosigning.give(Where(patient, note), who, act, expected)

    @get("/unsigned-notes", needs="notes:write", clinical=True, audits="notes.listed")
    async def unsigned(who: Principal, limit: Limit = 50, cursor: Cursor | None = None) -> Page[NoteEntry]:
        """The caller's own progress notes that are not signed yet, newest first."""
        return await listing.unsigned(who, limit=limit, cursor=cursor)

    @get(
        "/notes-to-cosign",
        needs="notes:cosign",
        clinical=True,
        refuses=(Unavailable,),
        audits="notes.listed",
    )
    async def to_cosign(who: Principal, limit: Limit = 50, cursor: Cursor | None = None) -> Page[NoteEntry]:
        """Notes of clinicians whom the caller supervises that wait for a co-signature, newest first."""
        return await listing.to_cosign(who, limit=limit, cursor=cursor)

    return [
        Router("/v1/patients/{patient:uuid}/notes/{note:uuid}", route_handlers=[ask, give], tags=["Notes"]),
        Router("/v1/me", route_handlers=[unsigned, to_cosign], tags=["Notes"]),
    ]
