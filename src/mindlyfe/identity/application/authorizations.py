"""An app asks, a person answers: what the page of a request shows, and what comes of the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from mindlyfe.identity.application.acts import allowance_stream, unrepeatable
from mindlyfe.identity.application.app_requests import AppRequests
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.openid import AuthorizationView, DecideAuthorization, Redirection, ScopeAsked
from mindlyfe.identity.domain import organisation
from mindlyfe.identity.domain.allowance import Given, give
from mindlyfe.identity.domain.app import App
from mindlyfe.identity.domain.app_refusals import AccessDenied, LoginRequired, NothingAllowed
from mindlyfe.identity.domain.app_request import LASTS, AppRequest, strong_enough, unattended
from mindlyfe.identity.domain.app_scopes import meaning
from mindlyfe.identity.domain.authorization import Allowed, Denied, decide
from mindlyfe.identity.domain.refresh_token import CODE_PURPOSE, SECRET_BYTES, made
from mindlyfe.identity.domain.session import running
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import AssuranceTooLow, NotFound, OAuthRefusal, SignInTooOld
from mindlyfe.kernel.messages import REGION, Principal
from mindlyfe.kernel.secrecy import Keys

type StepUp = Literal["none", "sign-in-too-old", "assurance-too-low"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizations:
    """The answers of people, and those that need nobody to be asked."""

    streams: IdentityStreams
    requests: AppRequests
    keys: Keys
    clock: Clock
    random: Callable[[int], bytes]

    async def shown(self, authorization: UUID, who: Principal) -> AuthorizationView:
        """What the page shows. Raises NotFound once it is answered, too old, or the app is gone."""
        request, app = await self.requests.waiting(authorization)
        clinic, _ = await self.streams.organisations.load(who.tenant, who.tenant)
        parts = urlsplit(request.redirect_uri)
        remembered = await self._allowed_before(request, who) and app.kind != "public"
        return AuthorizationView(
            id=authorization,
            app=request.app,
            app_name=app.name,
            redirect_to=parts.netloc or parts.scheme,
            organisation=who.tenant,
            organisation_name=organisation.existing(clinic).name,
            scopes=tuple(ScopeAsked(one, meaning(one)) for one in request.scopes),
            remembered=remembered and not request.attended,
            step_up=self._step_up(request, who),
            expires_at=request.asked_at + LASTS,
        )

    async def decide(self, authorization: UUID, c: DecideAuthorization, who: Principal) -> Redirection:
        """Answer it, once.

        Raises NotFound, AuthorizationDecided, SignInTooOld, AssuranceTooLow, NothingAllowed, SessionEnded.
        """
        request, _ = await self.requests.waiting(authorization)
        now = self.clock()
        if c.decision == "deny":
            denied, act = Denied(person=who.id, app=request.app, at=now), unrepeatable(who.act).within(REGION)
            await self.streams.authorizations.decide(act, authorization, lambda state: decide(state, denied))
            return await self.requests.refused(authorization, request, AccessDenied)
        strong_enough(request, aal=who.aal, authenticated_at=who.authenticated_at, now=now)
        scopes = tuple(one for one in request.scopes if one in c.scopes)
        if not scopes or not set(c.scopes) <= set(request.scopes):
            raise NothingAllowed
        return await self._granted(authorization, request, scopes, who)

    async def without_asking(self, authorization: UUID, who: Principal) -> Redirection:
        """Answer a request with prompt=none: by a code, or by why the person would have to be asked.

        Raises NotFound, AuthorizationDecided, SessionEnded.
        """
        request, app = await self._silent(authorization)
        before, now = await self._allowed_before(request, who), self.clock()
        try:
            unattended(request, app, allowed=before, aal=who.aal, authenticated_at=who.authenticated_at, now=now)
        except OAuthRefusal as why:
            return await self.requests.refused(authorization, request, type(why))
        return await self._granted(authorization, request, request.scopes, who)

    async def nobody(self, authorization: UUID) -> Redirection:
        """Answer a request with prompt=none in a browser where nobody is signed in. Raises NotFound."""
        request, _ = await self._silent(authorization)
        return await self.requests.refused(authorization, request, LoginRequired)

    async def _silent(self, authorization: UUID) -> tuple[AppRequest, App]:
        request, app = await self.requests.waiting(authorization)
        if not request.silent:
            raise NotFound
        return request, app

    async def _allowed_before(self, request: AppRequest, who: Principal) -> bool:
        stream = allowance_stream(who.tenant, who.id, request.app)
        allowance, _ = await self.streams.allowances.load(who.tenant, stream)
        return allowance is not None and allowance.covers(request.scopes)

    async def _granted(
        self, authorization: UUID, request: AppRequest, scopes: Sequence[str], who: Principal
    ) -> Redirection:
        """The code, once it is on record that the person allowed it."""
        act, now = unrepeatable(who.act), self.clock()
        code = made(authorization, self.random(SECRET_BYTES), self.keys.mac, CODE_PURPOSE)
        session, _ = await self.streams.sessions.load(REGION, who.session)
        methods = running(session, now).methods
        allowed = _allowed(request, who, scopes=tuple(scopes), code=code.hash, methods=methods, now=now)
        await self.streams.authorizations.decide(
            act.within(REGION), authorization, lambda state: decide(state, allowed)
        )
        given = Given(person=who.id, app=request.app, scopes=tuple(scopes), at=now)
        stream = allowance_stream(who.tenant, who.id, request.app)
        await self.streams.allowances.decide(act, stream, lambda state: give(state, given, asked=request.scopes))
        return await self.requests.granted(authorization, request, code.text)

    def _step_up(self, request: AppRequest, who: Principal) -> StepUp:
        try:
            strong_enough(request, aal=who.aal, authenticated_at=who.authenticated_at, now=self.clock())
        except AssuranceTooLow:
            return "assurance-too-low"
        except SignInTooOld:
            return "sign-in-too-old"
        return "none"


def _allowed(
    request: AppRequest,
    who: Principal,
    *,
    scopes: tuple[str, ...],
    code: bytes,
    methods: tuple[str, ...],
    now: datetime,
) -> Allowed:
    return Allowed(
        person=who.id,
        organisation=who.tenant,
        app=request.app,
        redirect_uri=request.redirect_uri,
        scopes=scopes,
        challenge=request.challenge,
        nonce=request.nonce,
        code=code,
        aal=who.aal,
        methods=methods,
        authenticated_at=who.authenticated_at,
        at=now,
        approved_in=who.session,
    )
