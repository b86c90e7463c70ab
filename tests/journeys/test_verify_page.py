"""The page behind the mail of a registration, in a real browser: the password confirms it, the owner can disown it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.browser import CHROMIUM, Page, browser, our_pages

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect
from mindlyfe.kernel.testing.answers import refused

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no browser on this machine")
READY = "!document.getElementById('code-field').checkVisibility()"
"""The script of the page took the code from the address."""
SAID = "document.querySelector('#verify .said').textContent"


@pytest.fixture(scope="module")
def clinic(lasting_platform: Any) -> Clinic:
    there = lasting_platform
    return Clinic.open(there.base, there.mailbox, "verify", "Harbour Clinic", there.setup_link())


@pytest.fixture
def tab(clinic: Clinic, tmp_path: Path) -> Iterator[Page]:
    with browser(tmp_path, our_pages(clinic.base)) as tab:
        yield tab
        assert tab.told == []


def mailed(clinic: Clinic, person: Person) -> str:
    """The code in the mail after this person registered."""
    asked = {"clinic": clinic.code, "name": person.name, "email": person.email, "password": person.password}
    asked |= {"date_of_birth": "1990-04-02", "zone": person.zone, "locale": "en-GB"}
    before = len(clinic.mailbox.of(person.email))
    expect(person.call("POST", "/v1/registrations", asked), 202)
    return clinic.mailbox.expect(person.email, "confirm", count=before + 1).code


def test_the_password_of_the_registration_confirms_the_address(clinic: Clinic, tab: Page, tmp_path: Path) -> None:
    amina = Person(clinic.base, "Amina", "amina@verify.example")
    tab.go(f"{clinic.base}/verify#code={mailed(clinic, amina)}")
    tab.until(READY)
    tab.fill(password="a-wrong-password")
    tab.picture(tmp_path / "asked.png")
    refused(amina.call("POST", "/v1/sessions", credentials(amina)), 401, "sign-in-failed")
    tab.press("Confirm my address")
    assert "password you chose at the registration" in tab.until(SAID)
    tab.fill(password=amina.password)
    tab.press("Confirm my address")
    tab.until("document.getElementById('done').checkVisibility()")
    assert not tab.run("document.getElementById('stranger').checkVisibility()")
    amina.sign_in()


def test_who_did_not_register_says_so_and_nobody_gets_an_account(clinic: Clinic, tab: Page, tmp_path: Path) -> None:
    thief = Person(clinic.base, "Amina", "owner@verify.example")
    code = mailed(clinic, thief)
    tab.go(f"{clinic.base}/verify#code={code}")
    tab.until(READY)
    tab.press("I did not register")
    tab.until("document.getElementById('cancelled').checkVisibility()")
    assert not tab.run("document.getElementById('verify').checkVisibility()")
    tab.picture(tmp_path / "cancelled.png")
    proof = {"code": code, "password": thief.password}
    refused(thief.call("POST", "/v1/verifications", proof), 410, "code-expired")
    refused(thief.call("POST", "/v1/sessions", credentials(thief)), 401, "sign-in-failed")


def credentials(person: Person) -> dict[str, str]:
    return {"email": person.email, "password": person.password, "delivery": "bearer"}
