"""An app asks, a person answers: the authorization endpoint and what its page shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec

from mindlyfe.identity.application.acts import allowance_stream, unrepeatable
from mindlyfe.identity.application.apps import Apps
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.openid import (
    AuthorizationView,
    AuthorizeForm,
    DecideAuthorization,
    Pushed,
    PushForm,
    Redirection,
    ScopeAsked,
)
from mindlyfe.identity.domain import organisation
from mindlyfe.identity.domain.allowance import Given, give
from mindlyfe.identity.domain.app import App
from mindlyfe.identity.domain.app_refusals import (
    AccessDenied,
    AppUnknown,
    InvalidRequest,
    InvalidRequestUri,
    NothingAllowed,
)
from mindlyfe.identity.domain.app_request import LASTS, AppRequest, checked, strong_enough
from mindlyfe.identity.domain.app_scopes import meaning
from mindlyfe.identity.domain.authorization import Allowed, Denied, decide
from mindlyfe.identity.domain.refresh_token import CODE_PURPOSE, SECRET_BYTES, made
from mindlyfe.identity.domain.session import running
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import AssuranceTooLow, NotFound, OAuthRefusal, SignInTooOld
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import REGION, Principal
from mindlyfe.kernel.oauth import error_of
from mindlyfe.kernel.secrecy import Keys

PUSHED_LASTS: Final = timedelta(seconds=60)
URN: Final = "urn:ietf:params:oauth:request_uri:"
type StepUp = Literal["none", "sign-in-too-old", "assurance-too-low"]


class Kept(Protocol):
    """Keeps what may be lost: then the person begins again at the app."""

    async def get(self, name: str) -> bytes | None:
        """The value, while it is there."""
        ...

    async def set(self, name: str, value: bytes, *, lasts: timedelta) -> None:
        """Keep it so long."""
        ...

    async def delete(self, name: str) -> None:
        """Forget it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizations:
    """Requests of apps, sealed while they wait, and the answers of people."""

    streams: IdentityStreams
    apps: Apps
    kept: Kept
    keys: Keys
    issuer: str
    clock: Clock
    ids: Ids
    random: Callable[[int], bytes]

    async def begin(self, form: AuthorizeForm) -> str:
        """Where the browser goes: to our page, or back to the app with an error.

        Raises AppUnknown while it is not certain that the address is the app's: then nobody is sent anywhere.
        """
        client, app = await self.apps.find(form.client_id) or _unknown()
        try:
            pushed = await self._pushed(form)
        except InvalidRequestUri as wrong:
            raise AppUnknown(str(wrong)) from None
        asked = pushed or form
        redirect_uri = _redirect(app, asked)
        try:
            request = checked(asked, client, app, redirect_uri, self.clock())
        except OAuthRefusal as refusal:
            return self._back(redirect_uri, asked.state or "", error=error_of(type(refusal)))
        authorization = self.ids()
        await self._keep(f"authorization/{authorization}", request, LASTS)
        return f"{self.issuer.rstrip('/')}/authorize#request={authorization}"

    async def push(self, form: PushForm, header: str | None) -> Pushed:
        """Keep a request for the moment (RFC 9126). Raises what `Apps.authenticated` and `checked` raise."""
        client, app = await self.apps.authenticated(form, header)
        if form.request_uri is not None:
            raise InvalidRequest("A pushed request names no request_uri.")
        try:
            checked(form, client, app, _redirect(app, form), self.clock())
        except AppUnknown as wrong:
            raise InvalidRequest(str(wrong)) from None
        one = self.ids()
        await self._keep(
            f"pushed/{one}", msgspec.structs.replace(form, client_secret=None, client_id=str(client)), PUSHED_LASTS
        )
        return Pushed(f"{URN}{one}", int(PUSHED_LASTS.total_seconds()))

    async def shown(self, authorization: UUID, who: Principal) -> AuthorizationView:
        """What the page shows. Raises NotFound once it is answered, too old, or the app is gone."""
        request, app = await self._waiting(authorization)
        clinic, _ = await self.streams.organisations.load(who.tenant, who.tenant)
        allowance, _ = await self.streams.allowances.load(who.tenant, allowance_stream(who.tenant, who.id, request.app))
        parts = urlsplit(request.redirect_uri)
        remembered = allowance is not None and allowance.covers(request.scopes) and app.kind != "public"
        return AuthorizationView(
            id=authorization,
            app=request.app,
            app_name=app.name,
            redirect_to=parts.netloc or parts.scheme,
            organisation=who.tenant,
            organisation_name=organisation.existing(clinic).name,
            scopes=tuple(ScopeAsked(one, meaning(one)) for one in request.scopes),
            remembered=remembered and "consent" not in request.prompt,
            step_up=self._step_up(request, who),
            expires_at=request.asked_at + LASTS,
        )

    async def decide(self, authorization: UUID, c: DecideAuthorization, who: Principal) -> Redirection:
        """Answer it, once.

        Raises NotFound, AuthorizationDecided, SignInTooOld, AssuranceTooLow, NothingAllowed, SessionEnded.
        """
        request, _ = await self._waiting(authorization)
        act, now = unrepeatable(who.act), self.clock()
        if c.decision == "deny":
            denied = Denied(person=who.id, app=request.app, at=now)
            await self.streams.authorizations.decide(act.within(REGION), authorization, lambda s: decide(s, denied))
            await self.kept.delete(f"authorization/{authorization}")
            return Redirection(self._back(request.redirect_uri, request.state, error=error_of(AccessDenied)))
        strong_enough(request, aal=who.aal, authenticated_at=who.authenticated_at, now=now)
        scopes = tuple(one for one in request.scopes if one in c.scopes)
        if not scopes or not set(c.scopes) <= set(request.scopes):
            raise NothingAllowed
        code = made(authorization, self.random(SECRET_BYTES), self.keys.mac, CODE_PURPOSE)
        session, _ = await self.streams.sessions.load(REGION, who.session)
        allowed = _allowed(request, who, scopes=scopes, code=code.hash, methods=running(session, now).methods, now=now)
        await self.streams.authorizations.decide(act.within(REGION), authorization, lambda s: decide(s, allowed))
        given = Given(person=who.id, app=request.app, scopes=scopes, at=now)
        stream = allowance_stream(who.tenant, who.id, request.app)
        await self.streams.allowances.decide(act, stream, lambda s: give(s, given))
        await self.kept.delete(f"authorization/{authorization}")
        return Redirection(self._back(request.redirect_uri, request.state, code=code.text))

    async def _waiting(self, authorization: UUID) -> tuple[AppRequest, App]:
        request = await self._read(f"authorization/{authorization}", AppRequest)
        if request is None or self.clock() - request.asked_at > LASTS:
            raise NotFound
        _, app = await self.apps.find(str(request.app)) or (None, None)
        if app is None or request.redirect_uri not in app.redirect_uris:
            raise NotFound
        return request, app

    async def _pushed(self, form: AuthorizeForm) -> PushForm | None:
        if form.request_uri is None:
            return None
        name = f"pushed/{form.request_uri.removeprefix(URN)}"
        pushed = await self._read(name, PushForm) if form.request_uri.startswith(URN) else None
        if pushed is None or pushed.client_id != form.client_id:
            raise InvalidRequestUri
        await self.kept.delete(name)
        return pushed

    async def _keep(self, name: str, value: msgspec.Struct, lasts: timedelta) -> None:
        await self.kept.set(name, self.keys.seal_secret(f"identity/{name}", msgspec.json.encode(value)), lasts=lasts)

    async def _read[T](self, name: str, kind: type[T]) -> T | None:
        sealed = await self.kept.get(name)
        return msgspec.json.decode(self.keys.open_secret(f"identity/{name}", sealed), type=kind) if sealed else None

    def _step_up(self, request: AppRequest, who: Principal) -> StepUp:
        try:
            strong_enough(request, aal=who.aal, authenticated_at=who.authenticated_at, now=self.clock())
        except AssuranceTooLow:
            return "assurance-too-low"
        except SignInTooOld:
            return "sign-in-too-old"
        return "none"

    def _back(self, redirect_uri: str, state: str, **answer: str) -> str:
        """The app's address with the answer, who gives it (RFC 9207), and what the app wants to see again."""
        query = urlencode(answer | ({"state": state} if state else {}) | {"iss": self.issuer})
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"


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


def _redirect(app: App, form: AuthorizeForm) -> str:
    """The address, if it is one of the app's, letter by letter. Raises AppUnknown."""
    if form.redirect_uri not in app.redirect_uris:
        raise AppUnknown
    return form.redirect_uri or ""


def _unknown() -> tuple[UUID, App]:
    raise AppUnknown
