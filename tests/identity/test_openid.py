"""An unmodified client library (authlib) signs people in by us; operators register apps, and people are asked."""

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from authlib.integrations.base_client.errors import OAuthError  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.identity.openid_app import (
    BACK,
    ISSUER,
    VERIFIER,
    App,
    allowed,
    answered,
    bearer,
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


@pytest.mark.parametrize("kind", ["public", "confidential", "client_secret_post"])
async def test_an_unmodified_library_signs_in(house: Any, clinic: Any, operator: Any, kind: str) -> None:
    """Discovery, authorization, token, ID token by our keys, userinfo, refresh: nothing but the standards."""
    app = await registered(house, operator, kind="public" if kind == "public" else "confidential")
    app.method = kind if kind == "client_secret_post" else "client_secret_basic"
    patient = await clinic.patient()
    scope = "openid profile email offline_access launch/patient patient/Appointment.rs"
    async with app.library(scope) as library:
        about = (await library.request("GET", f"{ISSUER}/.well-known/openid-configuration", withhold_token=True)).json()
        url, state = library.create_authorization_url(
            about["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-7"
        )
        request = waiting(await patient.http.get(url))
        location = await allowed(patient, request)
        assert answered(location)["state"] == state
        token = await library.fetch_token(
            about["token_endpoint"], authorization_response=location, state=state, code_verifier=VERIFIER
        )
        assert (token["token_type"], token["scope"], token["patient"]) == ("Bearer", scope, patient.id)
        keys = KeySet.import_key_set((await library.request("GET", about["jwks_uri"], withhold_token=True)).json())
        claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
        assert (claims["iss"], claims["aud"], claims["sub"]) == (about["issuer"], app.id, patient.id)
        assert (claims["nonce"], claims["acr"], claims["amr"]) == ("n-7", "aal1", ["pwd"])
        half = hashlib.sha256(token["access_token"].encode()).digest()[:16]
        assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        told = (await library.get(about["userinfo_endpoint"])).json()
        assert (told["sub"], told["name"], told["email"]) == (patient.id, "Pat", "pat@mail.example")
        renewed = await library.refresh_token(about["token_endpoint"])
        assert renewed["access_token"] != token["access_token"]
        assert (await library.get(f"{ISSUER}/v1/me")).json()["person"] == patient.id
        await library.revoke_token(about["revocation_endpoint"], token=renewed["refresh_token"])
        with pytest.raises(OAuthError):
            await library.refresh_token(about["token_endpoint"], refresh_token=renewed["refresh_token"])


async def test_discovery_is_public_cacheable_and_names_what_is_there(house: Any) -> None:
    served = {route.path for router in house.module.routes for route in router.routes}
    for name in ("openid-configuration", "oauth-authorization-server", "smart-configuration"):
        answer = await house.visitor().get(f"/.well-known/{name}")
        assert answer.headers["cache-control"] == "public, max-age=3600"
        about = answer.json()
        assert (about["issuer"], about["code_challenge_methods_supported"]) == (ISSUER, ["S256"])
        addresses = [value for key, value in about.items() if key.endswith(("_endpoint", "_uri"))]
        assert len(addresses) >= 6
        assert {urlsplit(address).path for address in addresses} <= served


async def test_operators_look_after_apps(house: Any, clinic: Any, operator: Any) -> None:
    app = await registered(house, operator)
    assert app.secret
    assert app.secret not in (await operator.get("/v1/apps")).text
    shown = (await operator.get(f"/v1/apps/{app.id}")).json()
    assert (shown["name"], shown["kind"], shown["redirect_uris"]) == ("Diary", "confidential", [BACK])
    wish = {"name": "Day book", "redirect_uris": [BACK], "scopes": ["openid"]}
    changed = await operator.put(f"/v1/apps/{app.id}", wish, if_match='"1"')
    assert (changed.json()["name"], changed.headers["etag"]) == ("Day book", '"2"')
    refused(await operator.put(f"/v1/apps/{app.id}", wish, if_match='"1"'), 412, "version-conflict")
    rotated = (await operator.post(f"/v1/apps/{app.id}/secret")).json()
    assert rotated["client_secret"] != app.secret
    error(
        await app.send("introspect", {"token": "x", "client_id": app.id, "client_secret": app.secret}),
        401,
        "invalid_client",
    )
    app.secret = rotated["client_secret"]
    assert await app.worth("x") == {"active": False}
    assert (await operator.delete(f"/v1/apps/{app.id}")).status_code == 204
    error(await app.renew("x"), 401, "invalid_client")
    refused(await operator.put(f"/v1/apps/{app.id}", wish), 409, "app-disabled")
    refused(await operator.post(f"/v1/apps/{app.id}/secret"), 409, "app-disabled")


async def test_what_operators_are_refused_at_apps(house: Any, clinic: Any, operator: Any) -> None:
    public = await registered(house, operator, kind="public")
    assert public.secret is None
    refused(await operator.post(f"/v1/apps/{public.id}/secret"), 409, "app-public")
    for gone in (await operator.get(f"/v1/apps/{uuid4()}"), await operator.delete(f"/v1/apps/{uuid4()}")):
        refused(gone, 404, "not-found")
    wrong = {"name": "Day book", "kind": "public", "redirect_uris": [BACK], "scopes": ["openid"]}
    refused(await operator.post("/v1/apps", wrong | {"redirect_uris": ["http://x.example"]}), 422, "redirect-unusable")
    refused(await operator.post("/v1/apps", wrong | {"scopes": ["patient/*.cruds"]}), 422, "scope-unknown")
    operator.headers = await bearer(clinic, "operator")
    refused(await operator.post("/v1/apps", wrong), 403, "assurance-too-low")
    operator.headers = await bearer(clinic, "operator", aal=2)
    house.clock.pass_(minutes=9)
    operator.headers = await bearer(clinic, "operator", aal=2, auth_time=int(house.clock().timestamp()) - 601)
    refused(await operator.post("/v1/apps", wrong), 403, "sign-in-too-old")


async def test_the_page_is_told_what_is_asked_and_by_whom(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    request = waiting(await diary.ask(scope="openid patient/Appointment.rs"))
    shown = (await patient.get(f"/v1/authorizations/{request}")).json()
    assert (shown["app_name"], shown["redirect_to"], shown["organisation_name"]) == (
        "Diary",
        "diary.example",
        "Harbour",
    )
    assert [one["meaning"] for one in shown["scopes"]] == [
        "Know that it is you who signs in",
        "See your own appointments",
    ]
    assert (shown["remembered"], shown["step_up"]) == (False, "none")
    refused(await house.visitor().get(f"/v1/authorizations/{request}"), 401, "unauthenticated")
    refused(await patient.post(f"/v1/authorizations/{request}", {"decision": "allow"}), 422, "nothing-allowed")
    more = {"decision": "allow", "scopes": ["openid", "email"]}
    refused(await patient.post(f"/v1/authorizations/{request}", more), 422, "nothing-allowed")
    denied = await patient.post(f"/v1/authorizations/{request}", {"decision": "deny"})
    assert answered(denied.json()["redirect"]) == {"error": "access_denied", "state": "s-1", "iss": ISSUER}
    refused(await patient.get(f"/v1/authorizations/{request}"), 404, "not-found")
    late = waiting(await diary.ask())
    house.clock.pass_(minutes=10)
    await patient.renew()
    refused(await patient.get(f"/v1/authorizations/{late}"), 404, "not-found")


async def test_two_answers_to_one_request_give_one_code(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    request = waiting(await diary.ask())
    wish = {"decision": "allow", "scopes": ["openid"]}
    held = dict(house.cache.held)
    assert (await patient.post(f"/v1/authorizations/{request}", wish)).status_code == 200
    house.cache.held.update(held)  # another process has not heard yet
    refused(await patient.post(f"/v1/authorizations/{request}", wish), 409, "authorization-decided")
