"""Erasure: the person's request, the privacy officer's decision, legal holds."""

from typing import Final

from litestar import Router

from mindlyfe.identity.application.erasures import ErasureRequests
from mindlyfe.identity.contract.erasures import (
    DecideErasure,
    ErasureCase,
    ErasureListed,
    ErasureRequestView,
    LiftHold,
    SetHold,
)
from mindlyfe.identity.domain.erasure_request import (
    ErasureNotAsked,
    ErasureRuns,
    LegalHold,
    NotHeld,
    OwnCase,
    RetentionForbids,
)
from mindlyfe.identity.domain.refusals import LastAdministrator
from mindlyfe.kernel.errors import KeyReused, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import Page, delete, get, post, put
from mindlyfe.kernel.messages import PersonId, Principal

RECENT_S: Final = 600
DECIDING: Final = (
    *(NotFound, ErasureNotAsked, OwnCase, LegalHold, RetentionForbids, LastAdministrator),
    *(Unavailable, VersionConflict, KeyReused),
)


def own(requests: ErasureRequests) -> Router:
    """`/v1/me/erasure-request`."""

    @post(
        needs="me:erase",
        recent_s=RECENT_S,
        status_code=202,
        refuses=(NotFound, Unavailable, KeyReused),
    )
    async def ask(who: Principal) -> ErasureRequestView:
        """Ask to be erased in this clinic. Where no law wants records kept it is done at once, and cannot be undone."""
        return await requests.ask(who)

    @get(needs="me:erase")
    async def view(who: Principal) -> ErasureRequestView:
        """What became of the caller's request: the reason of a refusal, and when it will be possible."""
        return await requests.own(who)

    @delete(needs="me:erase", refuses=(ErasureNotAsked, ErasureRuns, KeyReused))
    async def withdraw(who: Principal) -> None:
        """Withdraw the request while it waits."""
        await requests.withdraw(who)

    return Router("/v1/me/erasure-request", route_handlers=[ask, view, withdraw], tags=["My rights"])


def cases(requests: ErasureRequests) -> Router:
    """`/v1/erasure-requests`."""

    @get(needs="erasures:decide", aal=2, audits="erasures.listed")
    async def all_(who: Principal) -> Page[ErasureListed]:
        """Who asked, who is held, who is being erased or was; newest first."""
        return Page(await requests.all(who))

    @get(
        "/{person:uuid}",
        needs="erasures:decide",
        aal=2,
        audits="erasures.read",
        refuses=(NotFound, Unavailable),
    )
    async def one(person: PersonId, who: Principal) -> ErasureCase:
        """A person's case: what must stay until when and why, or how far the erasing is."""
        return await requests.one(person, who)

    @post(
        "/{person:uuid}/decision",
        needs="erasures:decide",
        aal=2,
        status_code=200,
        recent_s=RECENT_S,
        refuses=DECIDING,
    )
    async def decide(person: PersonId, data: DecideErasure, who: Principal, expected: int | None) -> ErasureCase:
        """Grant a request, which cannot be undone, or refuse it with a reason that the person reads."""
        return await requests.decide(person, data, who, expected)

    return Router("/v1/erasure-requests", route_handlers=[all_, one, decide], tags=["Erasure"])


def holds(requests: ErasureRequests) -> Router:
    """`/v1/legal-holds`."""

    @put("/{person:uuid}", needs="erasures:decide", aal=2, refuses=(NotFound, ErasureRuns, OwnCase))
    async def hold(person: PersonId, data: SetHold, who: Principal) -> None:
        """Let nothing of this person be erased until it is lifted. They are not told."""
        await requests.hold(person, data.reason, who)

    @post("/{person:uuid}/end", needs="erasures:decide", aal=2, refuses=(NotFound, NotHeld, OwnCase))
    async def lift(person: PersonId, data: LiftHold, who: Principal) -> None:
        """End a legal hold."""
        await requests.lift(person, data.reason, who)

    return Router("/v1/legal-holds", route_handlers=[hold, lift], tags=["Erasure"])
