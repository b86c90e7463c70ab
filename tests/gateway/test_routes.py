"""Which requests reach which processes: known paths only, as processes come, fail and go."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest


def problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{code}"
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/v1", "/v1/nothing", "/v1/open/", "/dev/mailbox", "/.git/config"]
)
def test_unknown_addresses_are_not_found_with_or_without_a_token(
    gate: Any, echo: Any, signed_in: Any, path: str
) -> None:
    before = echo.calls
    problem(gate.http.get(path), 404, "not-found")
    problem(gate.http.get(path, headers=signed_in), 404, "not-found")
    assert echo.calls == before


def test_a_known_address_tells_its_methods(gate: Any, signed_in: Any) -> None:
    answer = gate.http.delete("/v1/things/1", headers=signed_in)
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, PUT"
    problem(gate.http.request("TRACE", "/v1/open"), 405, "method-not-allowed")
    problem(gate.http.delete("/crisis"), 405, "method-not-allowed")


def test_paths_reach_the_service_unchanged(gate: Any, signed_in: Any) -> None:
    told = gate.http.get("/v1/things/a-b?x=1&y=%20", headers=signed_in).json()
    assert (told["path"], told["query"]) == ("/v1/things/a-b", "x=1&y=%20")
    assert gate.http.post("/v1/ingest/any/depth", headers=signed_in).json()["path"] == "/v1/ingest/any/depth"
    problem(gate.http.post("/v1/ingestion", headers=signed_in), 404, "not-found")


def test_api_descriptions_and_keys_are_public(gate: Any) -> None:
    for path in ("/therapy/openapi.json", "/identity/openapi.json", "/.well-known/jwks.json"):
        assert gate.http.get(path).status_code == 200, path


def test_other_host_names_are_refused(gate: Any) -> None:
    problem(gate.http.get("/v1/open", headers={"host": "evil.example"}), 421, "misdirected")
    problem(gate.http.get("/", headers={"host": "evil.example"}), 421, "misdirected")
    for host in ("localhost", "localhost:99", "127.0.0.1:1", "[::1]:1"):
        assert gate.http.get("/v1/open", headers={"host": host}).status_code == 200, host


def test_a_slow_service_is_given_up_at_the_routes_time(gate: Any) -> None:
    problem(gate.http.get("/v1/quick?sleep"), 504, "timed-out")


def test_reading_is_repeated_and_writing_is_not(gate: Any, echo: Any) -> None:
    echo.failures = 2
    assert gate.http.get("/v1/open").status_code == 200
    echo.failures, before = 1, echo.calls
    assert gate.http.post("/v1/open").status_code == 503
    assert echo.calls == before + 1


def test_the_mailbox_is_there_in_development_only(
    start: Callable[..., AbstractContextManager[Any]], running: Any, upstream: Any
) -> None:
    with running(upstream), start(mode="development", mailbox=("127.0.0.1", upstream.port)) as gate:
        assert gate.http.get("/dev/mailbox").json()["port"] == upstream.port
        assert gate.http.get("/dev/mailbox/messages").json()["path"] == "/dev/mailbox/messages"
        problem(gate.http.get("/dev/other"), 404, "not-found")
        policy = gate.http.get("/dev/mailbox").headers["content-security-policy"]
        assert "default-src 'none'; style-src 'unsafe-inline'" in policy, "mail has its styles in itself"


def test_processes_come_fail_and_go(
    start: Callable[..., AbstractContextManager[Any]], running: Any, upstream: Any, until: Any
) -> None:
    with start() as gate, running(upstream) as second:
        first = gate.upstreams["therapy"]

        def answering() -> set[int]:
            return {gate.http.post("/v1/open").json().get("port", 0) for _ in range(20)}

        assert answering() == {first.port}
        gate.place("therapy", first, second)
        until(lambda: answering() == {first.port, second.port})
        first.ready = False
        until(lambda: answering() == {second.port})
        first.ready = True
        until(lambda: answering() == {first.port, second.port})
        first.failures = 10_000
        until(lambda: answering() == {second.port})
        gate.place("therapy", second)
        until(lambda: answering() == {second.port})
        gate.place("therapy")
        until(lambda: gate.http.post("/v1/open").status_code == 503)
        problem(gate.http.post("/v1/open"), 503, "unavailable")
        assert gate.http.post("/v1/open").headers["retry-after"]
