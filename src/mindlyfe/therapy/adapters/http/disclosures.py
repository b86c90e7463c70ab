"""What the author of a psychotherapy note lets out of it, reviewed and on record."""

from uuid import UUID

from litestar import Router

from mindlyfe.kernel.errors import Forbidden
from mindlyfe.kernel.http import Page, get, put
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.therapy.adapters.http.notes import READING, WRITING
from mindlyfe.therapy.application.disclosing import Disclosing
from mindlyfe.therapy.application.note_reading import NoteReading
from mindlyfe.therapy.contract.note_refusals import DisclosureTaken
from mindlyfe.therapy.contract.notes import DiscloseExcerpt, DisclosureView, NoteSaved
from mindlyfe.therapy.domain.note_access import Where


def routes(name: str, disclosing: Disclosing, reading: NoteReading) -> Router:
    """`/v1/patients/{patient}/psychotherapy-notes/{note}/disclosures`, for the note's author."""

    @put(
        "/{disclosure:uuid}",
        needs=f"{name}:disclose",
        clinical=True,
        recent_s=600,
        refuses=(*WRITING, DisclosureTaken),
        status_code=201,
    )
    async def disclose(
        patient: PersonId, note: UUID, disclosure: UUID, data: DiscloseExcerpt, *, who: Principal, act: Act
    ) -> NoteSaved:
        """Put on record which words go to whom and what for. It sends nothing: the author hands them over."""
        return await disclosing.disclose(Where(patient, note), disclosure, data, who, act)

    @get(needs=f"{name}:read", clinical=True, refuses=(*READING, Forbidden), audits=f"{name}.disclosures-read")
    async def all_(patient: PersonId, note: UUID, who: Principal) -> Page[DisclosureView]:
        """What was let out of the note, to whom, oldest first, all in one page."""
        return Page(await reading.disclosures(Where(patient, note), who))

    path = f"/v1/patients/{{patient:uuid}}/{name}/{{note:uuid}}/disclosures"
    return Router(path, route_handlers=[disclose, all_], tags=["Notes"])
