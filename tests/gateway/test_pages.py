"""Pages the edge serves by itself, whatever has become of the services."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from mindlyfe.gateway.settings import PAGES

PAGE_PATHS = (
    *("/", "/crisis", "/setup", "/verify", "/join", "/register", "/sign-in", "/forgot", "/recover", "/api"),
    *("/address-change", "/address-change/cancel", "/authorize", "/second-factor"),
)


@pytest.mark.parametrize("path", PAGE_PATHS)
def test_a_page_is_safe_html_and_its_parts_are_there(gate: Any, path: str) -> None:
    answer = gate.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    for part in re.findall(r'(?:src|href)="(/[^"]*)"', answer.text):
        if part not in {"/dev/mailbox", "/dev/phone"}:
            assert gate.http.get(part).status_code == 200, part
    assert "form-action 'none'" in policy
    for form in re.findall("<form[^>]*>", answer.text):
        assert 'method="post"' in form, (
            "pressed before its script is there, it must not put a password into the address"
        )
    assert not re.search(r"<script(?! type=\"module\" src=)|<style|style=|\son\w+=|https?://", answer.text)


@pytest.mark.parametrize("path", PAGE_PATHS)
def test_a_page_is_marked_up_for_everybody(gate: Any, path: str) -> None:
    text = gate.http.get(path).text
    assert '<html lang="en">' in text
    assert len(re.findall("<h1>", text)) == 1
    assert '<main id="main"' in text
    assert 'href="#main"' in text
    for field in re.findall(r"<(?:input|select)[^>]*>", text):
        assert re.search(r"<label[^>]*>(?:(?!</label>).)*" + re.escape(field), text, re.DOTALL), field


def test_answers_carry_security_headers_but_no_promise_of_tls(gate: Any) -> None:
    for path in ("/", "/v1/open", "/nowhere"):
        headers = gate.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert "camera=(self)" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers
    assert gate.http.get("/v1/open").headers["cache-control"] == "no-store"
    assert "default-src 'none'" in gate.http.get("/v1/open").headers["content-security-policy"]


def test_a_browser_asks_whether_its_copy_is_still_good(gate: Any) -> None:
    first = gate.http.get("/assets/style.css")
    assert first.headers["cache-control"] == "no-cache"
    again = gate.http.get("/assets/style.css", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    assert gate.http.get("/assets/style.css", headers={"if-none-match": '"old"'}).status_code == 200
    assert gate.http.head("/crisis").status_code == 200
    assert not gate.http.head("/crisis").content


def test_crisis_help_is_there_with_every_service_dead(start: Callable[..., AbstractContextManager[Any]]) -> None:
    with start() as gate:
        gate.place("identity")
        gate.place("therapy")
        text = gate.http.get("/crisis").text
        assert "not an emergency service" in text
        for number in ("tel:999", "tel:111", "tel:116123", "sms:85258", "tel:112", "tel:911", "tel:988", "sms:988"):
            assert f'href="{number}"' in text
        assert re.search(r'checked: <time datetime="\d{4}-\d\d-\d\d">', text)
        assert gate.http.get("/v1/open").status_code == 503


def test_development_says_so_on_every_page_and_production_does_not(
    gate: Any, start: Callable[..., AbstractContextManager[Any]]
) -> None:
    assert "DEMO" not in gate.http.get("/assets/mode.css").text
    with start(mode="development") as development:
        assert "DEMO / development" in development.http.get("/assets/mode.css").text
    for path in PAGE_PATHS:
        assert '<link rel="stylesheet" href="/assets/mode.css">' in gate.http.get(path).text, path
    assert len(PAGE_PATHS) == len([*(PAGES / "site").rglob("*.html")])


def test_a_built_client_is_served_beside_the_pages(
    start: Callable[..., AbstractContextManager[Any]], tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-1a2b.js").write_text("let a = 1;\n" * 200_000)
    (tmp_path / "app.html").write_text("<!doctype html>")
    with start(web=tmp_path) as gate:
        script = gate.http.get("/assets/app-1a2b.js", headers={"accept-encoding": "br, gzip"})
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert script.headers["content-type"].startswith("text/javascript")
        assert script.headers["content-encoding"] == "gzip" or script.headers["content-encoding"] == "br"
        assert gate.http.get("/app").status_code == 200
