"""Somebody at a keyboard: an HTTP client with a bearer token, and the words of the API."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

PASSWORD_BYTES = 15


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
        """Get tokens by e-mail and password, and learn who one is."""
        asked: dict[str, Any] = {"email": self.email, "password": self.password, "delivery": "bearer"}
        if organisation:
            asked["organisation"] = organisation
        self._take(expect(self.call("POST", "/v1/sessions", asked), 200, 201))
        me = expect(self.call("GET", "/v1/me"), 200).json()
        self.id, self.tenant = me["person"], me["organisation"]

    def renew(self) -> None:
        """Exchange the refresh token for new tokens."""
        self._take(expect(self.call("POST", "/v1/sessions/refresh", {"refresh_token": self.refresh}), 200, 201))

    def sign_out(self) -> None:
        """End the session."""
        expect(self.call("DELETE", "/v1/sessions/current"), 200, 204)

    def _take(self, answer: httpx.Response) -> None:
        tokens = answer.json()
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
