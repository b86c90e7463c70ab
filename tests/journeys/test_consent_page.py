"""Somebody is asked by an app in a real browser: what they tick is what the app gets, and nobody is sent in circles."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from tests.journeys.browser import CHROMIUM, Page, Served, browser, our_pages

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no browser on this machine")

BACK = "https://diary.example/signed-in"
VERIFIER = "v" * 43
ASKED = "document.getElementById('asked')?.hidden === false && location.pathname === '/authorize'"


@dataclass
class Diary:
    """An app, and the browser of somebody who uses it."""

    base: str
    id: str
    secret: str
    tab: Page

    def ask(self, **other: str) -> None:
        """Send the browser to sign in to it."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        asked = {"client_id": self.id, "redirect_uri": BACK, "response_type": "code", "scope": "openid email"}
        asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        self.tab.go(f"{self.base}/v1/oauth/authorize?{urlencode(asked | other)}")

    def told(self) -> dict[str, str]:
        """What the browser brings it."""
        address = self.tab.until(f"location.href.startsWith('{BACK}') && location.href")
        return dict(parse_qsl(urlsplit(address).query))

    def scopes(self) -> str:
        """What the code that it was told is good for."""
        form = {"grant_type": "authorization_code", "code": self.told()["code"], "redirect_uri": BACK}
        form |= {"code_verifier": VERIFIER, "client_id": self.id, "client_secret": self.secret}
        return str(expect(httpx.post(f"{self.base}/v1/oauth/token", data=form, timeout=20), 200).json()["scope"])


@pytest.fixture(scope="module")
def amina(lasting_platform: Any) -> Person:
    clinic = Clinic.open(
        lasting_platform.base, lasting_platform.mailbox, "page", "Harbour Clinic", lasting_platform.setup_link()
    )
    return clinic.register("Amina", "amina")


@pytest.fixture
def diary(lasting_platform: Any, amina: Person, tmp_path: Path) -> Iterator[Diary]:
    base = lasting_platform.base
    operator = lasting_platform.signer().bearer("operator", tenant=amina.tenant, aal=2)
    wish = {"name": "Diary", "kind": "confidential", "redirect_uris": [BACK], "scopes": ["openid", "email"]}
    app = expect(httpx.post(f"{base}/v1/apps", json=wish, headers=operator, timeout=20), 201).json()
    with browser(tmp_path, our_pages(base, Served(b"", {"content-type": "text/html"}))) as tab:
        yield Diary(base, app["id"], app["client_secret"], tab)


def sign_in(tab: Page, amina: Person) -> None:
    tab.until("location.pathname === '/sign-in' && document.getElementById('why')?.hidden === false")
    tab.fill(email=amina.email, password=amina.password)
    tab.press("Sign in")


def test_what_is_ticked_is_what_the_app_gets(diary: Diary, amina: Person) -> None:
    tab = diary.tab
    diary.ask(prompt="none")
    assert diary.told()["error"] == "login_required"
    diary.ask()
    sign_in(tab, amina)
    tab.until(ASKED)
    assert "Diary wants you to sign in" in tab.run("document.body.innerText")
    tab.press("See your e-mail address")
    tab.press("Allow")
    assert diary.scopes() == "openid"
    diary.ask(scope="openid")
    assert diary.scopes() == "openid", "it was allowed before"
    diary.ask(scope="openid", prompt="none")
    assert diary.scopes() == "openid"
    diary.ask(prompt="none")
    assert diary.told()["error"] == "consent_required"
    diary.ask(prompt="consent")
    tab.until(ASKED)
    tab.press("Deny")
    assert diary.told()["error"] == "access_denied"
    assert tab.told == []


def test_a_proof_that_the_app_asks_for_is_asked_for_once(diary: Diary, amina: Person) -> None:
    tab = diary.tab
    diary.ask()
    sign_in(tab, amina)
    tab.until(ASKED)
    tab.run("new Promise((done) => setTimeout(done, 1100))")
    diary.ask(max_age="0")
    sign_in(tab, amina)
    tab.until(ASKED)
    tab.run("new Promise((done) => setTimeout(done, 1100))")
    tab.press("Allow")
    assert diary.scopes() == "openid email"


def test_asvs_14_2_1_a_form_sent_without_its_script_puts_no_password_into_an_address(
    diary: Diary, amina: Person
) -> None:
    diary.tab.go(f"{diary.base}/sign-in")
    diary.tab.fill(email=amina.email, password=amina.password)
    diary.tab.run("HTMLFormElement.prototype.submit.call(document.getElementById('sign-in'))")
    diary.tab.run("new Promise((done) => setTimeout(done, 300))")
    assert diary.tab.run("location.href") == f"{diary.base}/sign-in"
    assert any("form-action" in one for one in diary.tab.told)


def test_who_has_no_second_factor_is_told_and_can_go_back(diary: Diary, amina: Person) -> None:
    tab = diary.tab
    diary.ask(acr_values="aal2")
    sign_in(tab, amina)
    tab.until(ASKED)
    assert "A second factor is needed" in tab.run("document.body.innerText")
    assert not tab.run("document.getElementById('allow').checkVisibility()")
    tab.press("Deny")
    assert diary.told()["error"] == "access_denied"
