"""What an app asks of a person, checked before anybody is sent anywhere."""

import re
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.app import App
from mindlyfe.identity.domain.app_refusals import (
    ConsentRequired,
    InteractionRequired,
    InvalidRequest,
    InvalidScope,
    LoginRequired,
    RequestNotSupported,
    UnsupportedResponseType,
)
from mindlyfe.identity.domain.app_scopes import listed
from mindlyfe.kernel.errors import AssuranceTooLow, SignInTooOld
from mindlyfe.kernel.messages import Instant
from mindlyfe.kernel.scopes import covered

LASTS: Final = timedelta(minutes=10)
CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
ASSURANCE: Final = {"aal1": 1, "aal2": 2}
"""`acr` → assurance level."""
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})


class Asked(Protocol):
    """The parameters of the request, as they came."""

    @property
    def response_type(self) -> str | None: ...
    @property
    def response_mode(self) -> str | None: ...
    @property
    def request(self) -> str | None: ...
    @property
    def scope(self) -> str | None: ...
    @property
    def state(self) -> str | None: ...
    @property
    def nonce(self) -> str | None: ...
    @property
    def code_challenge(self) -> str | None: ...
    @property
    def code_challenge_method(self) -> str | None: ...
    @property
    def prompt(self) -> str | None: ...
    @property
    def max_age(self) -> str | None: ...
    @property
    def acr_values(self) -> str | None: ...


class AppRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that a person may answer, until `expires_at`."""

    app: UUID
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str
    challenge: str
    prompt: frozenset[str]
    max_age: int | None
    aal: int
    asked_at: Instant

    @property
    def silent(self) -> bool:
        """Whether the app wants its answer without the person seeing a page."""
        return "none" in self.prompt

    @property
    def attended(self) -> bool:
        """Whether the app wants the person to see it, whatever they allowed before."""
        return not self.prompt.isdisjoint({"consent", "select_account"})


def checked(asked: Asked, client: UUID, app: App, redirect_uri: str, now: datetime) -> AppRequest:
    """The request, all of whose redirect address is known to be the app's.

    Raises UnsupportedResponseType, RequestNotSupported, InvalidRequest, InvalidScope.
    """
    if asked.request:
        raise RequestNotSupported
    if asked.response_type != "code":
        raise UnsupportedResponseType
    if asked.response_mode not in {None, "query"}:
        raise InvalidRequest("The code comes by response_mode=query.")
    if asked.code_challenge_method != "S256" or not CHALLENGE.fullmatch(asked.code_challenge or ""):
        raise InvalidRequest("PKCE with code_challenge_method=S256 is required.")
    return AppRequest(
        app=client,
        redirect_uri=redirect_uri,
        scopes=_scopes(asked.scope or "", app),
        state=asked.state or "",
        nonce=asked.nonce or "",
        challenge=asked.code_challenge or "",
        prompt=_prompt(asked.prompt or ""),
        max_age=_max_age(asked.max_age),
        aal=min((level for acr, level in ASSURANCE.items() if acr in (asked.acr_values or "").split()), default=1),
        asked_at=now,
    )


def strong_enough(request: AppRequest, *, aal: int, authenticated_at: datetime, now: datetime) -> None:
    """Whether the sign-in of who answers is what the app asked for. Raises AssuranceTooLow, SignInTooOld.

    Who proved it after the app asked did what it asked for, however short a time it gave: nobody is sent in circles.
    """
    if aal < request.aal:
        raise AssuranceTooLow
    if authenticated_at >= request.asked_at.replace(microsecond=0):
        return
    if "login" in request.prompt:
        raise SignInTooOld
    if request.max_age is not None and now - authenticated_at > timedelta(seconds=request.max_age):
        raise SignInTooOld


def unattended(
    request: AppRequest, app: App, *, allowed: bool, aal: int, authenticated_at: datetime, now: datetime
) -> None:
    """Whether who is signed in may be answered for without seeing a page: they `allowed` all of it before.

    Not for a public app: anybody can take its name. Raises LoginRequired, ConsentRequired, InteractionRequired.
    """
    try:
        strong_enough(request, aal=aal, authenticated_at=authenticated_at, now=now)
    except SignInTooOld:
        raise LoginRequired from None
    except AssuranceTooLow:
        raise InteractionRequired from None
    if not allowed:
        raise ConsentRequired
    if app.kind == "public":
        raise InteractionRequired


def _scopes(scope: str, app: App) -> tuple[str, ...]:
    scopes = listed(scope)
    if not scopes or not all(covered(one, app.scopes) for one in scopes):
        raise InvalidScope
    return scopes


def _prompt(prompt: str) -> frozenset[str]:
    values = frozenset(prompt.split())
    if not values <= PROMPTS or ("none" in values and len(values) > 1):
        raise InvalidRequest("prompt is not one of those that the discovery document lists.")
    return values


def _max_age(seconds: str | None) -> int | None:
    if seconds is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", seconds):
        raise InvalidRequest("max_age is a number of seconds.")
    return int(seconds)
