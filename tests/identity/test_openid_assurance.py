"""What an app learns of how and when somebody signed in, and what it may ask for (OpenID Connect Core, RFC 9470)."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.identity.openid_app import (
    ISSUER,
    VERIFIER,
    App,
    allowed,
    answered,
    holder,
    registered,
    said,
    strong,
    waiting,
)

from mindlyfe.identity.domain.fhir import practitioner_id
from mindlyfe.kernel.testing.answers import refused

YES = {"decision": "allow", "scopes": ["openid"]}


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


@pytest.fixture
async def diary(house: Any, clinic: Any) -> App:
    return await registered(house, await strong(clinic))


async def test_asvs_6_8_4_a_library_learns_of_the_second_factor_and_when_it_was_shown(
    house: Any, clinic: Any, diary: App
) -> None:
    """authlib as it is, asking for aal2 within a minute: in the ID token, the access token and the introspection."""
    patient = await clinic.patient()
    await patient.enrol()
    house.clock.pass_(minutes=2)
    await patient.sign_in()
    proved = int(house.clock().timestamp())
    house.clock.pass_(seconds=40)
    async with diary.library("openid offline_access") as library:
        about = (await library.request("GET", f"{ISSUER}/.well-known/openid-configuration", withhold_token=True)).json()
        assert about["acr_values_supported"] == ["aal1", "aal2"]
        url, state = library.create_authorization_url(
            about["authorization_endpoint"], code_verifier=VERIFIER, nonce="n", acr_values="aal2", max_age=60
        )
        token = await library.fetch_token(
            about["token_endpoint"],
            authorization_response=await allowed(patient, waiting(await patient.http.get(url))),
            state=state,
            code_verifier=VERIFIER,
        )
        keys = KeySet.import_key_set((await library.request("GET", about["jwks_uri"], withhold_token=True)).json())
        how = {"acr": "aal2", "amr": ["pwd", "otp"], "auth_time": proved}
        for one in (token["id_token"], token["access_token"]):
            claims = jwt.decode(one, keys, algorithms=["ES256"]).claims
            assert {name: claims[name] for name in how} == how
            assert claims["iat"] == proved + 40
        worth = await diary.worth(token["access_token"])
        assert (worth["acr"], worth["auth_time"]) == ("aal2", proved)
        house.clock.pass_(minutes=5)
        renewed = await library.refresh_token(about["token_endpoint"])
        assert (said(renewed)["acr"], said(renewed)["auth_time"]) == ("aal2", proved), "a renewal proves nothing anew"


async def test_asvs_6_8_4_the_sign_in_must_be_what_the_app_asks_for(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    house.clock.pass_(seconds=30)
    for asked, code in (
        ({"max_age": "20"}, "sign-in-too-old"),
        ({"max_age": "0"}, "sign-in-too-old"),
        ({"prompt": "login"}, "sign-in-too-old"),
        ({"acr_values": "aal2"}, "assurance-too-low"),
    ):
        request = waiting(await diary.ask(**asked))
        assert (await patient.get(f"/v1/authorizations/{request}")).json()["step_up"] == code
        refused(await patient.post(f"/v1/authorizations/{request}", YES), 403, code)
    request = waiting(await diary.ask(prompt="login", max_age="0", acr_values="aal2 aal1"))
    await patient.sign_in()
    location = await allowed(patient, request, ["openid"])
    house.clock.pass_(seconds=30)
    token = (await diary.token(answered(location)["code"])).json()
    assert said(token)["auth_time"] == int(house.clock().timestamp()) - 30
    assert said(token)["iat"] == said(token)["auth_time"] + 30


@pytest.mark.parametrize("asked", [{"max_age": "0"}, {"prompt": "login"}, {"max_age": "1", "prompt": "login"}])
async def test_asvs_6_8_4_a_proof_after_the_app_asked_is_enough_however_little_time_it_gave(
    house: Any, clinic: Any, diary: App, asked: dict[str, str]
) -> None:
    """No circle: the person proves who they are, reads the page for a while, and says yes."""
    patient = await clinic.patient()
    house.clock.pass_(seconds=5)
    request = waiting(await diary.ask(**asked))
    refused(await patient.post(f"/v1/authorizations/{request}", YES), 403, "sign-in-too-old")
    house.clock.pass_(seconds=8)
    assert (await patient.prove("password", password="umbrella-tortoise-lagoon")).status_code == 200
    house.clock.pass_(seconds=45)
    assert (await patient.get(f"/v1/authorizations/{request}")).json()["step_up"] == "none"
    token = (await diary.token(answered(await allowed(patient, request, ["openid"]))["code"])).json()
    assert said(token)["auth_time"] == int(house.clock().timestamp()) - 45


async def test_asvs_6_8_4_a_step_up_within_the_session_reaches_what_the_app_asks_for(
    house: Any, clinic: Any, diary: App
) -> None:
    patient = await clinic.patient()
    request = waiting(await diary.ask(acr_values="aal2"))
    refused(await patient.post(f"/v1/authorizations/{request}", YES), 403, "assurance-too-low")
    await patient.enrol()
    assert (await patient.get(f"/v1/authorizations/{request}")).json()["step_up"] == "none"
    token = (await diary.token(answered(await allowed(patient, request, ["openid"]))["code"])).json()
    assert (said(token)["acr"], said(token)["amr"]) == ("aal2", ["pwd", "otp"])


async def test_smart_apps_learn_who_it_is_in_fhir(house: Any, clinic: Any, diary: App) -> None:
    scope = "openid fhirUser launch/patient"
    patient, staff = await clinic.patient(), await clinic.staff("therapist")
    tokens = (await diary.token(await diary.code(patient, scope=scope))).json()
    assert (said(tokens)["fhirUser"], tokens["patient"]) == (f"Patient/{patient.id}", patient.id)
    told = (await holder(clinic, tokens).get("/v1/oauth/userinfo")).json()
    assert told == {"sub": patient.id, "fhirUser": f"Patient/{patient.id}"}
    tokens = (await diary.token(await diary.code(staff, scope=scope))).json()
    assert said(tokens)["fhirUser"] == f"Practitioner/{practitioner_id(staff.id)}"
    assert "patient" not in tokens
    assert "fhirUser" not in said((await diary.token(await diary.code(patient, scope="openid"))).json())
    smart = (await house.visitor().get("/.well-known/smart-configuration")).json()
    assert "sso-openid-connect" in smart["capabilities"]
    assert {"fhirUser", "launch/patient", "openid"} <= set(smart["scopes_supported"])
