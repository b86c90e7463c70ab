"""The page on which staff gets a second factor, in a real browser: from the refusal to what is about patients."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyotp.totp import TOTP
from tests.journeys.browser import CHROMIUM, Page, browser, our_pages

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no browser on this machine")
SAID = "document.querySelector('#{} .said').textContent"


@pytest.fixture(scope="module")
def clinic(lasting_platform: Any) -> Clinic:
    there = lasting_platform
    return Clinic.open(there.base, there.mailbox, "page", "Harbour Clinic", there.setup_link())


@pytest.fixture
def tab(clinic: Clinic, tmp_path: Path) -> Iterator[Page]:
    with browser(tmp_path, our_pages(clinic.base)) as tab:
        yield tab
        assert tab.told == []


def sign_in(tab: Page, person: Person) -> None:
    tab.go(f"{person.base}/sign-in")
    tab.until("location.pathname === '/sign-in' && document.readyState === 'complete'")
    tab.fill(email=person.email, password=person.password)
    tab.press("Sign in")
    tab.until("fetch('/v1/me').then((answer) => answer.ok)")


def open_page(tab: Page, base: str) -> None:
    tab.go(f"{base}/second-factor")
    tab.until("location.pathname === '/second-factor' && document.readyState === 'complete'")


def status(tab: Page, path: str) -> int:
    """What the browser itself is answered there, with the session it holds."""
    return int(tab.run(f"fetch('{path}').then((answer) => answer.status)"))


def test_a_therapist_gets_an_app_on_the_page_and_reaches_their_patients(
    clinic: Clinic, tab: Page, tmp_path: Path
) -> None:
    ines = clinic.joined("Dr Ruiz", "ines", "therapist")
    sign_in(tab, ines)
    assert status(tab, "/v1/care-relationships") == 403
    open_page(tab, ines.base)
    tab.press("Show me a key")
    key = tab.until("document.getElementById('key').textContent").replace(" ", "")
    assert f"secret={key}" in tab.run("document.getElementById('open-app').href")
    code = TOTP(key).now()
    tab.fill(code=f"{(int(code) + 1) % 1_000_000:06}")
    tab.press("Let it count")
    assert tab.until(SAID.format("confirm"))
    assert not tab.run("document.getElementById('done').checkVisibility()")
    tab.fill(code=f"{code[:3]} {code[3:]}")
    tab.press("Let it count")
    tab.until("document.getElementById('done').checkVisibility()")
    codes = tab.run("[...document.querySelectorAll('#codes code')].map((one) => one.textContent)")
    tab.picture(tmp_path / "done.png")
    assert status(tab, "/v1/care-relationships") == 200, "this very session is strong now"
    first = {"email": ines.email, "password": ines.password, "delivery": "bearer"}
    challenge = expect(ines.call("POST", "/v1/sessions", first), 202).json()["challenge"]
    proof = {"challenge": challenge, "delivery": "bearer", "proof": {"method": "backup-code", "code": codes[0]}}
    expect(ines.call("POST", "/v1/sessions/second-factor", proof), 201)


def test_who_is_not_signed_in_is_told_what_to_do(clinic: Clinic, tab: Page) -> None:
    open_page(tab, clinic.base)
    tab.press("Show me a key")
    assert "Sign in, then come back" in tab.until(SAID.format("begin"))
    assert not tab.run("document.getElementById('confirm').checkVisibility()")
