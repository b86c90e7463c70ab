"""What ends the tokens of apps: an operator closes the app, or a person takes back what they allowed."""

from typing import Any

import pytest
from tests.identity.openid_app import App, allowed, answered, error, holder, registered, strong, waiting

from mindlyfe.kernel.testing.answers import refused

STAYING = "openid offline_access email"


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


@pytest.fixture
async def operator(clinic: Any) -> Any:
    return await strong(clinic)


@pytest.fixture
async def diary(house: Any, operator: Any) -> App:
    return await registered(house, operator)


async def test_asvs_7_4_1_closing_an_app_ends_every_token_it_holds(
    house: Any, clinic: Any, operator: Any, diary: App
) -> None:
    """Of everybody, at once, however many they are; other apps and the people themselves go on."""
    people = [await clinic.patient(), await clinic.patient("kim@mail.example")]
    other = await registered(house, operator)
    held = [(await diary.token(await diary.code(one))).json() for one in people]
    others = (await other.token(await other.code(people[0]))).json()
    late = await diary.code(people[1])
    assert [(await holder(clinic, one).get("/v1/me")).status_code for one in held] == [200, 200]
    assert (await operator.delete(f"/v1/apps/{diary.id}")).status_code == 204
    for one in held:
        refused(await holder(clinic, one).get("/v1/me"), 401, "invalid-token")
        error(await diary.renew(one["refresh_token"]), 401, "invalid_client")
    error(await diary.token(late), 401, "invalid_client")
    assert (await holder(clinic, others).get("/v1/me")).status_code == 200
    for one in people:
        assert (await one.get("/v1/me")).status_code == 200
    assert [one["app"] for one in (await people[0].get("/v1/me/apps")).json()["items"]] == [other.id]
    clients = {one["client"] for one in (await people[0].get("/v1/me/sessions")).json()["items"]}
    assert clients == {"", other.id}


async def test_a_code_from_before_the_withdrawal_is_worth_nothing(clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    code = await diary.code(patient)
    assert (await patient.delete(f"/v1/me/apps/{diary.id}")).status_code == 204
    error(await diary.token(code), 400, "invalid_grant")
    assert {one["client"] for one in (await patient.get("/v1/me/sessions")).json()["items"]} == {""}


async def test_asvs_10_7_3_access_ends_with_the_withdrawal(clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    tokens = (await diary.token(await diary.code(patient))).json()
    app = holder(clinic, tokens)
    assert (await app.get("/v1/me")).status_code == 200
    assert (await patient.delete(f"/v1/me/apps/{diary.id}")).status_code == 204
    refused(await app.get("/v1/me"), 401, "invalid-token")
    error(await diary.renew(tokens["refresh_token"]), 400, "invalid_grant")


async def test_what_is_unticked_later_is_gone_at_the_next_renewal_and_what_was_not_asked_stays(
    clinic: Any, diary: App
) -> None:
    patient = await clinic.patient()
    tokens = (await diary.token(await diary.code(patient, scope=STAYING))).json()
    request = waiting(await diary.ask(scope="openid email"))
    assert "code" in answered(await allowed(patient, request, ["openid"]))
    [mine] = (await patient.get("/v1/me/apps")).json()["items"]
    assert {one["scope"] for one in mine["scopes"]} == {"openid", "offline_access"}
    renewed = (await diary.renew(tokens["refresh_token"])).json()
    assert set(renewed["scope"].split()) == {"openid", "offline_access"}
    assert "email" not in (await holder(clinic, renewed).get("/v1/oauth/userinfo")).json()
    error(await diary.renew(renewed["refresh_token"], scope=STAYING), 400, "invalid_scope")


async def test_an_app_that_may_ask_for_less_is_renewed_with_less(clinic: Any, operator: Any, diary: App) -> None:
    patient = await clinic.patient()
    tokens = (await diary.token(await diary.code(patient, scope=STAYING))).json()
    shown = (await operator.get(f"/v1/apps/{diary.id}")).json()
    fewer = {"name": "Diary", "redirect_uris": shown["redirect_uris"], "scopes": ["openid", "offline_access"]}
    assert (await operator.put(f"/v1/apps/{diary.id}", fewer)).status_code == 200
    renewed = (await diary.renew(tokens["refresh_token"])).json()
    assert renewed["scope"] == "openid offline_access"
