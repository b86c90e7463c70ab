"""Sign-in for apps: what operators register, what people are asked, and the forms and answers of OAuth and OpenID."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.commands import Name
from mindlyfe.kernel.messages import Command, Instant, PersonId, TenantId

type AppKind = Literal["public", "confidential"]

RedirectUri = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=500,
        description="Where the app is told the answer; compared letter by letter.",
        examples=["https://diary.example/signed-in"],
    ),
]
Scope = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z_/*.]{1,100}$", description="A scope.", examples=["patient/Appointment.rs"])
]
RedirectUris = Annotated[tuple[RedirectUri, ...], msgspec.Meta(min_length=1, max_length=20)]
Scopes = Annotated[tuple[Scope, ...], msgspec.Meta(max_length=50)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Short = Annotated[str, msgspec.Meta(max_length=500)]


class RegisterApp(Command, frozen=True):
    """Make an app known: `public` if it cannot keep a secret, as in a browser or on a phone."""

    name: Name
    kind: AppKind
    redirect_uris: RedirectUris
    scopes: Scopes


class ChangeApp(Command, frozen=True):
    """What the app is called, where it sends people, what it may ask for."""

    name: Name
    redirect_uris: RedirectUris
    scopes: Scopes


class AppView(msgspec.Struct, frozen=True, kw_only=True):
    """An app as operators see it. Its `id` is the client_id."""

    id: UUID
    name: str
    kind: AppKind
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    disabled: bool
    registered_at: Instant
    version: int


class AppSecret(msgspec.Struct, frozen=True, kw_only=True):
    """The app's id, and the secret of a confidential one: it is shown now, and never again."""

    id: UUID
    client_secret: str | None
    version: int


class ScopeAsked(msgspec.Struct, frozen=True):
    """A scope, and what it means to the person."""

    scope: str
    meaning: str


class AuthorizationView(msgspec.Struct, frozen=True, kw_only=True):
    """What the person is asked: who wants what, for which organisation, and what happens before they may say yes."""

    id: UUID
    app: UUID
    app_name: str
    redirect_to: str
    """The host, or the scheme, that the answer goes to."""
    organisation: TenantId
    organisation_name: str
    scopes: tuple[ScopeAsked, ...]
    remembered: bool
    """The person allowed all of it before: the page may say yes without asking."""
    step_up: Literal["none", "sign-in-too-old", "assurance-too-low"]
    """What `POST` would refuse now; the page has the person prove who they are first."""
    expires_at: Instant


class DecideAuthorization(Command, frozen=True):
    """Allow the app some or all of the scopes it asked for, or deny it."""

    decision: Literal["allow", "deny"]
    scopes: Scopes = ()


class Redirection(msgspec.Struct, frozen=True):
    """Where the browser goes now: back to the app. It holds a code: keep it out of logs."""

    redirect: str


class AllowedApp(msgspec.Struct, frozen=True, kw_only=True):
    """An app that the caller signs in to from this organisation."""

    app: UUID
    name: str
    scopes: tuple[ScopeAsked, ...]
    allowed_at: Instant


class AuthorizeForm(msgspec.Struct, frozen=True, kw_only=True):
    """An authorization request (RFC 6749, 4.1.1; RFC 7636; OpenID Connect Core, 3.1.2.1)."""

    client_id: Short | None = None
    redirect_uri: Short | None = None
    response_type: Short | None = None
    response_mode: Short | None = None
    scope: Text | None = None
    state: Text | None = None
    nonce: Short | None = None
    code_challenge: Short | None = None
    code_challenge_method: Short | None = None
    prompt: Short | None = None
    max_age: Short | None = None
    acr_values: Short | None = None
    request: Text | None = None
    request_uri: Short | None = None


class PushForm(AuthorizeForm, frozen=True, kw_only=True):
    """An authorization request, pushed (RFC 9126)."""

    client_secret: Short | None = None


class TokenForm(msgspec.Struct, frozen=True, kw_only=True):
    """A token request (RFC 6749, 4.1.3 and 6). The app may name itself in the header Authorization instead."""

    grant_type: Annotated[Short, msgspec.Meta(examples=["authorization_code"])]
    code: Short | None = None
    redirect_uri: Short | None = None
    code_verifier: Short | None = None
    refresh_token: Short | None = None
    scope: Text | None = None
    client_id: Short | None = None
    client_secret: Short | None = None


class TokenHint(msgspec.Struct, frozen=True, kw_only=True):
    """A token to be revoked (RFC 7009) or told about (RFC 7662)."""

    token: Annotated[str, msgspec.Meta(max_length=8192)]
    token_type_hint: Short | None = None
    client_id: Short | None = None
    client_secret: Short | None = None


class TokenAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The tokens (RFC 6749, 5.1). `patient` comes with the scope launch/patient (SMART)."""

    access_token: str
    expires_in: int
    scope: str
    token_type: Literal["Bearer"] | None = None
    refresh_token: str | None = None
    id_token: str | None = None
    patient: PersonId | None = None


class Pushed(msgspec.Struct, frozen=True):
    """What stands for a pushed request, once."""

    request_uri: str
    expires_in: int


class Introspected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a token of the app is worth (RFC 7662)."""

    active: bool
    scope: str | None = None
    client_id: str | None = None
    sub: PersonId | None = None
    token_type: Literal["access_token", "refresh_token"] | None = None
    exp: int | None = None
    iat: int | None = None
    iss: str | None = None
    aud: str | None = None
    acr: str | None = None
    """How well the person was recognised: `aal1`, `aal2` (RFC 9470)."""
    auth_time: int | None = None


class UserInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who signed in (OpenID Connect Core, 5.3), as far as the scopes go."""

    sub: PersonId
    name: str | None = None
    locale: str | None = None
    zoneinfo: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    fhir_user: str | None = msgspec.field(name="fhirUser", default=None)
    """Who it is in FHIR (SMART): `Patient/…` or `Practitioner/…`."""


class IdClaims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an ID token says (OpenID Connect Core, 2)."""

    iss: str
    sub: PersonId
    aud: str
    exp: int
    iat: int
    auth_time: int
    acr: str
    amr: tuple[str, ...]
    at_hash: str
    nonce: str = ""
    fhir_user: str = msgspec.field(name="fhirUser", default="")
    """Who it is in FHIR (SMART): `Patient/…` or `Practitioner/…`."""
