"""Registration over HTTP: by a link, with proof of the address, and without telling who has an account."""

import asyncio
from typing import Any

import httpx
import pytest

from mindlyfe.identity.contract import MemberJoinedV1, RegistrationRepeatedV1, RegistrationStartedV1
from mindlyfe.identity.domain.flags import SELF_REGISTRATION
from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.principals import act


def proof(code: str, password: str = PASSWORD) -> dict[str, str]:
    """What confirms a registration."""
    return {"code": code, "password": password}


async def test_a_patient_registers_verifies_twice_and_signs_in(house: Any) -> None:
    clinic = await house.clinic()
    pat = house.visitor()
    pat.email = "Pat@Mail.Example"
    assert (await pat.post("/v1/registrations", await clinic.wish(pat.email))).status_code == 202
    assert (await pat.sign_in()).status_code == 401
    code = await house.mailed_code(RegistrationStartedV1)
    for _ in ("person", "once more"):
        answer = await pat.post("/v1/verifications", proof(code))
        assert (answer.status_code, answer.json()) == (200, {"status": "verified"})
    pat.email = "pAT@mail.EXAMPLE"
    assert (await pat.sign_in()).status_code == 201
    me = (await pat.get("/v1/me")).json()
    assert me["person"] == pat.id
    assert (me["name"], me["roles"], me["email"]) == ("Pat", ["patient"], "Pat@Mail.Example")
    joined = [event for _, event in await house.published() if isinstance(event, MemberJoinedV1)]
    assert [str(event.person) for event in joined].count(pat.id) == 1


async def test_scanner_and_person_verify_at_the_same_moment(house: Any) -> None:
    clinic = await house.clinic()
    visitor = house.visitor()
    await visitor.post("/v1/registrations", await clinic.wish("pat@mail.example"))
    code = await house.mailed_code(RegistrationStartedV1)
    answers = await asyncio.gather(*(visitor.post("/v1/verifications", proof(code)) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    joined = [event for _, event in await house.published() if isinstance(event, MemberJoinedV1)]
    assert len(joined) == 2  # the administrator and the patient


async def test_the_answer_does_not_tell_whether_there_is_an_account(house: Any) -> None:
    clinic = await house.clinic()
    pat = await clinic.patient("pat@mail.example")
    known = await house.visitor().post("/v1/registrations", await clinic.wish("PAT@mail.example"))
    unknown = await house.visitor().post("/v1/registrations", await clinic.wish("new@mail.example"))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    tenant, repeated = await house.newest(RegistrationRepeatedV1)
    assert (tenant, str(repeated.person)) == (clinic.tenant, pat.id)
    assert (await pat.sign_in()).status_code == 201  # with the password it always had


async def test_the_first_attempt_to_prove_the_address_gets_it_with_its_own_password(house: Any) -> None:
    clinic = await house.clinic()
    thief, owner = house.visitor(), house.visitor()
    await thief.post("/v1/registrations", await clinic.wish("pat@mail.example", password="thiefs-long-password"))
    stolen = await house.mailed_code(RegistrationStartedV1)
    await owner.post("/v1/registrations", await clinic.wish("pat@mail.example"))
    await owner.post("/v1/verifications", proof(await house.mailed_code(RegistrationStartedV1)))
    owner.email = thief.email = "pat@mail.example"
    assert (await thief.sign_in("thiefs-long-password")).status_code == 401
    assert (await owner.sign_in()).status_code == 201
    refused(await thief.post("/v1/verifications", proof(stolen, "thiefs-long-password")), 409, "address-taken")


async def test_the_same_key_registers_once_and_another_wish_under_it_is_refused(house: Any) -> None:
    clinic = await house.clinic()
    wish, visitor = await clinic.wish("pat@mail.example"), house.visitor()
    for _ in range(2):
        assert (await visitor.post("/v1/registrations", wish, idempotency_key="k1")).status_code == 202
    started = [event for _, event in await house.published() if isinstance(event, RegistrationStartedV1)]
    assert len(started) == 1
    other = wish | {"name": "Other"}
    refused(await visitor.post("/v1/registrations", other, idempotency_key="k1"), 422, "idempotency-key-reused")


async def test_nobody_can_have_somebodys_mailbox_flooded(house: Any) -> None:
    clinic = await house.clinic(strong=False)
    wish = await clinic.wish("pat@mail.example")
    for _ in range(8):
        assert (await house.visitor().post("/v1/registrations", wish)).status_code == 202
    started = [event for _, event in await house.published() if isinstance(event, RegistrationStartedV1)]
    assert len(started) == 5
    house.cache.away = True
    assert (await house.visitor().post("/v1/registrations", wish)).status_code == 202
    assert len(await house.published()) == 7  # founder joined, then six attempts


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"clinic": "nonsense"}, 400, "code-invalid"),
        ({"zone": "Europe/Atlantis"}, 422, "unknown-zone"),
        ({"date_of_birth": "2026-07-01"}, 422, "impossible-birth"),
        ({"date_of_birth": "2010-01-01"}, 422, "too-young"),
        ({"password": "password1234"}, 422, "weak-password"),
        ({"email": "no-address"}, 400, "malformed"),
        ({"email": "a，b@mail.example"}, 400, "malformed"),
        ({"name": " \t "}, 400, "malformed"),
        ({"roles": ["clinic-admin"]}, 400, "malformed"),
        ({"date_of_birth": "1990-02-30"}, 400, "malformed"),
        ({"locale": "english"}, 400, "malformed"),
    ],
)
async def test_what_cannot_be_right_is_refused_and_changes_nothing(
    house: Any, change: dict[str, Any], status: int, code: str
) -> None:
    clinic = await house.clinic()
    wish = await clinic.wish("pat@mail.example")
    refused(await house.visitor().post("/v1/registrations", wish | change), status, code)
    assert not [event for _, event in await house.published() if isinstance(event, RegistrationStartedV1)]


async def test_a_closed_link_registers_nobody(house: Any) -> None:
    clinic = await house.clinic()
    wish = await clinic.wish("pat@mail.example")
    links = (await clinic.admin.get("/v1/registration-links")).json()["items"]
    assert [link["code"] for link in links] == [wish["clinic"]]
    assert links[0]["url"] == f"http://localhost:8080/register#code={wish['clinic']}"
    assert (await clinic.admin.delete(f"/v1/registration-links/{links[0]['id']}")).status_code == 204
    refused(await house.visitor().post("/v1/registrations", wish), 410, "code-expired")
    refused(await clinic.admin.delete(f"/v1/registration-links/{links[0]['id']}"), 404, "not-found")


async def test_the_same_key_opens_one_link(house: Any) -> None:
    clinic = await house.clinic()
    codes = [
        (await clinic.admin.post("/v1/registration-links", idempotency_key="one")).json()["code"] for _ in range(2)
    ]
    assert codes[0] == codes[1]
    assert await clinic.link() != codes[0]


async def test_a_clinic_that_takes_nobody_now_keeps_its_links(house: Any) -> None:
    """By a flag: who began before may go on, other clinics are not touched, and the link is good again later."""
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    visitor, wish = house.visitor(), await harbour.wish("pat@mail.example")
    await visitor.post("/v1/registrations", wish | {"email": "early@mail.example"})
    early = await house.mailed_code(RegistrationStartedV1)
    await house.platform.flags.set(SELF_REGISTRATION, False, act(harbour.tenant))
    refused(await visitor.post("/v1/registrations", wish), 409, "registration-paused")
    assert (await visitor.post("/v1/verifications", proof(early))).status_code == 200
    elsewhere = await meadow.wish("pat@mail.example")
    assert (await visitor.post("/v1/registrations", elsewhere)).status_code == 202
    await house.platform.flags.unset(SELF_REGISTRATION, act(harbour.tenant))
    assert (await visitor.post("/v1/registrations", wish)).status_code == 202


async def test_a_verification_code_ends_after_a_day_but_not_what_it_proved(house: Any) -> None:
    clinic = await house.clinic()
    visitor = house.visitor()
    await visitor.post("/v1/registrations", await clinic.wish("late@mail.example"))
    late = await house.mailed_code(RegistrationStartedV1)
    await visitor.post("/v1/registrations", await clinic.wish("pat@mail.example"))
    code = await house.mailed_code(RegistrationStartedV1)
    assert (await visitor.post("/v1/verifications", proof(code))).status_code == 200
    house.clock.pass_(hours=25)
    assert (await visitor.post("/v1/verifications", proof(code))).status_code == 200
    refused(await visitor.post("/v1/verifications", proof(late)), 410, "code-expired")
    refused(await visitor.post("/v1/verifications", proof(code[:-2] + "AA")), 400, "verification-failed")


async def test_a_key_verifies_one_code(house: Any) -> None:
    clinic, visitor = await house.clinic(), house.visitor()
    answers: list[httpx.Response] = []
    for email in ("a@mail.example", "b@mail.example"):
        await visitor.post("/v1/registrations", await clinic.wish(email))
        code = await house.mailed_code(RegistrationStartedV1)
        answers.append(await visitor.post("/v1/verifications", proof(code), idempotency_key="v"))
    assert answers[0].status_code == 200
    refused(answers[1], 422, "idempotency-key-reused")
