"""A lost password, a new one, another address and an invited patient, by the mail that people really get."""

from typing import Any

from mindlyfe.demo.clinic import Clinic
from mindlyfe.demo.person import Person, expect, new_password, refused


def test_a_lost_password_is_recovered_by_mail_and_the_owner_is_told(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "flows", "Harbour Clinic", platform.setup_link())
    amina = clinic.register("Amina Khalil", "amina")
    stranger = Person(platform.base, "Somebody", amina.email, new_password())
    answers = [stranger.call("POST", "/v1/recoveries", {"email": e}) for e in (amina.email, "no@one.example")]
    assert [(answer.status_code, answer.text) for answer in answers] == [(202, answers[0].text)] * 2
    code = platform.mailbox.expect(amina.email, "new password").code
    wish = {"code": code, "password": stranger.password}
    expect(stranger.call("POST", "/v1/recoveries/completion", wish), 200)
    refused(stranger.call("POST", "/v1/recoveries/completion", wish), 409, "code-used")
    platform.mailbox.expect(amina.email, "password was changed")
    refused(amina.call("POST", "/v1/sessions/refresh", {"refresh_token": amina.refresh}), 401, "session-ended")
    amina.password = stranger.password
    amina.sign_in()
    platform.settled()
    assert platform.mailbox.of("no@one.example") == []


def test_an_account_moves_to_an_address_that_is_proved_and_the_old_one_hears_of_it(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "flows", "Harbour Clinic", platform.setup_link())
    amina, tim = clinic.register("Amina Khalil", "amina"), clinic.register("Tim", "tim")
    old, new = amina.email, "khalil@elsewhere.example"
    for wish in (new, tim.email):
        expect(amina.call("POST", "/v1/me/address-change", {"email": wish}), 202)
    platform.mailbox.expect(tim.email, "already have an account")
    stop = platform.mailbox.expect(old, "is to be changed", count=2).code
    expect(amina.call("POST", "/v1/address-changes/cancellation", {"code": stop}), 200)
    expect(amina.call("POST", "/v1/me/address-change", {"email": new}), 202)
    code = platform.mailbox.expect(new, "confirm", count=2).code
    for _ in ("by a mail scanner", "by the person"):
        expect(amina.call("POST", "/v1/address-changes/confirmation", {"code": code}), 200)
    assert "moved to another address" in platform.mailbox.expect(old, "was changed").text
    refused(amina.call("POST", "/v1/sessions", credentials(amina)), 401, "sign-in-failed")
    amina.email = new
    amina.sign_in()


def test_a_patient_joins_by_invitation_with_their_date_of_birth(platform: Any) -> None:
    clinic = Clinic.open(platform.base, platform.mailbox, "flows", "Harbour Clinic", platform.setup_link())
    fatima = Person(platform.base, "Fatima Yusuf", "fatima@harbour.example")
    invitation = {"email": fatima.email, "name": fatima.name, "roles": ["patient"], "date_of_birth": "1980-05-06"}
    made = expect(clinic.administrator.call("POST", "/v1/invitations", invitation), 201).json()["invitation"]
    platform.mailbox.expect(fatima.email, "invitation")
    expect(clinic.administrator.call("POST", f"/v1/invitations/{made}/resend"), 200)
    second = platform.mailbox.expect(fatima.email, "invitation", count=2)
    assert "date of birth" in second.text
    joining = {"password": fatima.password, "zone": fatima.zone, "date_of_birth": "1980-05-06"}
    accept = "/v1/invitations/acceptance"
    wrong = joining | {"code": second.code, "date_of_birth": "1981-05-06"}
    refused(fatima.call("POST", accept, wrong), 422, "birth-mismatch")
    expect(fatima.call("POST", accept, joining | {"code": second.code}), 200)
    fatima.sign_in()


def credentials(person: Person) -> dict[str, str]:
    return {"email": person.email, "password": person.password, "delivery": "bearer"}
