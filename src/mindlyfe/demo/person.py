"""Somebody at a keyboard: an HTTP client with a bearer token, and the words of the API."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from pyotp.totp import TOTP

PASSWORD_BYTES = 15
PERIOD_S = 30


def new_password() -> str:
    """A password nobody would guess, nor any rule refuse."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


@dataclass(slots=True)
class Person:
    """One person and their browser, talking to the gateway at `base`."""

    base: str
    name: str
    email: str
    password: str = field(default_factory=new_password, repr=False)
    zone: str = "Europe/London"
    id: str = ""
    tenant: str = ""
    refresh: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    """Of the authenticator app, once there is one."""
    _step: int = field(default=0, repr=False)
    _token: str = field(default="", repr=False)
    _http: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.base, timeout=20)

    def call(self, method: str, path: str, json: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        """One request with this person's token, if they have one."""
        return self._http.request(method, path, json=json, headers=self.authorization | (headers or {}))

    @property
    def authorization(self) -> dict[str, str]:
        """The header that says who one is; none before signing in."""
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def sign_in(self, organisation: str | None = None) -> None:
        """Get tokens by e-mail and password, and by a code for who has an app; learn who one is."""
        asked: dict[str, Any] = {"email": self.email, "password": self.password, "delivery": "bearer"}
        if organisation:
            asked["organisation"] = organisation
        answer = expect(self.call("POST", "/v1/sessions", asked), 201, 202)
        if answer.status_code == 202:
            proof = {"method": "totp", "code": self._code()}
            second = {"challenge": answer.json()["challenge"], "delivery": "bearer", "proof": proof}
            answer = expect(self.call("POST", "/v1/sessions/second-factor", second), 201)
        self._take(answer.json())
        me = expect(self.call("GET", "/v1/me"), 200).json()
        self.id, self.tenant = me["person"], me["organisation"]

    def enrol(self) -> None:
        """Get an authenticator app, which makes this session strong."""
        self.secret = expect(self.call("POST", "/v1/me/factors/totp"), 201).json()["secret"]
        answer = expect(self.call("POST", "/v1/me/factors/totp/confirmation", {"code": self._code()}), 200)
        self._take(answer.json()["session"])

    def renew(self) -> None:
        """Exchange the refresh token for new tokens."""
        answer = expect(self.call("POST", "/v1/sessions/refresh", {"refresh_token": self.refresh}), 200, 201)
        self._take(answer.json())

    def sign_out(self) -> None:
        """End the session."""
        expect(self.call("DELETE", "/v1/sessions/current"), 200, 204)

    def _code(self) -> str:
        """A code of the app that was not given yet: there are three at any moment, else it waits for the next."""
        self._step = max(self._step + 1, int(time.time()) // PERIOD_S - 1)
        time.sleep(max(0.0, (self._step - 1) * PERIOD_S - time.time()))
        return TOTP(self.secret).generate_otp(self._step)

    def _take(self, tokens: dict[str, Any]) -> None:
        self._token, self.refresh = tokens["access_token"], tokens["refresh_token"]


def expect(answer: httpx.Response, *allowed: int) -> httpx.Response:
    """The answer, if its status is one of `allowed`. Raises AssertionError with the problem's own words otherwise."""
    if answer.status_code not in allowed:
        words = answer.text[:300]
        raise AssertionError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {words}")
    return answer


def refused(answer: httpx.Response, status: int, code: str = "") -> None:
    """Check that the answer is this refusal, as problem+json. Raises AssertionError."""
    expect(answer, status)
    kind = answer.headers.get("content-type", "")
    assert kind.startswith("application/problem+json"), f"{status} came as {kind}, not as problem+json"
    problem = answer.json()
    assert not code or problem["type"].endswith(f"/{code}"), f"expected {code}, got {problem['type']}"
