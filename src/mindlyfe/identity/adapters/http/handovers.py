"""Handovers of caseloads."""

from uuid import UUID

from litestar import Router

from mindlyfe.identity.application.handovers import OrderedHandovers
from mindlyfe.identity.contract.handovers import HandOver, HandoverPreview, HandoverView
from mindlyfe.identity.domain.handover import (
    HandoverBackdated,
    HandoverRuns,
    NoReceiver,
    NotInCaseload,
    SameClinician,
)
from mindlyfe.kernel.errors import KeyReused, NotFound
from mindlyfe.kernel.http import get, post, put
from mindlyfe.kernel.messages import Principal

UNFIT = (NotFound, SameClinician, NoReceiver, HandoverBackdated, NotInCaseload)


def routes(handovers: OrderedHandovers) -> Router:
    """`/v1/handovers`."""

    @post(
        "/preview",
        needs="handovers:order",
        aal=2,
        clinical=True,
        status_code=200,
        audits="handovers.previewed",
        refuses=UNFIT,
    )
    async def preview(data: HandOver, who: Principal) -> HandoverPreview:
        """What a handover would move, and what not and why. Nothing changes."""
        return await handovers.preview(data, who)

    @put("/{handover:uuid}", needs="handovers:order", aal=2, clinical=True, refuses=(*UNFIT, HandoverRuns, KeyReused))
    async def order(handover: UUID, data: HandOver, who: Principal) -> HandoverView:
        """Move a caseload, or some patients, to a colleague at an instant, under an id that the caller makes.

        It goes on by itself, relationship by relationship; ask how far it is. The same again changes nothing.
        Who begins to be treated after the order is not in it.
        """
        return await handovers.order(handover, data, who)

    @get(
        "/{handover:uuid}", needs="handovers:order", aal=2, clinical=True, audits="handovers.read", refuses=(NotFound,)
    )
    async def one(handover: UUID, who: Principal) -> HandoverView:
        """How far it is: what moved, and what did not and why."""
        return await handovers.one(handover, who)

    return Router("/v1/handovers", route_handlers=[preview, order, one], tags=["Care"])
