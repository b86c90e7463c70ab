"""A person's copy of what is known of them."""

from typing import Final
from uuid import UUID

from litestar import Response, Router

from mindlyfe.identity.application.exports import PersonalExports
from mindlyfe.identity.contract.exports import ExportView
from mindlyfe.identity.domain.export import ExportExpired, ExportNotReady, ExportRuns
from mindlyfe.kernel.errors import KeyReused, NotFound, Unavailable
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Principal

RECENT_S: Final = 600
FETCHING: Final = (NotFound, ExportNotReady, ExportExpired, Unavailable)
FHIR: Final = "application/fhir+json"


def routes(exports: PersonalExports) -> Router:
    """`/v1/me/exports`."""

    @post(needs="me:export", status_code=202, recent_s=RECENT_S, refuses=(ExportRuns, KeyReused))
    async def request(who: Principal) -> ExportView:
        """Have a copy made of everything that is known of the caller here. It takes a moment."""
        return await exports.request(who)

    @get(needs="me:export")
    async def all_(who: Principal) -> Page[ExportView]:
        """The caller's copies, newest first."""
        return Page(await exports.all(who))

    @get("/{export:uuid}", needs="me:export", refuses=(NotFound,))
    async def one(export: UUID, who: Principal) -> ExportView:
        """How far a copy is."""
        return await exports.one(export, who)

    @get("/{export:uuid}/data", needs="me:export", recent_s=RECENT_S, audits="exports.fetched", refuses=FETCHING)
    async def data(export: UUID, who: Principal) -> Response[bytes]:
        """The copy as JSON with names that explain themselves; to be fetched for seven days."""
        return _file(await exports.fetch(export, "json", who), "application/json", f"export-{export}.json")

    @get(
        "/{export:uuid}/fhir",
        needs="me:export",
        recent_s=RECENT_S,
        audits="exports.fetched",
        refuses=FETCHING,
        media_type=FHIR,
    )
    async def fhir(export: UUID, who: Principal) -> Response[bytes]:
        """The copy as a FHIR R4 Bundle, for other systems; to be fetched for seven days."""
        return _file(await exports.fetch(export, "fhir", who), FHIR, f"export-{export}.fhir.json")

    return Router("/v1/me/exports", route_handlers=[request, all_, one, data, fhir], tags=["My rights"])


def _file(content: bytes, kind: str, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
