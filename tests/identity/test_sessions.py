"""Sign-in, renewal and sign-out over HTTP."""

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest

from mindlyfe.identity.contract import RegistrationStartedV1
from mindlyfe.identity.contract.sessions import SessionEndedV1
from mindlyfe.kernel.messages import REGION
from mindlyfe.kernel.testing.answers import refused


def words(answer: httpx.Response) -> dict[str, Any]:
    """A problem without what is of this request alone."""
    return {key: value for key, value in answer.json().items() if key != "correlation"}


async def test_unknown_wrong_and_unproved_get_the_same_words(house: Any) -> None:
    clinic = await house.clinic()
    await clinic.patient("pat@mail.example")
    visitor = house.visitor()
    await visitor.post("/v1/registrations", await clinic.wish("open@mail.example"))
    answers: list[httpx.Response] = []
    for email, password in (
        ("pat@mail.example", "wrong-tortoise-lagoon"),
        ("nobody@mail.example", "umbrella-tortoise-lagoon"),
        ("open@mail.example", "umbrella-tortoise-lagoon"),
    ):
        visitor.email = email
        answers.append(await visitor.sign_in(password))
    for answer in answers:
        refused(answer, 401, "sign-in-failed")
        assert words(answer) == words(answers[0])
        assert set(answer.headers) == set(answers[0].headers)


async def test_an_access_token_says_who_where_and_for_ten_minutes(house: Any) -> None:
    clinic = await house.clinic(strong=False)
    token = clinic.admin.headers["authorization"].removeprefix("Bearer ")
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    assert (header["alg"], header["typ"]) == ("ES256", "at+jwt")
    assert (claims["iss"], claims["aud"], claims["region"]) == ("http://localhost:8080", "mindlyfe", "eu")
    assert (claims["sub"], claims["tenant"]) == (clinic.admin.id, str(clinic.tenant))
    assert set(claims["roles"]) == {"clinic-admin", "operator"}
    assert claims["aal"] == 1
    assert claims["exp"] - claims["iat"] == 600
    keys = (await house.visitor().get("/.well-known/jwks.json")).json()["keys"]
    assert [key["kid"] for key in keys] == [header["kid"]]
    assert "d" not in keys[0]
    house.clock.pass_(minutes=11)
    refused(await clinic.admin.get("/v1/me"), 401, "invalid-token")


async def test_asvs_10_4_5_a_refresh_token_works_once_and_its_reuse_ends_the_family(house: Any) -> None:
    clinic = await house.clinic()
    owner = clinic.admin
    first = owner.refresh_token
    assert (await owner.renew()).status_code == 200
    second = owner.refresh_token
    assert second != first
    house.clock.pass_(seconds=11)
    refused(await owner.renew(first), 401, "session-ended")
    refused(await owner.renew(second), 401, "session-ended")


async def test_a_lost_answer_and_two_windows_are_forgiven_for_ten_seconds(house: Any) -> None:
    owner = (await house.clinic()).admin
    first = owner.refresh_token
    renewed = await asyncio.gather(*(owner.renew(first) for _ in range(3)))
    assert [answer.status_code for answer in renewed] == [200] * 3
    tokens = [answer.json()["refresh_token"] for answer in renewed]
    assert len(set(tokens)) == 3
    house.clock.pass_(seconds=11)
    assert (await owner.renew(tokens[1])).status_code == 200


async def test_made_up_tokens_end_nobodys_session(house: Any) -> None:
    owner = (await house.clinic()).admin
    for wrong in ("x", "A" * 107, owner.refresh_token[:-4] + "AAAA", "é", owner.headers["authorization"]):
        refused(await house.visitor().renew(wrong), 401, "session-ended")
    assert (await owner.renew()).status_code == 200
    refused(await house.visitor().post("/v1/sessions/refresh", {}), 401, "session-ended")


async def test_asvs_7_3_1_7_3_2_a_session_ends_when_idle_when_old_and_by_signing_out(house: Any) -> None:
    clinic = await house.clinic(strong=False)
    idle, old, out = (clinic.house.visitor() for _ in range(3))
    for person in (idle, old, out):
        person.email = clinic.admin.email
        await person.sign_in()
    assert (await out.delete("/v1/sessions/current")).status_code == 204
    refused(await out.get("/v1/me"), 401, "invalid-token")
    refused(await out.renew(), 401, "session-ended")
    for _ in range(3):
        house.clock.pass_(days=9)
        assert (await old.renew()).status_code == 200
    refused(await idle.renew(), 401, "session-ended")
    house.clock.pass_(days=4)
    refused(await old.renew(), 401, "session-ended")


async def test_others_hear_of_a_session_that_was_ended_or_cut_and_of_no_other(house: Any) -> None:
    clinic = await house.clinic(strong=False)
    out, cut, kept = (clinic.house.visitor() for _ in range(3))
    for person in (out, cut, kept):
        person.email = clinic.admin.email
        await person.sign_in()
    for _ in range(2):
        await out.delete("/v1/sessions/current")
    first = cut.refresh_token
    await cut.renew()
    house.clock.pass_(seconds=11)
    for _ in range(2):
        refused(await cut.renew(first), 401, "session-ended")
    ended = [(tenant, event.session) for tenant, event in await house.published() if isinstance(event, SessionEndedV1)]
    assert ended == [(REGION, out.claims().sid), (REGION, cut.claims().sid)]


async def test_browsers_get_cookies_that_scripts_cannot_read_and_no_tokens(house: Any) -> None:
    clinic = await house.clinic(strong=False)
    browser = house.visitor()
    browser.email = clinic.admin.email
    wish = {"email": browser.email, "password": "umbrella-tortoise-lagoon", "delivery": "cookie"}
    answer = await browser.http.post("/v1/sessions", json=wish)
    assert answer.status_code == 201
    assert (answer.json()["access_token"], answer.json()["refresh_token"]) == (None, None)
    assert answer.headers["cache-control"] == "no-store"
    cookies = answer.headers.get_list("set-cookie")
    assert [line.partition("=")[0] for line in cookies] == ["mindlyfe_main_access", "mindlyfe_main_refresh"]
    assert all("HttpOnly" in line and "SameSite=strict" in line for line in cookies)
    assert ["Path=/v1/sessions" in line for line in cookies] == [False, True]
    assert (await browser.http.get("/v1/me")).status_code == 200
    before = dict(browser.http.cookies)
    renewed = await browser.http.post("/v1/sessions/refresh", json={})
    assert (renewed.status_code, renewed.json()["refresh_token"]) == (200, None)
    assert dict(browser.http.cookies) != before
    refused(await browser.http.delete("/v1/sessions/current"), 403, "cross-site")
    done = await browser.http.delete("/v1/sessions/current", headers={"origin": "http://localhost:8080"})
    assert done.status_code == 204
    assert not dict(browser.http.cookies)


async def test_a_change_of_roles_counts_at_once_and_a_renewal_brings_them(house: Any) -> None:
    clinic = await house.clinic()
    desk = await clinic.staff("reception")
    assert (await desk.get("/v1/members")).status_code == 200
    await clinic.admin.put(f"/v1/members/{desk.id}/roles", {"roles": ["therapist"]})
    problem = refused(await desk.get("/v1/me"), 401, "invalid-token")
    assert "Refresh" in problem["detail"]
    renewed = await desk.renew()
    assert renewed.json()["roles"] == ["therapist"]
    refused(await desk.get("/v1/members"), 403, "forbidden")
    assert (await desk.get("/v1/me")).status_code == 200


async def test_somebody_of_two_clinics_chooses_one(house: Any) -> None:
    harbour, meadow = await house.clinic("Harbour"), await house.clinic("Meadow")
    sam = await harbour.staff("therapist", email="sam@mail.example", strong=False)
    again = await meadow.staff("supervisor", email="sam@mail.example", strong=False)
    assert (again.id, again.organisation) == (sam.id, str(harbour.tenant))
    assert (await again.sign_in(organisation=str(meadow.tenant))).json()["roles"] == ["supervisor"]
    assert (await again.get("/v1/me")).json()["organisation_name"] == "Meadow"
    patient = await harbour.patient()
    refused(await patient.sign_in(organisation=str(meadow.tenant)), 401, "sign-in-failed")


async def test_asvs_2_4_1_guessing_is_slowed_down_whether_there_is_an_account_or_not(house: Any) -> None:
    clinic = await house.clinic(strong=False)
    visitor = house.visitor()
    for email in (clinic.admin.email, "nobody@mail.example"):
        visitor.email = email
        for _ in range(6):
            refused(await visitor.sign_in("wrong-tortoise-lagoon"), 401, "sign-in-failed")
        refused(await visitor.sign_in(), 429, "too-many-requests")
    house.clock.pass_(seconds=2)
    visitor.email = clinic.admin.email
    assert (await visitor.sign_in()).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"email": "a@b.example", "password": "x", "delivery": "pigeon"}',
        b'{"email": "a@b.example", "password": "x", "delivery": "bearer", "admin": true}',
        b'{"email": "a@b.example", "password": 7, "delivery": "bearer"}',
        b'{"email": "a@b.example", "password": "x", "delivery": "bearer", "organisation": "1"}',
        b"[" * 5000,
    ],
)
async def test_bad_bodies_are_malformed(house: Any, body: bytes) -> None:
    json_ = {"content-type": "application/json"}
    refused(await house.visitor().http.post("/v1/sessions", content=body, headers=json_), 400, "malformed")


async def test_a_sign_in_with_a_key_is_not_repeated_from_memory(house: Any) -> None:
    clinic = await house.clinic(strong=False)
    person = house.visitor()
    wish = {"email": clinic.admin.email, "password": "umbrella-tortoise-lagoon", "delivery": "bearer"}
    one, two = [await person.post("/v1/sessions", wish, idempotency_key="same") for _ in range(2)]
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json()["session"] != two.json()["session"]
    assert not [event for _, event in await house.published() if isinstance(event, RegistrationStartedV1)]
