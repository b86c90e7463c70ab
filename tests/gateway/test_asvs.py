"""What ASVS 5.0 asks of the edge, by its numbers; docs/security/asvs.md lists where the others are tested."""

from typing import Any


def test_asvs_3_4_2_only_listed_origins_read_answers(gate: Any, signed_in: dict[str, str]) -> None:
    ours = gate.http.get("/v1/open", headers={"origin": "https://app.example"})
    assert ours.headers["access-control-allow-origin"] == "https://app.example"
    for origin in ("https://evil.example", "null", "https://app.example.evil.example", "http://app.example"):
        answer = gate.http.get("/v1/things/1", headers=signed_in | {"origin": origin})
        assert "access-control-allow-origin" not in answer.headers, origin
        preflight = gate.http.options(
            "/v1/things/1", headers={"origin": origin, "access-control-request-method": "PUT"}
        )
        assert "access-control-allow-origin" not in preflight.headers, origin


def test_asvs_3_4_4_browsers_do_not_guess_types(gate: Any, signed_in: dict[str, str]) -> None:
    for path, headers in (("/v1/open", {}), ("/v1/things/1", signed_in), ("/v1/things/1", {}), ("/nowhere", {})):
        answer = gate.http.get(path, headers=headers)
        assert answer.headers["x-content-type-options"] == "nosniff", (path, answer.status_code)


def test_asvs_4_1_1_every_answer_with_a_body_says_its_type(gate: Any, signed_in: dict[str, str]) -> None:
    for path, headers in (("/v1/open", {}), ("/v1/things/1", signed_in), ("/v1/things/1", {}), ("/nowhere", {})):
        kind = gate.http.get(path, headers=headers).headers["content-type"]
        # JSON is UTF-8 by its own standard (RFC 8259); text says so.
        assert kind in {"application/json", "application/problem+json"} or "charset=utf-8" in kind.lower(), kind
