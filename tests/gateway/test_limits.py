"""Limits of the edge: sizes, rates, slow and endless requests; each refusal is a problem that helps."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.client import HTTPResponse
from typing import Any

import httpx
import pytest

from mindlyfe.gateway.settings import Limits


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    body: dict[str, Any] = answer.json()
    assert (body["type"], body["status"]) == (f"/problems/{code}", status)
    assert body["correlation"] == answer.headers["x-request-id"]
    return body


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_routes_limit_is_refused(gate: Any, echo: Any, signed_in: Any, chunked: bool) -> None:
    before = echo.calls
    body = b"x" * 2_001
    answer = gate.http.put("/v1/things/1", headers=signed_in, content=iter([body]) if chunked else body)
    problem(answer, 413, "too-large")
    assert echo.calls == before


def test_a_body_at_the_limit_arrives_whole(gate: Any, signed_in: Any) -> None:
    answer = gate.http.put("/v1/things/1", headers=signed_in, content=iter([b"x" * 1_000] * 2))
    assert answer.json()["size"] == 2_000
    assert "transfer-encoding" not in answer.json()["headers"]


def test_headers_too_large_or_too_many_are_refused(gate: Any) -> None:
    assert gate.http.get("/v1/open", headers={"x-long": "x" * 40_000}).status_code == 431
    assert gate.http.get("/v1/open", headers={f"x-{n}": "1" for n in range(100)}).status_code == 431


def test_a_route_with_a_rate_lets_five_seconds_worth_through_at_once(gate: Any) -> None:
    answers = [gate.http.post("/v1/rare") for _ in range(12)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:5] == [200] * 5
    assert 429 in statuses
    refused = next(answer for answer in answers if answer.status_code == 429)
    problem(refused, 429, "too-many-requests")
    assert int(refused.headers["retry-after"]) >= 1
    assert gate.http.post("/v1/open").status_code == 200, "other routes are not concerned"


def test_each_client_address_has_its_own_rate(gate: Any) -> None:
    def post_from(address: str) -> int:
        transport = httpx.HTTPTransport(local_address=address)
        with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{gate.port}") as http:
            return http.post("/v1/rare").status_code

    assert 429 in [post_from("127.0.0.2") for _ in range(12)]
    assert post_from("127.0.0.3") == 200


def test_one_address_has_a_rate_for_all_routes_together(start: Callable[..., AbstractContextManager[Any]]) -> None:
    with start(limits=Limits(client_per_s=2)) as gate:
        answers = [gate.http.get(path) for path in ["/v1/open", "/nowhere", "/v1/quick"] * 5]
        assert answers[0].status_code == 200
        problem(answers[-1], 429, "too-many-requests")


def test_slow_requests_are_ended(start: Callable[..., AbstractContextManager[Any]]) -> None:
    limits = Limits(headers_s=0.5, request_s=0.5, idle_s=2)
    heads = {
        "head": b"GET /v1/open HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        "body": b"POST /v1/open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
    }
    with start(limits=limits) as gate:
        for what, begun in heads.items():
            with socket.create_connection(("127.0.0.1", gate.port), timeout=5) as connection:
                connection.sendall(begun)
                response = HTTPResponse(connection)
                response.begin()
                assert response.status == 408, what
                assert response.headers["content-type"] == "application/problem+json"
        with socket.create_connection(("127.0.0.1", gate.port), timeout=5) as connection:
            assert connection.recv(1) == b"", "a silent connection is closed"
        assert gate.upstreams["therapy"].calls == 0
