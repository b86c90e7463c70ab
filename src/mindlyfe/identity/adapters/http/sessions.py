"""Sign-in, renewal and sign-out."""

from typing import Any

from litestar import Request, Response, Router

from mindlyfe.identity.adapters.http.cookies import TokenCookies
from mindlyfe.identity.application.sessions import Sessions
from mindlyfe.identity.contract import Refresh, SignedIn, SignIn
from mindlyfe.identity.contract.factors import SecondFactorNeeded
from mindlyfe.identity.domain.device import coarse
from mindlyfe.identity.domain.refusals import SessionEnded, SignInFailed
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import TooMany
from mindlyfe.kernel.http import PUBLIC, delete, post
from mindlyfe.kernel.messages import Act, Principal


def routes(sessions: Sessions, cookies: TokenCookies, clock: Clock) -> Router:
    """`/v1/sessions`."""

    @post(needs=PUBLIC, rate_per_s=50, refuses=(SignInFailed, TooMany), also=((202, SecondFactorNeeded),))
    async def sign_in(
        data: SignIn, act: Act, request: Request[Any, Any, Any]
    ) -> Response[SignedIn] | Response[SecondFactorNeeded]:
        """Open a session by address and password. Browsers ask for `cookie`, apps for `bearer`.

        202: the password is right, and a second step opens the session.
        """
        device = data.device or coarse(request.headers.get("user-agent", ""))
        done = await sessions.sign_in(data, act, device=device)
        if isinstance(done, SecondFactorNeeded):
            return Response(done, status_code=202)
        return cookies.delivered(done, data.delivery, clock(), 201)

    @post("/refresh", needs=PUBLIC, status_code=200, rate_per_s=200, refuses=(SessionEnded,))
    async def renew(data: Refresh, act: Act, request: Request[Any, Any, Any]) -> Response[SignedIn]:
        """Exchange a refresh token, from the body or the cookie, for new tokens by the same way. It works once."""
        by_cookie = cookies.shown(request) or ""
        renewed = await sessions.renew(data.refresh_token or by_cookie, act)
        return cookies.delivered(renewed, "bearer" if data.refresh_token else "cookie", clock(), 200)

    @delete("/current", needs="sessions:end", status_code=204)
    async def sign_out(who: Principal) -> Response[None]:
        """End this session: its tokens no longer work, anywhere and within a second, and cookies are removed."""
        await sessions.sign_out(who)
        return cookies.cleared()

    return Router("/v1/sessions", route_handlers=[sign_in, renew, sign_out], tags=["Sessions"])
