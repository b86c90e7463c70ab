"""What is not as agreed between app, person and provider is refused."""

import base64
from typing import Any
from uuid import uuid4

import pytest
from tests.identity.openid_app import (
    BACK,
    ISSUER,
    App,
    allowed,
    answered,
    error,
    holder,
    push,
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
    ("wrong", "word"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"scope": "user/Appointment.rs"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
async def test_other_mistakes_are_told_to_the_app(diary: App, wrong: dict[str, str | None], word: str) -> None:
    answer = await diary.ask(**wrong)
    assert answer.status_code == 302
    assert answered(answer.headers["location"]) == {"error": word, "state": "s-1", "iss": ISSUER}


async def test_what_is_given_to_one_app_is_nothing_to_another(
    house: Any, clinic: Any, operator: Any, diary: App
) -> None:
    patient, other = await clinic.patient(), await registered(house, operator)
    code = await diary.code(patient)
    error(await other.token(code), 400, "invalid_grant")
    tokens = (await diary.token(code)).json()
    error(await other.renew(tokens["refresh_token"]), 400, "invalid_grant")
    for token in (tokens["access_token"], tokens["refresh_token"], patient.refresh_token, "x"):
        assert await other.worth(token) == {"active": False}
        form = {"token": token, "client_id": other.id, "client_secret": other.secret}
        assert (await other.send("revoke", form)).status_code == 200
    assert (await diary.worth(tokens["access_token"]))["client_id"] == diary.id
    assert (await diary.worth(tokens["refresh_token"]))["token_type"] == "refresh_token"
    error(await diary.renew(patient.refresh_token), 400, "invalid_grant")
    refused(await patient.renew(tokens["refresh_token"]), 401, "session-ended")
    assert (await diary.renew(tokens["refresh_token"])).status_code == 200
    pushed = (await diary.send("par", await push(diary))).json()["request_uri"]
    refused(await other.ask(request_uri=pushed), 400, "app-unknown")


async def test_a_request_may_be_pushed_and_counts_once(clinic: Any, diary: App) -> None:
    pushed = await diary.send("par", await push(diary, state="s-9"))
    assert pushed.status_code == 201
    name = pushed.json()["request_uri"]
    only: dict[str, str | None] = dict.fromkeys(
        ("redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method")
    )
    location = await allowed(await clinic.patient(), waiting(await diary.ask(**only | {"request_uri": name})))
    assert answered(location)["state"] == "s-9"
    refused(await diary.ask(**only | {"request_uri": name}), 400, "app-unknown")
    error(await diary.send("par", await push(diary, client_secret="x")), 401, "invalid_client")
    error(await diary.send("par", await push(diary, redirect_uri="https://x.example")), 400, "invalid_request")
    error(await diary.send("par", await push(diary, request_uri=name)), 400, "invalid_request")
    error(await diary.send("par", await push(diary, scope="admin")), 400, "invalid_scope")
    error(await diary.send("par", await push(diary, response_type="token")), 400, "unsupported_response_type")
    error(await diary.send("par", await push(diary, request="e30")), 400, "request_not_supported")


async def test_an_app_proves_who_it_is(house: Any, operator: Any, clinic: Any, diary: App) -> None:
    public = await registered(house, operator, kind="public")
    code = await diary.code(await clinic.patient())
    for wrong in ({"client_secret": None}, {"client_secret": "x"}, {"client_id": None}, {"client_id": str(uuid4())}):
        error(await diary.token(code, **wrong), 401, "invalid_client")
    error(await public.token(code, client_secret="x"), 401, "invalid_client")
    error(await public.send("introspect", {"token": "x", "client_id": public.id}), 400, "unauthorized_client")
    error(await diary.token(code, grant_type="password"), 400, "unsupported_grant_type")
    error(await diary.renew(""), 400, "invalid_request")
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    for name, secret, more, word in (
        (diary.id, diary.secret, {}, "invalid_grant"),
        (diary.id, diary.secret, {"client_id": diary.id}, "invalid_grant"),
        (diary.id, diary.secret, {"client_id": public.id}, "invalid_request"),
        (diary.id, diary.secret, {"client_secret": diary.secret}, "invalid_request"),
        (diary.id, "x", {}, "invalid_client"),
        (public.id, "", {}, "invalid_client"),
    ):
        answer = await house.visitor().http.post("/v1/oauth/token", data=form | more, auth=(name, secret))
        error(answer, 401 if word == "invalid_client" else 400, word)
    for header in ("Basic", "Basic ****", "Bearer x", "Basic " + base64.b64encode(b"no colon").decode()):
        answer = await house.visitor().http.post("/v1/oauth/token", data=form, headers={"authorization": header})
        error(answer, 401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")


async def test_a_refresh_narrows_and_never_widens(clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    tokens = (await diary.token(await diary.code(patient, scope="openid offline_access patient/*.rs"))).json()
    error(await diary.renew(tokens["refresh_token"], scope="openid profile"), 400, "invalid_scope")
    error(await diary.renew(tokens["refresh_token"], scope="admin"), 400, "invalid_scope")
    narrowed = (await diary.renew(tokens["refresh_token"], scope="patient/Appointment.r")).json()
    assert narrowed["scope"] == "patient/Appointment.r"
    assert "id_token" not in narrowed
    refused(await holder(clinic, narrowed).get("/v1/oauth/userinfo"), 403, "insufficient-scope")
    whole = (await diary.renew(narrowed["refresh_token"])).json()
    assert (await holder(clinic, whole).get("/v1/oauth/userinfo")).json() == {"sub": patient.id}
    staying = (await diary.token(await diary.code(patient, scope="openid"))).json()
    assert "refresh_token" not in staying


async def test_apps_reach_what_their_scopes_name_and_decide_nothing(clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    app = holder(clinic, (await diary.token(await diary.code(patient))).json())
    assert (await app.get("/v1/me")).status_code == 200
    for path in ("/v1/me/sessions", "/v1/me/apps", "/v1/organisation"):
        refused(await app.get(path), 403, "insufficient-scope")
    request = waiting(await diary.ask())
    wish = {"decision": "allow", "scopes": ["openid"]}
    refused(await app.post(f"/v1/authorizations/{request}", wish), 403, "insufficient-scope")
    only = holder(clinic, (await diary.token(await diary.code(patient, scope="openid"))).json())
    refused(await only.get("/v1/me"), 403, "insufficient-scope")


async def test_another_site_cannot_answer_with_the_persons_cookie(house: Any, clinic: Any, diary: App) -> None:
    browser, patient = house.visitor(), await clinic.patient()
    browser.email = patient.email
    signing = {"email": patient.email, "password": "umbrella-tortoise-lagoon", "delivery": "cookie"}
    assert (await browser.http.post("/v1/sessions", json=signing)).status_code == 201
    path, wish = f"/v1/authorizations/{waiting(await diary.ask())}", {"decision": "allow", "scopes": ["openid"]}
    refused(await browser.http.post(path, json=wish, headers={"origin": BACK}), 403, "cross-site")
    done = await browser.http.post(path, json=wish, headers={"origin": ISSUER, "sec-fetch-site": "same-origin"})
    assert done.status_code == 200


async def test_a_token_for_signing_in_opens_nothing_here(clinic: Any, diary: App) -> None:
    tokens = (await diary.token(await diary.code(await clinic.patient()))).json()
    refused(await holder(clinic, {"access_token": tokens["id_token"]}).get("/v1/me"), 401, "invalid-token")


async def test_an_app_signs_in_to_the_clinic_that_the_person_chose(house: Any, clinic: Any, diary: App) -> None:
    """Two clinics: what is allowed in one is neither seen nor used in the other."""
    meadow = await house.clinic("Meadow")
    sam = await clinic.staff("therapist", email="sam@mail.example", strong=False)
    await meadow.staff("supervisor", email="sam@mail.example", strong=False)
    tokens = (await diary.token(await diary.code(sam))).json()
    assert (await holder(clinic, tokens).get("/v1/me")).json()["organisation_name"] == "Harbour"
    await sam.sign_in(organisation=str(meadow.tenant))
    assert (await sam.get("/v1/me/apps")).json()["items"] == []
    request = waiting(await diary.ask())
    shown = (await sam.get(f"/v1/authorizations/{request}")).json()
    assert (shown["organisation_name"], shown["remembered"]) == ("Meadow", False)
    refused(await sam.delete(f"/v1/me/apps/{diary.id}"), 404, "not-found")
    assert (await diary.worth(tokens["access_token"]))["active"]


async def test_nothing_secret_is_stored_or_kept_as_it_is(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    await diary.ask(state="a-very-private-state")
    code = await diary.code(patient)
    assert b"a-very-private-state" not in b"".join(value for value, _ in house.cache.held.values())
    async with house.platform.database.worker() as tx:
        [stored] = await (await tx.execute("select string_agg(data, '') from event")).fetchone() or [b""]
        rows = await (
            await tx.execute("select t::text from app t union all select t::text from allowance t")
        ).fetchall()
    for secret in (code, diary.secret or "", "n-1"):
        assert secret.encode() not in bytes(stored) + str(rows).encode()
