"""Access tokens that are forged, foreign, old or for something else open no route, however well they are signed."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from mindlyfe.assembly import modules
from mindlyfe.demo.clinic import Clinic
from mindlyfe.kernel.access import access_cookie
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.messages import Role
from mindlyfe.kernel.openapi import documents
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.described import Described, described
from mindlyfe.kernel.testing.tokens import Signer

GUARDED = [one for one in described(documents(modules(Settings()))) if not one.public]
ROLES: tuple[Role, ...] = ("clinic-admin", "therapist", "patient", "reception")


def named(one: Described) -> str:
    return one.name


class Clinics:
    """A platform on which somebody signed in, and its signing key."""

    def __init__(self, platform: Any) -> None:
        Clinic.open(platform.base, platform.mailbox, "tokens", "Harbour", platform.setup_link())
        self.platform, self.signer = platform, platform.signer()
        self.http = httpx.Client(base_url=platform.base, timeout=20)
        self.before = platform.settled()

    def send(self, one: Described, headers: dict[str, str]) -> httpx.Response:
        path = re.sub(r"\{\w+\}", str(uuid4()), one.path)
        return self.http.request(one.method, path, json=one.body, headers=headers)


@pytest.fixture(scope="module")
def clinics(lasting_platform: Any) -> Clinics:
    return Clinics(lasting_platform)


@pytest.fixture(autouse=True)
def nothing_happens(clinics: Clinics) -> Iterator[None]:
    yield
    assert clinics.platform.written() == clinics.before


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(token: str, algorithm: str) -> str:
    """The claims of a token under a header that wants no signature."""
    return f"{part({'alg': algorithm, 'typ': 'at+jwt'})}.{token.split('.')[1]}."


def foreign(signer: Signer, kid: str) -> Signer:
    """Another key that says it is the platform's."""
    return Signer(kid=kid, issuer=signer.issuer, region=signer.region)


def tampered(token: str) -> str:
    """Other claims under the old signature."""
    header, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return f"{header}.{part(said | {'roles': ['operator']})}.{signature}"


def good(signer: Signer, **other: Any) -> str:
    """A token that opens much, but for what is `other` in it."""
    return signer.token(*ROLES, **other)


WRONG: dict[str, Callable[[Signer], str]] = {
    "words": lambda s: "not-a-token",
    "three empty parts": lambda s: "..",
    "too long": lambda s: good(s, more="x" * 9_000),
    "expired": lambda s: good(s, lasts_s=-60),
    "from the future": lambda s: good(s, iat=int(time.time()) + 600),
    "not yet valid": lambda s: good(s, nbf=int(time.time()) + 600),
    "no expiry": lambda s: good(s, exp=None),
    "no roles": lambda s: good(s, roles=None),
    "an unknown role": lambda s: good(s, roles=["god"]),
    "alg none": lambda s: unsigned(good(s), "none"),
    "alg None": lambda s: unsigned(good(s), "None"),
    "alg HS256": lambda s: unsigned(good(s), "HS256") + "AAAA",
    "no signature": lambda s: good(s).rpartition(".")[0] + ".",
    "other claims": lambda s: tampered(good(s)),
    "a foreign key of the same name": lambda s: good(foreign(s, s.kid)),
    "an unknown key": lambda s: good(foreign(s, "unheard-of")),
    "no key named": lambda s: good(s, headers={"kid": None}),
    "another audience": lambda s: good(s, aud="grafana"),
    "another issuer": lambda s: good(s, iss="https://example.org"),
    "an ID token": lambda s: good(s, headers={"typ": "JWT"}),
    "no type": lambda s: good(s, headers={"typ": None}),
    "an unknown must": lambda s: good(s, headers={"crit": ["b64"], "b64": True}),
}


def test_nothing_else_is_wrong_with_them(clinics: Clinics) -> None:
    headers = {"authorization": f"Bearer {good(clinics.signer)}"}
    assert clinics.http.get("/v1/deliveries", headers=headers).status_code == 200


@pytest.mark.parametrize("one", GUARDED, ids=named)
@pytest.mark.parametrize("wrong", WRONG)
def test_asvs_9_1_2_9_1_3_9_2_2_9_2_3_a_wrong_token_opens_nothing(clinics: Clinics, one: Described, wrong: str) -> None:
    token = WRONG[wrong](clinics.signer)
    answer = clinics.send(one, {"authorization": f"Bearer {token}"})
    problem = refused(answer, 401, "invalid-token")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert len(problem["detail"]) > 15
    assert token not in answer.text


@pytest.mark.parametrize("one", GUARDED, ids=named)
@pytest.mark.parametrize("scheme", ["Basic", "Bearer Bearer", "Token"])
def test_a_token_is_sent_as_bearer(clinics: Clinics, one: Described, scheme: str) -> None:
    token = good(clinics.signer)
    refused(clinics.send(one, {"authorization": f"{scheme} {token}"}), 401, "invalid-token")


@pytest.mark.parametrize("one", GUARDED, ids=named)
def test_a_clinic_of_another_region_is_sent_there(clinics: Clinics, one: Described) -> None:
    headers = {"authorization": f"Bearer {good(clinics.signer, region='us')}"}
    refused(clinics.send(one, headers), 421, "wrong-region")


@pytest.mark.parametrize("one", [one for one in GUARDED if one.method != "GET"], ids=named)
@pytest.mark.parametrize(
    "from_", [{}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}]
)
def test_another_site_cannot_use_the_cookie(clinics: Clinics, one: Described, from_: dict[str, str]) -> None:
    token = good(clinics.signer)
    cookie = f"{access_cookie(clinics.platform.settings.instance, secure=False)}={token}"
    refused(clinics.send(one, {"cookie": cookie} | from_), 403, "cross-site")
