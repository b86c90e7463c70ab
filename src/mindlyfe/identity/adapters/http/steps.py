"""The second step of a sign-in, and proving once more who one is."""

from typing import Any

from litestar import Request, Response, Router

from mindlyfe.identity.adapters.http.cookies import TokenCookies
from mindlyfe.identity.application.second_steps import SecondSteps
from mindlyfe.identity.application.step_ups import StepUps
from mindlyfe.identity.contract import SignedIn
from mindlyfe.identity.contract.factors import FinishSignIn, Prove
from mindlyfe.identity.domain.passkeys import PasskeyRefused
from mindlyfe.identity.domain.refusals import ChallengeEnded, ProofFailed, SecondFactorFailed, SessionEnded
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import TooMany
from mindlyfe.kernel.http import PUBLIC, post
from mindlyfe.kernel.messages import Act, Principal


def routes(second_steps: SecondSteps, step_ups: StepUps, cookies: TokenCookies, clock: Clock) -> Router:
    """`/v1/sessions/second-factor`, `/v1/sessions/current/proof`."""

    @post("/second-factor", needs=PUBLIC, rate_per_s=50, refuses=(ChallengeEnded, SecondFactorFailed, TooMany))
    async def finish(data: FinishSignIn, act: Act) -> Response[SignedIn]:
        """The second step: open the session by a code. Five wrong ones end the challenge."""
        return cookies.delivered(await second_steps.finish(data, act), data.delivery, clock(), 201)

    @post(
        "/current/proof",
        needs="sessions:prove",
        status_code=200,
        rate_per_s=50,
        refuses=(ProofFailed, SessionEnded, ChallengeEnded, PasskeyRefused, TooMany),
    )
    async def prove(data: Prove, who: Principal, request: Request[Any, Any, Any]) -> Response[SignedIn]:
        """Prove once more who you are. New tokens come the way the old ones did; the old refresh token is used up."""
        return cookies.delivered(await step_ups.prove(data, who), cookies.way_of(request), clock(), 200)

    return Router("/v1/sessions", route_handlers=[finish, prove], tags=["Sessions"])
