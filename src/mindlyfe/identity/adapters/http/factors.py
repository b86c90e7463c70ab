"""Second factors: the caller's own, and those that somebody lost."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, Router
from msgspec.structs import replace

from mindlyfe.identity.adapters.http.cookies import TokenCookies
from mindlyfe.identity.application.factor_resets import FactorResets
from mindlyfe.identity.application.factors import SecondFactors
from mindlyfe.identity.contract.factors import (
    BackupCodes,
    ConfirmTotp,
    FactorAdded,
    FactorRemoved,
    FactorsView,
    ResetFactors,
    TotpOffer,
)
from mindlyfe.identity.domain.account import NotThisClinicsAlone
from mindlyfe.identity.domain.enrolment import CodeWrong, NoSecondFactor, NothingOffered, NothingToRemove
from mindlyfe.identity.domain.refusals import NotYourself, RoleNotYours, SessionEnded
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import AssuranceTooLow, KeyReused, NotFound
from mindlyfe.kernel.http import delete, get, post
from mindlyfe.kernel.messages import PersonId, Principal

RECENT_S: Final = 600


def routes(factors: SecondFactors) -> Router:
    """`/v1/me/factors`."""

    @get(needs="factors:read")
    async def all_(who: Principal) -> FactorsView:
        """What the caller proves themselves by besides the password."""
        return await factors.all(who)

    @post("/backup-codes", needs="factors:change", recent_s=RECENT_S, refuses=(AssuranceTooLow, NoSecondFactor))
    async def codes(who: Principal) -> BackupCodes:
        """Ten new backup codes, in place of all others. Other sessions end."""
        return await factors.replace_codes(who)

    @delete(
        "/{factor:uuid}",
        needs="factors:change",
        recent_s=RECENT_S,
        status_code=200,
        refuses=(NotFound, AssuranceTooLow),
    )
    async def remove(factor: UUID, who: Principal) -> FactorRemoved:
        """Give a factor up. Other sessions end; without the last factor, a password alone signs in."""
        return await factors.remove(factor, who)

    return Router("/v1/me/factors", route_handlers=[all_, codes, remove], tags=["Factors"])


def totp(factors: SecondFactors, cookies: TokenCookies, clock: Clock) -> Router:
    """`/v1/me/factors/totp`."""

    @post(
        needs="factors:change",
        recent_s=RECENT_S,
        refuses=(NotFound, AssuranceTooLow, NothingOffered, KeyReused),
    )
    async def offer(who: Principal) -> TotpOffer:
        """A new secret for an authenticator app. It counts when a code made with it was shown."""
        return await factors.offer_totp(who)

    @post(
        "/confirmation",
        needs="factors:change",
        recent_s=RECENT_S,
        status_code=200,
        refuses=(AssuranceTooLow, NothingOffered, CodeWrong, SessionEnded),
    )
    async def confirm(data: ConfirmTotp, who: Principal, request: Request[Any, Any, Any]) -> Response[FactorAdded]:
        """Let the app count. This session gets new tokens, as strong as the factor makes it; others end."""
        return added_by(await factors.confirm_totp(data, who), cookies, request, clock)

    return Router("/v1/me/factors/totp", route_handlers=[offer, confirm], tags=["Factors"])


def resets(resets: FactorResets) -> Router:
    """`/v1/members/{person}/factors`, `/v1/accounts/{person}/factors`."""

    @delete(
        "/members/{person:uuid}/factors",
        needs="members:reset-factors",
        aal=2,
        recent_s=RECENT_S,
        refuses=(NotFound, NotYourself, RoleNotYours, NothingToRemove, NotThisClinicsAlone, KeyReused),
    )
    async def of_member(person: PersonId, data: ResetFactors, who: Principal) -> None:
        """Remove all second factors of a member who lost them and belongs to no other clinic.

        All their sessions end, a password alone signs in until they add a factor, and they are told by mail.
        """
        await resets.of_member(person, data, who)

    @delete(
        "/accounts/{person:uuid}/factors",
        needs="accounts:reset-factors",
        aal=2,
        recent_s=RECENT_S,
        refuses=(NotFound, NotYourself, NothingToRemove, KeyReused),
    )
    async def of_account(person: PersonId, data: ResetFactors, who: Principal) -> None:
        """Remove all second factors of somebody who lost them, whatever clinics they belong to."""
        await resets.of_account(person, data, who)

    return Router("/v1", route_handlers=[of_member, of_account], tags=["Factors"])


def added_by(
    added: FactorAdded, cookies: TokenCookies, request: Request[Any, Any, Any], clock: Clock
) -> Response[FactorAdded]:
    """The answer to a new factor, with the tokens of the session the way the old ones came."""
    session, held = cookies.hidden(added.session, cookies.way_of(request), clock())
    return Response(replace(added, session=session), status_code=200, cookies=held)
