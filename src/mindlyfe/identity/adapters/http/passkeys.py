"""Passkeys: signing in by one, and the caller's own."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router

from mindlyfe.identity.adapters.http.cookies import TokenCookies
from mindlyfe.identity.adapters.http.factors import RECENT_S, added_by
from mindlyfe.identity.application.factors import SecondFactors
from mindlyfe.identity.application.passkeys import Passkeys
from mindlyfe.identity.contract import SignedIn
from mindlyfe.identity.contract.factors import FactorAdded
from mindlyfe.identity.contract.passkeys import AddPasskey, PasskeyChallenge, RenamePasskey, SignInByPasskey
from mindlyfe.identity.domain.device import coarse
from mindlyfe.identity.domain.passkeys import PasskeyKnown, PasskeyRefused
from mindlyfe.identity.domain.refusals import ChallengeEnded, SessionEnded, SignInFailed
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import AssuranceTooLow, KeyReused, NotFound
from mindlyfe.kernel.http import PUBLIC, post, put
from mindlyfe.kernel.messages import Act, Principal


def routes(passkeys: Passkeys, cookies: TokenCookies, clock: Clock) -> Router:
    """`/v1/passkey-challenges`, `/v1/sessions/passkey`."""

    @post("/passkey-challenges", needs=PUBLIC, rate_per_s=50)
    async def challenge() -> PasskeyChallenge:
        """What a browser asks its devices; whoever has a passkey here can answer within five minutes, once."""
        return passkeys.request()

    @post(
        "/sessions/passkey",
        needs=PUBLIC,
        rate_per_s=50,
        refuses=(ChallengeEnded, PasskeyRefused, SignInFailed, NotFound),
    )
    async def sign_in(data: SignInByPasskey, act: Act, request: Request[Any, Any, Any]) -> Response[SignedIn]:
        """Open a session at assurance 2 by a passkey alone, without an address."""
        device = coarse(request.headers.get("user-agent", ""))
        return cookies.delivered(await passkeys.sign_in(data, act, device=device), data.delivery, clock(), 201)

    return Router("/v1", route_handlers=[challenge, sign_in], tags=["Sessions"])


def own(factors: SecondFactors, cookies: TokenCookies, clock: Clock) -> Router:
    """`/v1/me/factors/passkeys`."""

    @post("/challenges", needs="factors:change", recent_s=RECENT_S, refuses=(NotFound,))
    async def challenge(who: Principal) -> PasskeyChallenge:
        """What a browser asks a device to make a new passkey."""
        return await factors.passkey_challenge(who)

    @post(
        needs="factors:change",
        recent_s=RECENT_S,
        status_code=200,
        refuses=(ChallengeEnded, PasskeyRefused, PasskeyKnown, AssuranceTooLow, SessionEnded),
    )
    async def add(data: AddPasskey, who: Principal, request: Request[Any, Any, Any]) -> Response[FactorAdded]:
        """Let a passkey count. This session gets new tokens, as strong as it makes it; others end."""
        return added_by(await factors.add_passkey(data, who), cookies, request, clock)

    @put("/{factor:uuid}/name", needs="factors:change", recent_s=RECENT_S, refuses=(NotFound, KeyReused))
    async def rename(factor: UUID, data: RenamePasskey, who: Principal) -> None:
        """Call a passkey something else."""
        await factors.rename_passkey(factor, data, who)

    return Router("/v1/me/factors/passkeys", route_handlers=[challenge, add, rename], tags=["Factors"])
