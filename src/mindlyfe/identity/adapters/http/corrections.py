"""Corrections of what staff keeps of a person."""

from uuid import UUID

from litestar import Router

from mindlyfe.identity.application.corrections import PersonalCorrections
from mindlyfe.identity.contract.corrections import AskCorrection, CorrectionView, DecideCorrection
from mindlyfe.identity.domain.correction import CorrectionDecided, OwnCorrection
from mindlyfe.kernel.errors import IdTaken, KeyReused, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post
from mindlyfe.kernel.messages import Principal


def routes(corrections: PersonalCorrections) -> Router:
    """`/v1/me/corrections`, `/v1/corrections`."""

    @post("/me/corrections", needs="me:correct", refuses=(KeyReused,))
    async def ask(data: AskCorrection, who: Principal) -> CorrectionView:
        """Ask for something to be corrected that staff keeps of the caller."""
        return await corrections.ask(data, who)

    @get("/me/corrections", needs="me:correct")
    async def own(who: Principal) -> Page[CorrectionView]:
        """What the caller asked for, and what became of it."""
        return Page(await corrections.own(who))

    @get("/corrections", needs="corrections:decide", clinical=True, audits="corrections.read")
    async def all_(who: Principal) -> Page[CorrectionView]:
        """What people asked for; those that wait first."""
        return Page(await corrections.all(who))

    @post(
        "/corrections/{correction:uuid}/decision",
        needs="corrections:decide",
        clinical=True,
        status_code=200,
        refuses=(NotFound, IdTaken, OwnCorrection, CorrectionDecided, VersionConflict, KeyReused),
    )
    async def decide(correction: UUID, data: DecideCorrection, who: Principal, expected: int | None) -> CorrectionView:
        """Accept it, once the record is corrected, or decline it; the person reads the reason."""
        return await corrections.decide(correction, data, who, expected)

    return Router("/v1", route_handlers=[ask, own, all_, decide], tags=["Corrections"])
