"""An app at our door, by authlib; its operator, and the person who is asked."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from joserfc import jws
from msgspec import json

BACK = "https://diary.example/signed-in"
SCOPES = ["openid", "profile", "email", "offline_access", "launch/patient", "fhirUser", "patient/*.rs"]
VERIFIER = "v" * 43
ISSUER = "http://localhost:8080"


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class App:
    """An app at our door, by authlib."""

    house: Any
    id: str
    secret: str | None = None
    method: str = "client_secret_basic"
    found: dict[str, Any] = field(default_factory=dict[str, Any])

    def library(self, scope: str = "openid profile offline_access", **more: Any) -> Any:
        return AsyncOAuth2Client(
            self.id,
            self.secret,
            token_endpoint_auth_method=self.method if self.secret else "none",
            redirect_uri=BACK,
            scope=scope,
            code_challenge_method="S256",
            transport=httpx.ASGITransport(self.house.app, raise_app_exceptions=False, client=("192.0.2.9", 1)),
            **more,
        )

    async def ask(self, **other: str | None) -> httpx.Response:
        """The browser of somebody who is sent to sign in to it."""
        asked = {
            "client_id": self.id,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "openid profile offline_access",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        } | other
        params = {name: value for name, value in asked.items() if value is not None}
        answer: httpx.Response = await self.house.visitor().http.get("/v1/oauth/authorize", params=params)
        return answer

    async def code(self, person: Any, **other: str | None) -> str:
        """A code, the person having said yes to all."""
        return answered(await allowed(person, waiting(await self.ask(**other))))["code"]

    async def token(self, code: str, **other: str | None) -> httpx.Response:
        """Exchange it."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": self.id,
            "client_secret": self.secret,
        } | other
        return await self.send("token", form)

    async def send(self, where: str, form: dict[str, str | None]) -> httpx.Response:
        data = {name: value for name, value in form.items() if value is not None}
        answer: httpx.Response = await self.house.visitor().http.post(f"/v1/oauth/{where}", data=data)
        return answer

    async def renew(self, token: str, **other: str | None) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return await self.send("token", form | {"client_id": self.id, "client_secret": self.secret} | other)

    async def worth(self, token: str) -> dict[str, Any]:
        form = {"token": token, "client_id": self.id, "client_secret": self.secret}
        answer = await self.send("introspect", form)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


def waiting(answer: httpx.Response) -> str:
    """The request that our page is opened with."""
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{ISSUER}/authorize#request="), location
    return str(location.partition("#request=")[2])


def answered(location: str) -> dict[str, str]:
    """What the app is told, at its own address."""
    assert location.startswith(f"{BACK}?"), location
    told = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert told["iss"] == ISSUER
    return told


async def allowed(person: Any, request: str, scopes: list[str] | None = None) -> str:
    """Where the browser goes after a yes."""
    shown = (await person.get(f"/v1/authorizations/{request}")).json()
    wish = {"decision": "allow", "scopes": scopes or [one["scope"] for one in shown["scopes"]]}
    answer = await person.post(f"/v1/authorizations/{request}", wish)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["redirect"])


def error(answer: httpx.Response, status: int, word: str) -> None:
    """The refusal in OAuth's words."""
    assert (answer.status_code, answer.json().get("error")) == (status, word), answer.text
    assert answer.headers["cache-control"] == "no-store"


async def strong(clinic: Any) -> Any:
    """An operator, signed in with a second factor."""
    person = clinic.house.visitor()
    person.headers = await bearer(clinic, "operator", aal=2)
    return person


async def bearer(clinic: Any, *roles: str, aal: int = 1, person: Any = None, **claims: Any) -> dict[str, str]:
    """A token that says what the test wants, by the key that signs."""
    from mindlyfe.identity.contract import SigningKeys  # noqa: PLC0415
    from mindlyfe.kernel.access import Claims  # noqa: PLC0415

    now = int(clinic.house.clock().timestamp())
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": "mindlyfe",
        "sub": person or uuid4(),
        "tenant": clinic.tenant,
        "region": "eu",
        "roles": frozenset(roles),
        "sid": uuid4(),
        "aal": aal,
        "auth_time": now,
        "iat": now,
        "exp": now + 600,
        "jti": uuid4(),
    } | claims
    token = await clinic.house.module.answers[SigningKeys].signed(Claims(**said))
    return {"authorization": f"Bearer {token}"}


async def registered(house: Any, operator: Any, *, kind: str = "confidential", **other: Any) -> App:
    wish = {"name": "Diary", "kind": kind, "redirect_uris": [BACK], "scopes": SCOPES} | other
    answer = await operator.post("/v1/apps", wish)
    assert answer.status_code == 201, answer.text
    return App(house, answer.json()["id"], answer.json()["client_secret"])


async def push(app: App, **other: str | None) -> dict[str, str | None]:
    return {
        "client_id": app.id,
        "client_secret": app.secret,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    } | other


def said(token: dict[str, Any]) -> dict[str, Any]:
    """The claims of the ID token, its signature unchecked."""
    claims: dict[str, Any] = json.decode(jws.extract_compact(token["id_token"].encode()).payload)
    return claims


def holder(clinic: Any, tokens: dict[str, Any]) -> Any:
    """Whoever has the access token."""
    visitor = clinic.house.visitor()
    visitor.headers = {"authorization": f"Bearer {tokens['access_token']}"}
    return visitor
