"""Who may invite whom, and what becomes of invitations: listed, sent again, withdrawn; patients are recognised."""

from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.identity.contract import InvitationIssuedV1, MemberJoinedV1
from mindlyfe.kernel.testing.answers import refused

PASSWORD = "umbrella-tortoise-lagoon"
PATIENT = {"email": "amina@mail.example", "name": "Amina", "roles": ["patient"], "date_of_birth": "1994-02-11"}
STAFF = {"email": "ines@mail.example", "name": "Inés", "roles": ["therapist"]}


async def issued(house: Any, who: Any, wish: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The id of a new invitation, and what accepts it."""
    answer = await who.post("/v1/invitations", wish)
    assert answer.status_code == 201, answer.text
    accepted = {"code": await house.mailed_code(InvitationIssuedV1), "password": PASSWORD, "zone": "Europe/Paris"}
    born = {"date_of_birth": wish["date_of_birth"]} if "date_of_birth" in wish else {}
    return answer.json()["invitation"], accepted | born


async def states(who: Any, state: str) -> list[str]:
    answer = await who.get("/v1/invitations", state=state)
    assert {one["state"] for one in answer.json()["items"]} <= {state}
    return [one["id"] for one in answer.json()["items"]]


async def test_reception_invites_a_patient_who_joins_with_a_date_of_birth_and_their_language(house: Any) -> None:
    clinic = await house.clinic()
    priya, amina = await clinic.staff("reception"), house.visitor()
    _, accepted = await issued(house, priya, PATIENT | {"locale": "ne"})
    _, event = await house.newest(InvitationIssuedV1)
    assert event.patient
    assert (await amina.post("/v1/invitations/acceptance", accepted)).status_code == 200
    amina.email = "amina@mail.example"
    assert (await amina.sign_in()).status_code == 201
    me = (await amina.get("/v1/me")).json()
    assert (me["roles"], me["locale"]) == (["patient"], "ne")
    _, joined = await house.newest(MemberJoinedV1)
    assert joined.roles == {"patient"}


@pytest.mark.parametrize("roles", [["therapist"], ["reception"], ["clinic-admin"], ["patient", "therapist"]])
async def test_reception_does_not_invite_staff(house: Any, roles: list[str]) -> None:
    clinic = await house.clinic()
    priya = await clinic.staff("reception")
    refused(await priya.post("/v1/invitations", PATIENT | {"roles": roles}), 403, "role-not-yours")


@pytest.mark.parametrize(
    ("born", "status", "code"),
    [
        (None, 422, "birth-missing"),
        ("2010-01-01", 422, "too-young"),
        ("2026-07-01", 422, "impossible-birth"),
        ("1994-02-30", 400, "malformed"),
    ],
)
async def test_a_patient_needs_a_date_of_birth_of_the_clinics_age(
    house: Any, born: Any, status: int, code: str
) -> None:
    clinic = await house.clinic()
    refused(await clinic.admin.post("/v1/invitations", PATIENT | {"date_of_birth": born}), status, code)


async def test_a_patient_is_asked_for_a_second_thing_and_few_guesses_end_the_invitation(house: Any) -> None:
    clinic = await house.clinic()
    invitation, accepted = await issued(house, clinic.admin, PATIENT)
    visitor, path = house.visitor(), "/v1/invitations/acceptance"
    refused(await visitor.post(path, accepted | {"date_of_birth": None}), 422, "birth-missing")
    for guess in range(5):
        wrong = accepted | {"date_of_birth": f"1990-01-0{guess + 1}"}
        refused(await visitor.post(path, wrong, idempotency_key="same"), 422, "birth-mismatch")
    refused(await visitor.post(path, accepted), 410, "code-expired")
    assert await states(clinic.admin, "withdrawn") == [invitation]


async def test_one_wrong_date_of_birth_is_forgiven(house: Any) -> None:
    clinic = await house.clinic()
    _, accepted = await issued(house, clinic.admin, PATIENT)
    visitor, path = house.visitor(), "/v1/invitations/acceptance"
    refused(await visitor.post(path, accepted | {"date_of_birth": "1990-01-01"}), 422, "birth-mismatch")
    assert (await visitor.post(path, accepted)).status_code == 200


async def test_invitations_are_listed_by_what_became_of_them(house: Any) -> None:
    clinic = await house.clinic()
    late, _ = await issued(house, clinic.admin, STAFF | {"email": "late@mail.example"})
    house.clock.pass_(days=6)
    await clinic.admin.renew()
    assert await states(clinic.admin, "open") == [late]
    taken, accepted = await issued(house, clinic.admin, STAFF)
    back, _ = await issued(house, clinic.admin, PATIENT)
    await house.visitor().post("/v1/invitations/acceptance", accepted)
    assert (await clinic.admin.delete(f"/v1/invitations/{back}")).status_code == 204
    house.clock.pass_(days=1)
    await clinic.admin.renew()
    left, _ = await issued(house, clinic.admin, STAFF | {"email": "left@mail.example"})
    found = {state: await states(clinic.admin, state) for state in ("open", "expired", "accepted", "withdrawn")}
    assert found == {"open": [left], "expired": [late], "accepted": [taken], "withdrawn": [back]}
    [shown] = (await clinic.admin.get("/v1/invitations", state="expired")).json()["items"]
    assert shown.keys() == {"id", "name", "roles", "state", "issued_at", "expires_at", "version"}
    assert house.audit.rows[-1].action == "invitations.read"


async def test_a_list_goes_on_where_it_stopped(house: Any) -> None:
    clinic = await house.clinic()
    made = [(await issued(house, clinic.admin, STAFF | {"email": f"s{n}@mail.example"}))[0] for n in range(3)]
    first = (await clinic.admin.get("/v1/invitations", limit=2)).json()
    rest = (await clinic.admin.get("/v1/invitations", limit=2, cursor=first["next"])).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == made
    assert rest["next"] is None
    refused(await clinic.admin.get("/v1/invitations", cursor="x"), 400, "malformed")


async def test_a_withdrawn_invitation_opens_nothing_and_an_accepted_one_stays(house: Any) -> None:
    clinic = await house.clinic()
    invitation, accepted = await issued(house, clinic.admin, STAFF)
    for _ in range(2):
        assert (await clinic.admin.delete(f"/v1/invitations/{invitation}")).status_code == 204
    refused(await house.visitor().post("/v1/invitations/acceptance", accepted), 410, "code-expired")
    refused(await clinic.admin.post(f"/v1/invitations/{invitation}/resend"), 409, "invitation-closed")
    taken, accepted = await issued(house, clinic.admin, STAFF)
    assert (await house.visitor().post("/v1/invitations/acceptance", accepted)).status_code == 200
    refused(await clinic.admin.delete(f"/v1/invitations/{taken}"), 409, "invitation-closed")
    refused(await clinic.admin.post(f"/v1/invitations/{taken}/resend"), 409, "invitation-closed")


async def test_sent_again_it_has_a_new_link_and_the_old_one_opens_nothing(house: Any) -> None:
    clinic = await house.clinic()
    invitation, old = await issued(house, clinic.admin, STAFF)
    house.clock.pass_(days=8)
    await clinic.admin.renew()
    answer = await clinic.admin.post(f"/v1/invitations/{invitation}/resend")
    assert (answer.status_code, answer.json()["invitation"]) == (200, invitation)
    house.clock.pass_(days=6)
    new = old | {"code": await house.mailed_code(InvitationIssuedV1)}
    refused(await house.visitor().post("/v1/invitations/acceptance", old), 410, "code-expired")
    assert (await house.visitor().post("/v1/invitations/acceptance", new)).status_code == 200


async def test_nobodys_mailbox_is_flooded_by_sending_again(house: Any) -> None:
    clinic = await house.clinic()
    invitation, _ = await issued(house, clinic.admin, STAFF)
    answers = [await clinic.admin.post(f"/v1/invitations/{invitation}/resend") for _ in range(6)]
    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    refused(answers[5], 429, "too-many-requests")


async def test_reception_looks_after_patients_alone_and_another_clinic_after_none(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    priya = await harbour.staff("reception")
    staff, _ = await issued(house, harbour.admin, STAFF)
    patient, _ = await issued(house, harbour.admin, PATIENT)
    assert await states(priya, "open") == [patient]
    for who, hidden in ((priya, staff), (meadow.admin, staff), (meadow.admin, patient), (priya, uuid4())):
        refused(await who.delete(f"/v1/invitations/{hidden}"), 404, "not-found")
        refused(await who.post(f"/v1/invitations/{hidden}/resend"), 404, "not-found")
    assert await states(meadow.admin, "open") == []
    assert (await priya.delete(f"/v1/invitations/{patient}")).status_code == 204


async def test_the_password_of_an_account_cannot_be_guessed_by_an_invitation(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.patient("pat@mail.example")
    _, accepted = await issued(house, clinic.admin, STAFF | {"email": "pat@mail.example"})
    for guess in range(6):
        wrong = accepted | {"password": f"a-wrong-password-{guess}"}
        refused(await house.visitor().post("/v1/invitations/acceptance", wrong), 401, "sign-in-failed")
    refused(await house.visitor().post("/v1/invitations/acceptance", accepted), 429, "too-many-requests")
    house.clock.pass_(seconds=2)
    assert (await house.visitor().post("/v1/invitations/acceptance", accepted)).status_code == 200


async def test_a_key_means_one_request(house: Any) -> None:
    clinic = await house.clinic()
    one, _ = await issued(house, clinic.admin, STAFF)
    two, _ = await issued(house, clinic.admin, PATIENT)
    first = [await clinic.admin.post(f"/v1/invitations/{one}/resend", idempotency_key="k") for _ in range(2)]
    assert first[0].json() == first[1].json()
    refused(
        await clinic.admin.post(f"/v1/invitations/{two}/resend", idempotency_key="k"), 422, "idempotency-key-reused"
    )
    refused(await clinic.admin.delete(f"/v1/invitations/{two}", idempotency_key="k"), 422, "idempotency-key-reused")
