"""Who gets in: bearer and cookie tokens, verified by identity's published keys."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from joserfc import jwk

COOKIE = "mindlyfe_main_access"


def problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "correlation"}
    assert body["status"] == answer.status_code
    assert body["detail"]
    return body


def unsigned() -> str:
    """A token that says it needs no signature."""
    parts = ({"alg": "none"}, {"iss": "http://localhost:8080", "aud": "mindlyfe", "exp": 9_999_999_999})
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def test_without_a_token_nothing_protected_is_reached(gate: Any, echo: Any) -> None:
    before = echo.calls
    protected = (("GET", "/v1/things/1"), ("PUT", "/v1/things/1"), ("POST", "/v1/ingest/x"), ("GET", "/v1/stream"))
    for method, path in protected:
        answer = gate.http.request(method, path)
        assert answer.status_code == 401
        assert problem(answer)["type"] == "/problems/unauthenticated"
        assert answer.headers["www-authenticate"] == 'Bearer realm="mindlyfe"'
    assert echo.calls == before


def test_a_bearer_token_passes_and_reaches_the_service_which_verifies_again(gate: Any, signed_in: Any) -> None:
    answer = gate.http.get("/v1/things/1", headers=signed_in)
    assert answer.status_code == 200
    assert answer.json()["headers"]["authorization"] == signed_in["authorization"]


def test_a_cookie_token_passes(gate: Any, make_token: Any) -> None:
    answer = gate.http.get("/v1/things/1", headers={"cookie": f"{COOKIE}={make_token()}"})
    assert answer.status_code == 200


def test_a_stale_cookie_beside_a_good_bearer_token_does_no_harm(gate: Any, make_token: Any, signed_in: Any) -> None:
    stale = {"cookie": f"{COOKIE}={make_token(exp=1)}"}
    assert gate.http.get("/v1/things/1", headers=signed_in | stale).status_code == 200
    assert gate.http.get("/v1/things/1", headers=stale).status_code == 401


def test_a_good_cookie_does_not_excuse_a_bad_bearer_token(gate: Any, make_token: Any) -> None:
    headers = {"cookie": f"{COOKIE}={make_token()}", "authorization": f"Bearer {make_token(exp=1)}"}
    assert gate.http.get("/v1/things/1", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "claims", [{"exp": 1}, {"iss": "http://elsewhere"}, {"aud": "another"}, {"exp": None}], ids=lambda c: next(iter(c))
)
def test_wrong_claims_are_refused(gate: Any, make_token: Any, claims: dict[str, Any]) -> None:
    answer = gate.http.get("/v1/things/1", headers={"authorization": f"Bearer {make_token(**claims)}"})
    assert answer.status_code == 401
    problem(answer)


def test_forged_tokens_are_refused(gate: Any, make_token: Any, signed_in: Any) -> None:
    foreign = make_token(jwk.ECKey.generate_key("P-256", {"kid": "k1"}))
    for forged in (foreign, unsigned(), "rubbish", signed_in["authorization"][7:] + "AAAA"):
        answer = gate.http.get("/v1/things/1", headers={"authorization": f"Bearer {forged}"})
        assert answer.status_code == 401, forged
        problem(answer)
    assert gate.http.get("/v1/things/1", headers={"authorization": "Basic YTpi"}).status_code == 401


def test_public_routes_do_not_mind_a_stale_token(gate: Any, make_token: Any) -> None:
    headers = {"cookie": f"{COOKIE}={make_token(exp=1)}", "authorization": "Bearer rubbish"}
    assert gate.http.post("/v1/open", headers=headers).status_code == 200


def test_while_identity_is_away_nobody_is_told_to_sign_in_again(
    start: Callable[..., AbstractContextManager[Any]], signed_in: dict[str, str], until: Any
) -> None:
    with start(away="identity") as gate:
        answer = gate.http.get("/v1/things/1", headers=signed_in)
        assert answer.status_code == 503
        assert problem(answer)["type"] == "/problems/unavailable"
        assert answer.headers["retry-after"]
        assert gate.http.get("/v1/things/1").status_code == 401
        gate.place("identity", gate.upstreams["identity"])
        until(lambda: gate.http.get("/v1/things/1", headers=signed_in).status_code == 200)
