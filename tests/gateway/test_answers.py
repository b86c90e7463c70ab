"""What happens to answers on their way back, and what is written down about them."""

import json
from pathlib import Path
from typing import Any

import pytest

APP = "https://app.example"


def preflight(gate: Any, origin: str, path: str = "/v1/things/1") -> Any:
    headers = {"origin": origin, "access-control-request-method": "PUT", "access-control-request-headers": "if-match"}
    return gate.http.options(path, headers=headers)


def test_listed_origins_may_ask_and_others_may_not(gate: Any, echo: Any, signed_in: dict[str, str]) -> None:
    before = echo.calls
    allowed = preflight(gate, APP)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == APP
    assert "PUT" in allowed.headers["access-control-allow-methods"]
    assert "idempotency-key" in allowed.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in allowed.headers, "cookies are for our own pages"
    assert "access-control-allow-origin" not in preflight(gate, "https://evil.example").headers
    assert echo.calls == before
    answer = gate.http.get("/v1/things/1", headers=signed_in | {"origin": APP})
    assert answer.headers["access-control-allow-origin"] == APP
    assert "etag" in answer.headers["access-control-expose-headers"]
    stranger = gate.http.get("/v1/things/1", headers=signed_in | {"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers


def test_refusals_can_be_read_across_origins(gate: Any) -> None:
    answer = gate.http.get("/v1/things/1", headers={"origin": APP})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == APP


@pytest.mark.parametrize(("accepts", "chosen"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_large_answers_are_compressed(gate: Any, accepts: str, chosen: str | None) -> None:
    with gate.http.stream("GET", "/v1/open?big", headers={"accept-encoding": accepts}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == chosen
    assert (len(raw) < 2_000) == (chosen is not None)


def test_a_version_survives_compression(gate: Any) -> None:
    answer = gate.http.get("/v1/open?big&etag", headers={"accept-encoding": "br, gzip"})
    assert answer.headers["etag"] == '"7"'


def test_the_log_names_routes_and_holds_no_path_query_or_token(
    gate: Any, signed_in: dict[str, str], until: Any
) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    secret = "5f0c8a52-secret"
    answer = gate.http.get(f"/v1/things/{secret}?code={secret}", headers=signed_in | {"traceparent": trace})
    refused = gate.http.get(f"/nowhere/{secret}?code={secret}")
    forged = gate.http.get("/v1/things/1", headers={"authorization": f"Bearer {secret}"})
    log: Path = gate.envoy.settings.access_log
    last = forged.headers["x-request-id"]
    until(lambda: last in log.read_text())
    text = log.read_text()
    assert secret not in text
    assert signed_in["authorization"][7:40] not in text
    lines = {line["request"]: line for line in map(json.loads, text.splitlines()) if "request" in line}
    entry = lines[answer.headers["x-request-id"]]
    assert entry["route"] == "therapy GET /v1/things/{thing}"
    assert (entry["status"], entry["method"], entry["cluster"]) == (200, "GET", "therapy")
    assert entry["traceparent"] == trace
    assert lines[refused.headers["x-request-id"]]["route"] == "unknown"
