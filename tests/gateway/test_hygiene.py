"""Nothing a client says about who or where it is reaches a service as sent; malformed requests reach nobody."""

import json
import socket
from http.client import BadStatusLine, HTTPResponse
from ipaddress import ip_address
from typing import Any

import pytest

LIES = {
    "x-sub": "spoofed",
    "x-jwt-sub": "spoofed",
    "X-JWT-Payload": "spoofed",
    "x-request-id": "spoofed",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-proto": "spoofed",
    "x-forwarded-host": "spoofed",
    "x-forwarded-client-cert": "spoofed",
    "x-envoy-original-path": "spoofed",
    "x-envoy-external-address": "203.0.113.7",
    "x-envoy-upstream-rq-timeout-ms": "1",
    "x-envoy-retry-on": "5xx",
    "x-envoy-internal": "true",
    "x-real-ip": "203.0.113.7",
    "forwarded": "for=203.0.113.7",
    "true-client-ip": "203.0.113.7",
    "x-http-method-override": "DELETE",
    "x-method-override": "DELETE",
    "x_forwarded_for": "203.0.113.7",
    "x_sub": "spoofed",
    "b3": "spoofed",
    "x-mindlyfe-tenant": "spoofed",
    "x-original-url": "/livez",
}


@pytest.mark.parametrize("path", ["/v1/open", "/v1/things/1"])
def test_asvs_4_1_3_what_a_client_claims_about_itself_never_arrives(
    gate: Any, signed_in: dict[str, str], path: str
) -> None:
    answer = gate.http.get(path, headers=signed_in | LIES)
    assert answer.status_code == 200
    arrived = answer.json()["headers"]
    told = " ".join(f"{name}={value}" for name, value in arrived.items())
    assert "spoofed" not in told
    assert "203.0.113" not in told
    assert ip_address(arrived["x-forwarded-for"])  # one address; Envoy names the machine's own for loopback
    assert arrived["x-forwarded-proto"] == "http"
    assert not {name for name in arrived if "envoy" in name or "_" in name or "override" in name}
    assert answer.json()["method"] == "GET"


def test_hop_by_hop_tricks_do_not_shed_headers(gate: Any, signed_in: dict[str, str]) -> None:
    nominated = {"connection": "x-forwarded-for, x-request-id, authorization"}
    answer = gate.http.get("/v1/things/1", headers=signed_in | nominated)
    if answer.status_code == 200:
        assert {"x-forwarded-for", "x-request-id", "authorization"} <= set(answer.json()["headers"])


def test_trace_context_passes_and_request_ids_are_ours(gate: Any) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = gate.http.get("/v1/open", headers={"traceparent": trace, "tracestate": "a=b", "x-request-id": "mine"})
    arrived = answer.json()["headers"]
    assert arrived["traceparent"] == trace
    assert arrived["tracestate"] == "a=b"
    assert arrived["x-request-id"] == answer.headers["x-request-id"] != "mine"


def test_answers_do_not_tell_what_runs_inside(gate: Any) -> None:
    answer = gate.http.get("/v1/open")
    assert answer.headers["server"] == "mindlyfe"
    assert not [name for name in answer.headers if "envoy" in name]


def raw(port: int, request: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to these bytes; 0 when the server just closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection)
        try:
            response.begin()
            return response.status, response.read()
        except (BadStatusLine, ConnectionResetError):
            return 0, b""


HOST = b"Host: localhost\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /v1/open HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/open HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        b"POST /v1/open HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        b"GET /v1/open HTTP/1.1\r\n" + HOST + b"X-A : b\r\n\r\n",
        b"GET /v1/open HTTP/1.1\r\n" + HOST + b"X-A: b\r\n folded\r\nX-B: \x00\r\n\r\n",
        b"GET /v1/open HTTP/1.1\r\n\r\n",
        b"GET /v1/open HTTP/1.0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nrubbish",
        b"\x16\x03\x01 not http\r\n\r\n",
    ],
    ids=["length+chunked", "two lengths", "encodings", "space", "nul", "no host", "http/1.0", "h2 rubbish", "tls"],
)
def test_asvs_4_2_1_ambiguous_http_reaches_nobody(gate: Any, echo: Any, request_bytes: bytes) -> None:
    before = echo.calls
    status, _ = raw(gate.port, request_bytes)
    assert status in {0, 400, 426, 501}
    assert echo.calls == before


@pytest.mark.parametrize("path", ["/v1/things/a%2Fb", "/v1/things/a%5Cb", "/v1/%2e%2e%2flivez"])
def test_escaped_slashes_are_refused(gate: Any, signed_in: dict[str, str], path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    status, body = raw(gate.port, request.encode())
    assert status == 400
    assert json.loads(body)["type"] == "/problems/malformed"


@pytest.mark.parametrize("path", ["/v1//open", "/v1/./open", "/v1/things/../open", "/v1/%6fpen"])
def test_one_path_has_one_form(gate: Any, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    status, body = raw(gate.port, request.encode())
    assert status == 200
    assert b'"path": "/v1/open"' in body
