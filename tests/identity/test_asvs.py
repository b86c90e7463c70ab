"""What ASVS 5.0 asks of accounts and their data, by its numbers; the others are listed in docs/security/asvs.md."""

import re
from typing import Any

import pytest

from mindlyfe.identity.contract import RegistrationStartedV1
from mindlyfe.kernel.testing.answers import refused

PASSWORD = "umbrella-tortoise-lagoon"
PROFILE = {"zone": "Europe/London", "locale": "en-GB"}
INJECTIONS = (
    "Robert'); drop table member; --",
    "' or '1'='1",
    'x"; select pg_sleep(9); --',
    "%(name)s %s $1 {0}",
    "\\'; delete from event; --",
)


@pytest.mark.parametrize("name", INJECTIONS)
async def test_asvs_1_2_4_sql_in_a_text_is_text(house: Any, name: str) -> None:
    clinic = await house.clinic()
    assert (await clinic.admin.put("/v1/me/profile", PROFILE | {"name": name})).status_code == 200
    assert (await clinic.admin.get("/v1/me")).json()["name"] == name
    members = (await clinic.admin.get("/v1/members")).json()["items"]
    assert [member["name"] for member in members] == [name]


async def test_asvs_2_3_1_no_step_of_joining_can_be_skipped(house: Any) -> None:
    """Register, prove the address, sign in: in this order and no other."""
    clinic = await house.clinic()
    person = house.visitor()
    person.email = "pat@mail.example"
    refused(await person.sign_in(), 401, "sign-in-failed")
    await person.post("/v1/registrations", await clinic.wish(person.email))
    refused(await person.sign_in(), 401, "sign-in-failed")
    other = await clinic.link()
    refused(await person.post("/v1/verifications", {"code": other, "password": PASSWORD}), 400, "verification-failed")
    code = await house.mailed_code(RegistrationStartedV1)
    assert (await person.post("/v1/verifications", {"code": code, "password": PASSWORD})).status_code == 200
    assert (await person.sign_in()).status_code == 201


async def test_asvs_7_2_4_each_sign_in_makes_new_tokens(house: Any) -> None:
    clinic = await house.clinic()
    patient = await clinic.patient()
    seen: set[str] = set()
    for _ in range(3):
        answer = (await patient.sign_in()).json()
        assert not {answer["access_token"], answer["refresh_token"], answer["session"]} & seen
        seen |= {answer["access_token"], answer["refresh_token"], answer["session"]}


async def test_asvs_14_2_1_nothing_private_is_in_an_address(house: Any) -> None:
    """No route takes a person's words in its path, and no code in its query: links carry it after `#`."""
    for router in house.module.routes:
        for route in router.routes:
            names = re.findall(r"\{(\w+)", route.path)
            assert not {"email", "name", "code", "token", "password"} & set(names), route.path
    clinic = await house.clinic()
    link = (await clinic.admin.post("/v1/registration-links")).json()
    assert link["url"].split("#")[1] == f"code={link['code']}"
    assert link["code"] not in link["url"].split("#", maxsplit=1)[0]


async def test_asvs_14_2_2_14_3_2_no_answer_about_a_person_is_kept_by_a_cache(house: Any) -> None:
    clinic = await house.clinic()
    patient = await clinic.patient()
    for path in ("/v1/me", "/v1/organisation", "/v1/therapists"):
        assert (await patient.get(path)).headers["cache-control"] == "no-store", path
    assert (await house.visitor().get("/v1/me")).headers["cache-control"] == "no-store"


async def test_asvs_14_2_6_15_3_1_people_see_the_fields_they_need(house: Any) -> None:
    """Patients learn the names of staff and nothing else of them, and nothing of each other."""
    clinic = await house.clinic()
    patient, other = await clinic.patient("pat@mail.example"), await clinic.patient("kim@mail.example")
    therapist = await clinic.staff("therapist")
    [shown] = (await patient.get("/v1/therapists")).json()["items"]
    assert set(shown) == {"id", "name"}
    asked = {"ids": [therapist.id, other.id, patient.id]}
    assert set((await patient.post("/v1/names", asked)).json()["names"]) == {therapist.id, patient.id}
    for answer in (await patient.get("/v1/me"), await clinic.admin.get("/v1/members")):
        assert "argon2" not in answer.text
        assert "password" not in answer.text


async def test_asvs_16_5_1_an_answer_tells_nothing_of_the_inside(house: Any) -> None:
    visitor = house.visitor()
    answers = [
        await visitor.http.post("/v1/sessions", content=b"\xff", headers={"content-type": "application/json"}),
        await visitor.post("/v1/verifications", {"code": "A" * 60, "password": PASSWORD}),
        await visitor.get("/v1/nowhere"),
    ]
    for answer in answers:
        assert 400 <= answer.status_code < 500
        for word in ("Traceback", "psycopg", "postgres", "select ", "msgspec", "/src/", PASSWORD):
            assert word not in answer.text
