"""An unmodified client library (authlib) signs people in by us; and everything that is not as agreed is refused."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from authlib.integrations.base_client.errors import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from joserfc import jws, jwt
from joserfc.jwk import KeySet
from msgspec import json

from mindlyfe.kernel.testing.answers import refused

BACK = "https://diary.example/signed-in"
SCOPES = ["openid", "profile", "email", "offline_access", "launch/patient", "patient/*.rs"]
VERIFIER = "v" * 43
ISSUER = "http://localhost:8080"


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class App:
    """An app at our door, by authlib."""

    house: Any
    id: str
    secret: str | None = None
    method: str = "client_secret_basic"
    found: dict[str, Any] = field(default_factory=dict[str, Any])

    def library(self, scope: str = "openid profile offline_access", **more: Any) -> Any:
        return AsyncOAuth2Client(
            self.id,
            self.secret,
            token_endpoint_auth_method=self.method if self.secret else "none",
            redirect_uri=BACK,
            scope=scope,
            code_challenge_method="S256",
            transport=httpx.ASGITransport(self.house.app, raise_app_exceptions=False, client=("192.0.2.9", 1)),
            **more,
        )

    async def ask(self, **other: str | None) -> httpx.Response:
        """The browser of somebody who is sent to sign in to it."""
        asked = {
            "client_id": self.id,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "openid profile offline_access",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        } | other
        params = {name: value for name, value in asked.items() if value is not None}
        answer: httpx.Response = await self.house.visitor().http.get("/v1/oauth/authorize", params=params)
        return answer

    async def code(self, person: Any, **other: str | None) -> str:
        """A code, the person having said yes to all."""
        return answered(await allowed(person, waiting(await self.ask(**other))))["code"]

    async def token(self, code: str, **other: str | None) -> httpx.Response:
        """Exchange it."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": self.id,
            "client_secret": self.secret,
        } | other
        return await self.send("token", form)

    async def send(self, where: str, form: dict[str, str | None]) -> httpx.Response:
        data = {name: value for name, value in form.items() if value is not None}
        answer: httpx.Response = await self.house.visitor().http.post(f"/v1/oauth/{where}", data=data)
        return answer

    async def renew(self, token: str, **other: str | None) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return await self.send("token", form | {"client_id": self.id, "client_secret": self.secret} | other)

    async def worth(self, token: str) -> dict[str, Any]:
        form = {"token": token, "client_id": self.id, "client_secret": self.secret}
        answer = await self.send("introspect", form)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


def waiting(answer: httpx.Response) -> str:
    """The request that our page is opened with."""
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{ISSUER}/authorize#request="), location
    return str(location.partition("#request=")[2])


def answered(location: str) -> dict[str, str]:
    """What the app is told, at its own address."""
    assert location.startswith(f"{BACK}?"), location
    told = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert told["iss"] == ISSUER
    return told


async def allowed(person: Any, request: str, scopes: list[str] | None = None) -> str:
    """Where the browser goes after a yes."""
    shown = (await person.get(f"/v1/authorizations/{request}")).json()
    wish = {"decision": "allow", "scopes": scopes or [one["scope"] for one in shown["scopes"]]}
    answer = await person.post(f"/v1/authorizations/{request}", wish)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["redirect"])


def error(answer: httpx.Response, status: int, word: str) -> None:
    """The refusal in OAuth's words."""
    assert (answer.status_code, answer.json().get("error")) == (status, word), answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.fixture
async def clinic(house: Any) -> Any:
    return await house.clinic()


@pytest.fixture
async def operator(clinic: Any) -> Any:
    return await strong(clinic)


async def strong(clinic: Any) -> Any:
    """An operator, signed in with a second factor."""
    person = clinic.house.visitor()
    person.headers = await bearer(clinic, "operator", aal=2)
    return person


async def bearer(clinic: Any, *roles: str, aal: int = 1, person: Any = None, **claims: Any) -> dict[str, str]:
    """A token that says what the test wants, by the key that signs."""
    from mindlyfe.identity.contract import SigningKeys  # noqa: PLC0415
    from mindlyfe.kernel.access import Claims  # noqa: PLC0415

    now = int(clinic.house.clock().timestamp())
    said: dict[str, Any] = {
        "iss": ISSUER,
        "aud": "mindlyfe",
        "sub": person or uuid4(),
        "tenant": clinic.tenant,
        "region": "eu",
        "roles": frozenset(roles),
        "sid": uuid4(),
        "aal": aal,
        "auth_time": now,
        "iat": now,
        "exp": now + 600,
        "jti": uuid4(),
    } | claims
    token = await clinic.house.module.answers[SigningKeys].signed(Claims(**said))
    return {"authorization": f"Bearer {token}"}


async def registered(house: Any, operator: Any, *, kind: str = "confidential", **other: Any) -> App:
    wish = {"name": "Diary", "kind": kind, "redirect_uris": [BACK], "scopes": SCOPES} | other
    answer = await operator.post("/v1/apps", wish)
    assert answer.status_code == 201, answer.text
    return App(house, answer.json()["id"], answer.json()["client_secret"])


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
    assert (shown["name"], shown["kind"], shown["redirect_uris"], shown["version"]) == (
        "Diary",
        "confidential",
        [BACK],
        1,
    )
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
    public = await registered(house, operator, kind="public")
    assert public.secret is None
    refused(await operator.post(f"/v1/apps/{public.id}/secret"), 409, "app-public")
    for gone in (await operator.get(f"/v1/apps/{uuid4()}"), await operator.delete(f"/v1/apps/{uuid4()}")):
        refused(gone, 404, "not-found")
    wrong = wish | {"kind": "public"}
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
        ({"prompt": "none"}, "interaction_required"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
async def test_other_mistakes_are_told_to_the_app(diary: App, wrong: dict[str, str | None], word: str) -> None:
    answer = await diary.ask(**wrong)
    assert answer.status_code == 302
    assert answered(answer.headers["location"]) == {"error": word, "state": "s-1", "iss": ISSUER}


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


async def push(app: App, **other: str | None) -> dict[str, str | None]:
    return {
        "client_id": app.id,
        "client_secret": app.secret,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    } | other


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
    error(await diary.send("par", await push(diary, prompt="none")), 400, "interaction_required")


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


def holder(clinic: Any, tokens: dict[str, Any]) -> Any:
    """Whoever has the access token."""
    visitor = clinic.house.visitor()
    visitor.headers = {"authorization": f"Bearer {tokens['access_token']}"}
    return visitor


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


async def test_the_sign_in_must_be_what_the_app_asks_for(house: Any, clinic: Any, diary: App) -> None:
    patient = await clinic.patient()
    house.clock.pass_(seconds=30)
    wish = {"decision": "allow", "scopes": ["openid"]}
    for asked, code in (
        ({"max_age": "20"}, "sign-in-too-old"),
        ({"prompt": "login"}, "sign-in-too-old"),
        ({"acr_values": "aal2"}, "assurance-too-low"),
    ):
        request = waiting(await diary.ask(**asked))
        assert (await patient.get(f"/v1/authorizations/{request}")).json()["step_up"] == code
        refused(await patient.post(f"/v1/authorizations/{request}", wish), 403, code)
    request = waiting(await diary.ask(prompt="login", max_age="0", acr_values="aal2 aal1"))
    await patient.sign_in()
    location = await allowed(patient, request, ["openid"])
    house.clock.pass_(seconds=30)
    token = (await diary.token(answered(location)["code"])).json()
    said = json.decode(jws.extract_compact(token["id_token"].encode()).payload)
    assert said["auth_time"] == int(house.clock().timestamp()) - 30
    assert said["iat"] == said["auth_time"] + 30


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
    sam = await clinic.staff("therapist", email="sam@mail.example")
    await meadow.staff("supervisor", email="sam@mail.example")
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
