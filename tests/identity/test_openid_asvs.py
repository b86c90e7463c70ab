"""What ASVS 5.0 asks of an OAuth provider, by its numbers."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.identity.openid_app import (
    BACK,
    VERIFIER,
    App,
    answered,
    challenge,
    error,
    registered,
    strong,
    waiting,
)

from mindlyfe.kernel.testing.answers import refused


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


@pytest.fixture
async def operator(clinic: Any) -> Any:
    return await strong(clinic)


@pytest.fixture
async def diary(house: Any, operator: Any) -> App:
    return await registered(house, operator)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": None},
        {"client_id": "x"},
        {"client_id": str(uuid4())},
        {"redirect_uri": None},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": BACK[:-1]},
        {"redirect_uri": BACK.replace("https", "http")},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": "https://evil.example"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
        {"request_uri": "https://evil.example/request"},
    ],
)
async def test_asvs_10_4_1_nobody_is_sent_to_an_address_that_is_not_the_apps_letter_by_letter(
    diary: App, wrong: dict[str, str | None]
) -> None:
    answer = await diary.ask(**wrong)
    refused(answer, 400, "app-unknown")
    assert "location" not in answer.headers


async def test_asvs_10_4_2_a_code_shown_twice_ends_what_it_opened(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    code = await diary.code(patient)
    tokens = (await diary.token(code)).json()
    assert (await diary.worth(tokens["access_token"]))["active"]
    error(await diary.token(code), 400, "invalid_grant")
    assert await diary.worth(tokens["access_token"]) == {"active": False}
    error(await diary.renew(tokens["refresh_token"]), 400, "invalid_grant")
    code = await diary.code(patient)
    answers = await asyncio.gather(*(diary.token(code) for _ in range(4)))
    for answer in answers:
        if answer.status_code == 200:
            assert await diary.worth(answer.json()["access_token"]) == {"active": False}
    assert sum(answer.status_code == 200 for answer in answers) <= 1


async def test_asvs_10_4_3_a_code_lasts_a_minute(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    code = await diary.code(patient)
    house.clock.pass_(seconds=60)
    assert (await diary.token(code)).status_code == 200
    code = await diary.code(patient)
    house.clock.pass_(seconds=61)
    error(await diary.token(code), 400, "invalid_grant")


async def test_asvs_10_4_5_a_refresh_token_shown_again_ends_the_family(house: Any, clinic: Any, diary: App) -> None:
    first = (await diary.token(await diary.code(await clinic.patient()))).json()["refresh_token"]
    second = (await diary.renew(first)).json()["refresh_token"]
    house.clock.pass_(seconds=11)
    error(await diary.renew(first), 400, "invalid_grant")
    error(await diary.renew(second), 400, "invalid_grant")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge_method": "plain", "code_challenge": VERIFIER},
        {"code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": "short"},
    ],
)
async def test_asvs_10_4_6_there_is_no_way_around_pkce_by_s256(diary: App, wrong: dict[str, str | None]) -> None:
    answer = await diary.ask(**wrong)
    assert answered(answer.headers["location"])["error"] == "invalid_request"


async def test_asvs_10_4_6_the_verifier_is_checked(clinic: Any, diary: App) -> None:
    code = await diary.code(await clinic.patient())
    error(await diary.token(code, code_verifier=None), 400, "invalid_request")
    for verifier in ("w" * 43, challenge(), "v" * 42, VERIFIER + "="):
        error(await diary.token(code, code_verifier=verifier), 400, "invalid_grant")
    error(await diary.token(code, redirect_uri=BACK + "/"), 400, "invalid_grant")
    assert (await diary.token(code)).status_code == 200


async def test_asvs_10_4_8_no_family_of_tokens_lives_longer_than_a_month(house: Any, clinic: Any, diary: App) -> None:
    token = (await diary.token(await diary.code(await clinic.patient()))).json()["refresh_token"]
    for _ in range(4):
        house.clock.pass_(days=7)
        token = (await diary.renew(token)).json()["refresh_token"]
    house.clock.pass_(days=3)
    error(await diary.renew(token), 400, "invalid_grant")


async def test_asvs_10_7_3_a_person_takes_back_what_an_app_was_allowed(house: Any, clinic: Any, diary: App) -> None:
    patient, other = await clinic.patient(), await clinic.patient("kim@mail.example")
    tokens = (await diary.token(await diary.code(patient))).json()
    others = (await diary.token(await diary.code(other))).json()
    [mine] = (await patient.get("/v1/me/apps")).json()["items"]
    assert (mine["app"], mine["name"], len(mine["scopes"])) == (diary.id, "Diary", 3)
    again = waiting(await diary.ask())
    assert (await patient.get(f"/v1/authorizations/{again}")).json()["remembered"]
    for scope, prompt in (("openid email", None), ("openid", "consent")):
        more = waiting(await diary.ask(scope=scope, prompt=prompt))
        assert not (await patient.get(f"/v1/authorizations/{more}")).json()["remembered"]
    assert (await patient.delete(f"/v1/me/apps/{diary.id}")).status_code == 204
    assert await diary.worth(tokens["access_token"]) == {"active": False}
    error(await diary.renew(tokens["refresh_token"]), 400, "invalid_grant")
    assert (await diary.worth(others["access_token"]))["active"]
    assert (await patient.get("/v1/me/apps")).json()["items"] == []
    refused(await patient.delete(f"/v1/me/apps/{diary.id}"), 404, "not-found")
    assert not (await patient.get(f"/v1/authorizations/{again}")).json()["remembered"]
