"""prompt=none: the app learns at once whether somebody is signed in, and nobody sees a page."""

from typing import Any

import httpx
import pytest
from tests.identity.openid_app import ISSUER, App, allowed, answered, push, registered, said, strong, waiting

from mindlyfe.kernel.testing.answers import refused

SILENT = "&prompt=none"


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


@pytest.fixture
async def diary(house: Any, clinic: Any) -> App:
    return await registered(house, await strong(clinic))


def silent(answer: httpx.Response) -> str:
    """The request; the page is told that it must ask nobody."""
    request = waiting(answer)
    assert request.endswith(SILENT)
    return request.removesuffix(SILENT)


async def told(person: Any, app: App, **asked: str | None) -> dict[str, str]:
    """What the app is told, the person seeing nothing."""
    request = silent(await app.ask(prompt="none", **asked))
    answer = await person.post(f"/v1/authorizations/{request}/without-asking")
    assert answer.status_code == 200, answer.text
    gone = await person.post(f"/v1/authorizations/{request}/without-asking")
    refused(gone, 404, "not-found")
    return answered(answer.json()["redirect"])


def error(word: str) -> dict[str, str]:
    return {"error": word, "state": "s-1", "iss": ISSUER}


async def test_who_allowed_it_before_is_signed_in_without_a_page(clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    assert await told(patient, diary) == error("consent_required")
    await diary.code(patient)
    code = (await told(patient, diary))["code"]
    assert said((await diary.token(code)).json())["sub"] == patient.id
    assert await told(patient, diary, scope="openid email") == error("consent_required")
    assert (await patient.delete(f"/v1/me/apps/{diary.id}")).status_code == 204
    assert await told(patient, diary) == error("consent_required")


async def test_what_the_sign_in_does_not_meet_needs_the_person(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    await diary.code(patient)
    house.clock.pass_(seconds=30)
    assert await told(patient, diary, max_age="20") == error("login_required")
    assert await told(patient, diary, acr_values="aal2") == error("interaction_required")
    assert "code" in await told(patient, diary, max_age="40", acr_values="aal1")


async def test_a_public_app_is_never_answered_without_the_person(house: Any, clinic: Any) -> None:
    """Anybody can take its name."""
    phone = await registered(house, await strong(clinic), kind="public")
    patient = await clinic.patient()
    await phone.code(patient)
    assert await told(patient, phone) == error("interaction_required")


async def test_the_app_learns_that_nobody_is_signed_in(house: Any, clinic: Any, diary: App) -> None:
    stranger = house.visitor()
    request = silent(await diary.ask(prompt="none"))
    refused(await stranger.post(f"/v1/authorizations/{request}/without-asking"), 401, "unauthenticated")
    answer = await stranger.post(f"/v1/authorizations/{request}/nobody")
    assert answered(answer.json()["redirect"]) == error("login_required")
    refused(await stranger.post(f"/v1/authorizations/{request}/nobody"), 404, "not-found")


async def test_a_request_that_may_show_a_page_is_answered_by_the_person_alone(
    house: Any, clinic: Any, diary: App
) -> None:
    patient = await clinic.patient()
    await diary.code(patient)
    request = waiting(await diary.ask())
    refused(await patient.post(f"/v1/authorizations/{request}/without-asking"), 404, "not-found")
    refused(await house.visitor().post(f"/v1/authorizations/{request}/nobody"), 404, "not-found")
    assert "code" in answered(await allowed(patient, request))


async def test_a_silent_request_answered_twice_gives_one_code(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    await diary.code(patient)
    path = f"/v1/authorizations/{silent(await diary.ask(prompt='none'))}/without-asking"
    held = dict(house.cache.held)
    assert (await patient.post(path)).status_code == 200
    house.cache.held.update(held)  # another process has not heard yet
    refused(await patient.post(path), 409, "authorization-decided")


async def test_a_silent_request_may_be_pushed(clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    await diary.code(patient, scope="openid")
    name = (await diary.send("par", await push(diary, prompt="none"))).json()["request_uri"]
    request = silent(await diary.ask(request_uri=name))
    assert "code" in answered((await patient.post(f"/v1/authorizations/{request}/without-asking")).json()["redirect"])


@pytest.mark.parametrize(("prompt", "remembered"), [(None, True), ("login", True), ("consent", False)])
async def test_the_page_need_not_ask_again_unless_the_app_wants_it(
    clinic: Any, diary: App, prompt: str | None, remembered: bool
) -> None:
    patient = await clinic.patient()
    await diary.code(patient)
    for one, expected in ((prompt, remembered), ("select_account", False)):
        shown = (await patient.get(f"/v1/authorizations/{waiting(await diary.ask(prompt=one))}")).json()
        assert shown["remembered"] is expected
