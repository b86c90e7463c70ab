"""Notes in custody: who keeps them, what there is, handing over and opening."""

from uuid import UUID

from litestar import Router

from mindlyfe.kernel.errors import NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.therapy.application.custody import Custodians, Custody
from mindlyfe.therapy.contract.custody import (
    CustodianView,
    CustodyEntry,
    GroundNotEnough,
    HandOverNote,
    NameCustodian,
    OpenNote,
)
from mindlyfe.therapy.contract.note_refusals import NoteStruck
from mindlyfe.therapy.contract.notes import NoteSaved
from mindlyfe.therapy.domain.note_access import Where

KEEPING = (NotFound, Unavailable)
GIVING = (*KEEPING, NoteStruck, GroundNotEnough)


def routes(name: str, custody: Custody) -> list[Router]:
    """`/v1/custody/<name>`, `/v1/patients/{patient}/<name>/{note}/handover` and `…/opening`."""

    @get(needs="custody:read", clinical=True, refuses=KEEPING, audits="custody.read")
    async def all_(who: Principal) -> Page[CustodyEntry]:
        """What the caller keeps of clinicians who left: drafts, and psychotherapy notes. Without text, at most 200."""
        return Page(await custody.all(who))

    @post("/handover", needs="custody:hand-over", clinical=True, recent_s=600, refuses=GIVING, status_code=200)
    async def hand_over(patient: PersonId, note: UUID, data: HandOverNote, *, who: Principal, act: Act) -> NoteSaved:
        """Give the note to a clinician, who reads it from now on and changes nothing. Again: no change.

        A psychotherapy note goes to nobody for continuity of care alone.
        """
        return await custody.hand_over(Where(patient, note), data, who, act)

    @post("/opening", needs="custody:open", clinical=True, recent_s=600, refuses=GIVING, status_code=200)
    async def open_(patient: PersonId, note: UUID, data: OpenNote, *, who: Principal, act: Act) -> NoteSaved:
        """Open the note for the custodian, for 24 hours, with what for on record."""
        return await custody.open(Where(patient, note), data, who, act)

    return [
        Router(f"/v1/custody/{name}", route_handlers=[all_], tags=["Notes"]),
        Router(
            f"/v1/patients/{{patient:uuid}}/{name}/{{note:uuid}}", route_handlers=[hand_over, open_], tags=["Notes"]
        ),
    ]


def custodian_routes(custodians: Custodians) -> Router:
    """`/v1/note-custodian`."""

    @put(needs="custodian:name", clinical=True, refuses=(NotFound, VersionConflict, Unavailable))
    async def name(data: NameCustodian, who: Principal, act: Act, expected: int | None) -> CustodianView:
        """Name who keeps the notes of clinicians who leave: a supervisor, or the privacy officer."""
        return await custodians.name(data, who, act, expected)

    @get(needs="custodian:read", clinical=True, audits="custodian.read")
    async def current(who: Principal) -> CustodianView:
        """Who keeps them."""
        return await custodians.current(who.tenant)

    return Router("/v1/note-custodian", route_handlers=[name, current], tags=["Notes"])
