"""Requests of apps: taken in at the authorization endpoint, sealed while they wait for their person, told back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from mindlyfe.identity.application.apps import Apps
from mindlyfe.identity.contract.openid import AuthorizeForm, Pushed, PushForm, Redirection
from mindlyfe.identity.domain.app import App
from mindlyfe.identity.domain.app_refusals import AppUnknown, InvalidRequest, InvalidRequestUri
from mindlyfe.identity.domain.app_request import LASTS, AppRequest, checked
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound, OAuthRefusal
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.oauth import error_of
from mindlyfe.kernel.secrecy import Keys

PUSHED_LASTS: Final = timedelta(seconds=60)
URN: Final = "urn:ietf:params:oauth:request_uri:"


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
class AppRequests:
    """From an app's request to the answer that goes back to it."""

    apps: Apps
    kept: Kept
    keys: Keys
    issuer: str
    clock: Clock
    ids: Ids

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
        page = f"{self.issuer.rstrip('/')}/authorize#request={authorization}"
        return f"{page}&prompt=none" if request.silent else page

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

    async def waiting(self, authorization: UUID) -> tuple[AppRequest, App]:
        """The request and its app. Raises NotFound once it is answered, too old, or the app is gone."""
        request = await self._read(f"authorization/{authorization}", AppRequest)
        if request is None or self.clock() - request.asked_at > LASTS:
            raise NotFound
        _, app = await self.apps.find(str(request.app)) or (None, None)
        if app is None or request.redirect_uri not in app.redirect_uris:
            raise NotFound
        return request, app

    async def refused(self, authorization: UUID, request: AppRequest, why: type[OAuthRefusal]) -> Redirection:
        """Back to the app, which learns why; the request is answered."""
        return await self._answered(authorization, request, error=error_of(why))

    async def granted(self, authorization: UUID, request: AppRequest, code: str) -> Redirection:
        """Back to the app with a code; the request is answered."""
        return await self._answered(authorization, request, code=code)

    async def _answered(self, authorization: UUID, request: AppRequest, **answer: str) -> Redirection:
        await self.kept.delete(f"authorization/{authorization}")
        return Redirection(self._back(request.redirect_uri, request.state, **answer))

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

    def _back(self, redirect_uri: str, state: str, **answer: str) -> str:
        """The app's address with the answer, who gives it (RFC 9207), and what the app wants to see again."""
        query = urlencode(answer | ({"state": state} if state else {}) | {"iss": self.issuer})
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"


def _redirect(app: App, form: AuthorizeForm) -> str:
    """The address, if it is one of the app's, letter by letter. Raises AppUnknown."""
    if form.redirect_uri not in app.redirect_uris:
        raise AppUnknown
    return form.redirect_uri or ""


def _unknown() -> tuple[UUID, App]:
    raise AppUnknown
