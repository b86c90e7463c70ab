"""OAuth 2 and OpenID Connect: what apps call, and what the consent page calls for a person."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router

from mindlyfe.identity.application.app_requests import AppRequests
from mindlyfe.identity.application.app_sessions import AppSessions
from mindlyfe.identity.application.app_tokens import AppTokens
from mindlyfe.identity.application.authorizations import Authorizations
from mindlyfe.identity.application.my_apps import MyApps
from mindlyfe.identity.contract.openid import (
    AuthorizationView,
    AuthorizeForm,
    DecideAuthorization,
    Introspected,
    Pushed,
    PushForm,
    Redirection,
    TokenAnswer,
    TokenForm,
    TokenHint,
    UserInfo,
)
from mindlyfe.identity.domain.app_refusals import (
    AppUnknown,
    AuthorizationDecided,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    NothingAllowed,
    RequestNotSupported,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
)
from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.kernel.errors import AssuranceTooLow, NotFound, SignInTooOld
from mindlyfe.kernel.http import PUBLIC, get, post
from mindlyfe.kernel.messages import Act, Principal

CLIENT = (InvalidClient, InvalidRequest)


def requests(waiting: AppRequests, mine: MyApps) -> Router:
    """`/v1/oauth`: asking a person, and who it was."""

    @get("/authorize", needs=PUBLIC, status_code=302, rate_per_s=50, refuses=(AppUnknown,))
    async def authorize(form: AuthorizeForm) -> Response[None]:
        """Send a person here to sign in to an app: on to the page that asks them, or back to the app with an error.

        An unknown app, or an address that is not one of its own letter by letter, is refused here, and nobody is sent
        anywhere.
        """
        return Response(None, status_code=302, headers={"location": await waiting.begin(form)})

    @post(
        "/par",
        needs=PUBLIC,
        oauth=True,
        rate_per_s=50,
        refuses=(*CLIENT, InvalidScope, UnsupportedResponseType, RequestNotSupported),
    )
    async def push(form: PushForm, request: Request[Any, Any, Any]) -> Pushed:
        """Push an authorization request, so that the browser carries a name for it alone (RFC 9126)."""
        return await waiting.push(form, request.headers.get("authorization"))

    @get("/userinfo", needs="userinfo:read", scope="openid", refuses=(NotFound,))
    async def userinfo(who: Principal) -> UserInfo:
        """Who signed in, as far as the scopes of the app go (OpenID Connect Core, 5.3)."""
        return await mine.user_info(who)

    return Router("/v1/oauth", route_handlers=[authorize, push, userinfo], tags=["Sign-in for apps"])


def token_routes(tokens: AppTokens, held: AppSessions) -> Router:
    """`/v1/oauth`: tokens."""

    @post(
        "/token",
        needs=PUBLIC,
        oauth=True,
        status_code=200,
        rate_per_s=200,
        refuses=(*CLIENT, InvalidGrant, InvalidScope, UnsupportedGrantType),
    )
    async def token(form: TokenForm, act: Act, request: Request[Any, Any, Any]) -> TokenAnswer:
        """Exchange a code, or a refresh token, for tokens. Each works once."""
        return await tokens.token(form, request.headers.get("authorization"), act)

    @post("/revoke", needs=PUBLIC, oauth=True, status_code=200, rate_per_s=50, refuses=CLIENT)
    async def revoke(form: TokenHint, act: Act, request: Request[Any, Any, Any]) -> Response[None]:
        """End the session that a token of the app belongs to; any other word changes nothing (RFC 7009)."""
        await held.revoke(form, request.headers.get("authorization"), act)
        return Response(None, status_code=200)

    @post(
        "/introspect",
        needs=PUBLIC,
        oauth=True,
        status_code=200,
        rate_per_s=200,
        refuses=(*CLIENT, UnauthorizedClient),
    )
    async def introspect(form: TokenHint, request: Request[Any, Any, Any]) -> Introspected:
        """What a token of a confidential app is worth now; every other word is inactive (RFC 7662)."""
        return await held.introspect(form, request.headers.get("authorization"))

    return Router("/v1/oauth", route_handlers=[token, revoke, introspect], tags=["Sign-in for apps"])


def page(authorizations: Authorizations) -> Router:
    """`/v1/authorizations`."""

    @get("/{authorization:uuid}", needs="authorizations:decide", refuses=(NotFound,))
    async def asked(authorization: UUID, who: Principal) -> AuthorizationView:
        """What an app asks of the caller, for the page that shows it."""
        return await authorizations.shown(authorization, who)

    @post(
        "/{authorization:uuid}",
        needs="authorizations:decide",
        status_code=200,
        refuses=(NotFound, AuthorizationDecided, NothingAllowed, AssuranceTooLow, SignInTooOld, SessionEnded),
    )
    async def decide(authorization: UUID, data: DecideAuthorization, who: Principal) -> Redirection:
        """Allow the app some of what it asked for, or deny it; answers where the browser goes now."""
        return await authorizations.decide(authorization, data, who)

    @post(
        "/{authorization:uuid}/without-asking",
        needs="authorizations:decide",
        status_code=200,
        refuses=(NotFound, AuthorizationDecided, SessionEnded),
    )
    async def without_asking(authorization: UUID, who: Principal) -> Redirection:
        """Answer an app that asked with prompt=none, for who is signed in.

        With a code if the caller allowed a confidential app all of it before, else with login_required,
        consent_required or interaction_required.
        """
        return await authorizations.without_asking(authorization, who)

    @post("/{authorization:uuid}/nobody", needs=PUBLIC, status_code=200, rate_per_s=50, refuses=(NotFound,))
    async def nobody(authorization: UUID) -> Redirection:
        """Answer an app that asked with prompt=none from a browser where nobody is signed in: login_required."""
        return await authorizations.nobody(authorization)

    routes = [asked, decide, without_asking, nobody]
    return Router("/v1/authorizations", route_handlers=routes, tags=["Sign-in for apps"])
