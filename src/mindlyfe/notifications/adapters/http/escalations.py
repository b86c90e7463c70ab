"""Safety tasks that somebody on duty must look after."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel import paging
from mindlyfe.kernel.errors import Erased, Malformed, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Act, Instant, PersonId, Principal
from mindlyfe.notifications.adapters.escalations import EscalationList, EscalationRow
from mindlyfe.notifications.application.duty import DutyRota
from mindlyfe.notifications.application.escalations import Ladders
from mindlyfe.notifications.contract.escalations import (
    EscalationClosed,
    EscalationSaved,
    EscalationStatus,
    EscalationView,
    NotOnLadder,
    OpenEscalation,
    RecordOutcome,
)
from mindlyfe.notifications.domain.access import sees_all_escalations

Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="Length of a page.")]
Only = Annotated[EscalationStatus | None, msgspec.Meta(description="Only those that stand like this.")]


def routes(ladders: Ladders, listed: EscalationList, rota: DutyRota) -> Router:
    """`/v1/escalations`."""
    handlers = [*_looks(listed, rota), *_acts(ladders)]
    return Router("/v1/escalations", route_handlers=handlers, tags=["Escalations"])


def _looks(listed: EscalationList, rota: DutyRota) -> list[HTTPRouteHandler]:
    @get("/", needs="escalations:read", clinical=True, refuses=(Malformed,))
    async def list_escalations(
        who: Principal, *, status: Only = None, cursor: str | None = None, limit: Limit = 50
    ) -> Page[EscalationView]:
        """The newest first: those the caller opened, was called for or answered.

        Who is on duty now sees all of them; so do administrators, without whom they are about. `exhausted` are those
        that nobody answers.
        """
        ladder = await rota.ladder(who.tenant)
        only = None if sees_all_escalations(who, ladder) else who.id
        key = paging.after(cursor, tuple[Instant, UUID])
        found = await listed.of(who.tenant, only, status=status, after=key, limit=limit + 1)
        more = paging.cursor(found[limit - 1].opened_at, found[limit - 1].id) if len(found) > limit else None
        return Page([_view(row, who, ladder) for row in found[:limit]], more)

    @get("/{escalation:uuid}", needs="escalations:read", clinical=True, refuses=(NotFound,))
    async def show_escalation(escalation: UUID, who: Principal) -> EscalationView:
        """One of them, to those who see it in the list."""
        ladder = await rota.ladder(who.tenant)
        row = await listed.one(who.tenant, escalation)
        if not (sees_all_escalations(who, ladder) or _concerns(row, who.id)):
            raise NotFound
        return _view(row, who, ladder)

    return [list_escalations, show_escalation]


def _acts(ladders: Ladders) -> list[HTTPRouteHandler]:
    @post("/", needs="escalations:open", clinical=True, refuses=(NotFound, Unavailable, Erased))
    async def open_escalation(data: OpenEscalation, who: Principal, act: Act) -> EscalationSaved:
        """Call who is on duty about a patient, until somebody answers. The messages name nobody."""
        return await ladders.open_one(data, who, act)

    @post(
        "/{escalation:uuid}/acknowledgement",
        needs="escalations:answer",
        clinical=True,
        refuses=(NotFound, NotOnLadder, EscalationClosed, VersionConflict, Erased),
        status_code=200,
    )
    async def acknowledge(escalation: UUID, who: Principal, act: Act, expected: int | None) -> EscalationSaved:
        """Say that you look after it: nobody else is called until an outcome is overdue. Again: no change."""
        return await ladders.acknowledge(escalation, who, act, expected)

    @post(
        "/{escalation:uuid}/outcome",
        needs="escalations:answer",
        clinical=True,
        refuses=(NotFound, NotOnLadder, EscalationClosed, VersionConflict, Erased),
        status_code=200,
    )
    async def record_outcome(
        escalation: UUID, data: RecordOutcome, who: Principal, act: Act, expected: int | None
    ) -> EscalationSaved:
        """Say what came of it. That ends it; what was done belongs into the patient's notes."""
        return await ladders.close(escalation, data.outcome, who, act, expected)

    return [open_escalation, acknowledge, record_outcome]


def _concerns(row: EscalationRow, person: PersonId) -> bool:
    return person in (row.opened_by, row.acknowledged_by) or person in row.ever_called


def _view(row: EscalationRow, who: Principal, ladder: Sequence[PersonId]) -> EscalationView:
    named = _concerns(row, who.id) or who.id in ladder
    return EscalationView(
        id=row.id,
        subject=row.subject if named else None,
        status=row.status,
        round=row.round,
        called=row.called,
        acknowledged_by=row.acknowledged_by,
        next_at=row.due_at,
        opened_at=row.opened_at,
        version=row.version,
    )
