"""Staff who has only a password is told how to get a second factor, gets it, and reaches what is about patients."""

from typing import Any

import httpx
import pytest

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect, refused
from mindlyfe.gateway.settings import PAGES


@pytest.fixture
def clinic(platform: Any) -> Clinic:
    return Clinic.open(platform.base, platform.mailbox, "factor", "Harbour Clinic", platform.setup_link())


def told_how(answer: httpx.Response) -> None:
    """The refusal names the page and the routes that lead on."""
    refused(answer, 403, "assurance-too-low")
    words = answer.json()["detail"]
    assert "/second-factor" in words
    assert "/v1/me/factors/totp" in words


def test_a_therapist_is_told_how_gets_a_factor_and_signs_in_by_two_steps(clinic: Clinic) -> None:
    amina = clinic.register("Amina Khalil", "amina")
    ines = clinic.joined("Dr Ruiz", "ines", "therapist")
    caring = {"patient": amina.id, "clinician": ines.id}
    care = "/v1/care-relationships/0197c1f2-0000-7000-8000-000000000001"
    expect(clinic.administrator.call("PUT", care, caring), 200)
    header = f"/v1/patients/{amina.id}/header"
    for clinical in (header, "/v1/care-relationships", f"/v1/patients/{amina.id}/consents"):
        told_how(ines.call("GET", clinical))
    weak = Person(ines.base, ines.name, ines.email, ines.password)
    weak.sign_in()
    ines.enrol()
    assert expect(ines.call("GET", header), 200).json()["name"] == amina.name
    refused(weak.call("POST", "/v1/sessions/refresh", {"refresh_token": weak.refresh}), 401, "session-ended")
    first = {"email": ines.email, "password": ines.password, "delivery": "bearer"}
    assert expect(weak.call("POST", "/v1/sessions", first), 202).json()["methods"] == ["totp", "backup-code"]
    ines.sign_out()
    ines.sign_in()
    assert expect(ines.call("GET", header), 200).json()["date_of_birth"] == "1990-04-02"


def test_who_opens_a_clinic_invites_once_they_have_a_factor(platform: Any) -> None:
    """No dead end: all that is needed to get one is open to the password alone."""
    admin = Person(platform.base, "Ada", "ada@harbour.example")
    first = {"name": admin.name, "email": admin.email, "password": admin.password, "zone": admin.zone}
    place = {"name": "Harbour Clinic", "zone": "Europe/London", "locale": "en-GB"}
    code = platform.setup_link().rsplit("#code=", maxsplit=1)[-1]
    expect(admin.call("POST", "/v1/setup", {"code": code, "organisation": place, "administrator": first}), 201)
    admin.sign_in()
    colleague = {"email": "ines@harbour.example", "name": "Dr Ruiz", "roles": ["therapist"]}
    told_how(admin.call("POST", "/v1/invitations", colleague))
    assert not expect(admin.call("GET", "/v1/me/factors"), 200).json()["second_factor"]
    admin.enrol()
    expect(admin.call("POST", "/v1/invitations", colleague), 201)
    platform.mailbox.expect("ines@harbour.example", "invit")


def test_a_patient_reaches_their_own_by_the_password_alone(clinic: Clinic) -> None:
    amina = clinic.register("Amina Khalil", "amina")
    for own in ("/v1/deliveries", "/v1/appointments", "/v1/me/profile", "/v1/me/access-log"):
        expect(amina.call("GET", own), 200)


def test_the_page_that_the_refusal_names_is_there() -> None:
    assert "script: second-factor\n" in (PAGES / "site" / "second-factor.html").read_text()
    assert (PAGES / "site" / "assets" / "second-factor.js").is_file()
