"""Routes that speak OAuth: forms read strictly, refusals in its words; and apps come in by their scopes alone."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
import pytest
from litestar import Router

from mindlyfe.kernel.errors import OAuthRefusal, Unavailable
from mindlyfe.kernel.http import PUBLIC, get, post
from mindlyfe.kernel.messages import Principal, Role
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.openapi import documents
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.doorway import Doorway

GRANTS: dict[str, frozenset[Role]] = {"files:read": frozenset({"therapist", "patient"})}
FORM = {"content-type": "application/x-www-form-urlencoded"}
APP = "6f1c9e0a-3f57-4d0f-9a51-6d0e6b1b7a10"


class Asked(msgspec.Struct, frozen=True):
    """A form."""

    grant_type: Annotated[str, msgspec.Meta(max_length=8)]
    code: str | None = None


class InvalidGrant(OAuthRefusal):
    """The code is not good."""

    code = "invalid-grant"
    advice = 'Start "again".'


class NotKnown(OAuthRefusal):
    """Who is this."""

    status = 401
    code = "invalid-client"


@post("/v1/token", needs=PUBLIC, oauth=True, status_code=200, refuses=(InvalidGrant,), max_body_bytes=200)
async def token(form: Asked) -> Asked:
    match form.code:
        case "bad":
            raise InvalidGrant
        case "who":
            raise NotKnown
        case "away":
            raise Unavailable
        case "broken":
            raise ZeroDivisionError
        case _:
            return form


@get("/v1/asked", needs=PUBLIC)
async def asked(form: Asked) -> Asked:
    return form


@get("/v1/files", needs="files:read", scope="File.r")
async def files(who: Principal) -> list[str]:
    return sorted(who.roles)


@get("/v1/closed", needs="files:read")
async def closed(who: Principal) -> None:
    assert not who.client


ROUTES = [Router("/", route_handlers=[token, asked, files, closed])]


@pytest.fixture
async def door() -> AsyncIterator[Doorway]:
    async with Doorway(ROUTES, GRANTS) as doorway:
        yield doorway


async def test_a_form_is_read_and_what_is_not_known_or_empty_is_not_there(door: Doorway) -> None:
    body = b"grant_type=a%20b&code=&surprise=1"
    answer = await door.client.post("/v1/token", content=body, headers=FORM)
    assert (answer.status_code, answer.json()) == (200, {"grant_type": "a b", "code": None})
    assert answer.headers["cache-control"] == "no-store"
    asked = await door.client.get("/v1/asked?grant_type=a&surprise=1&code=")
    assert asked.json() == {"grant_type": "a", "code": None}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"code=x",
        b'{"grant_type": "a"}',
        b"grant_type=a&grant_type=a",
        b"grant_type=a&x=1&x=2",
        b"grant_type=%ff",
        b"grant_type=\xff",
        b"grant_type=a%00",
        b"grant_type=123456789",
        b"&".join(b"x%d=1" % n for n in range(101))[:190],
    ],
)
async def test_a_wrong_form_is_an_invalid_request(door: Doorway, body: bytes) -> None:
    answer = await door.client.post("/v1/token", content=body, headers=FORM)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text
    assert answer.headers["content-type"] == "application/json"
    if body.isascii():
        refused(await door.client.get(f"/v1/asked?{body.decode()}"), 400, "malformed")


async def test_each_refusal_has_a_word_of_oauth(door: Doorway) -> None:
    for code, status, error in (
        ("bad", 400, "invalid_grant"),
        ("who", 401, "invalid_client"),
        ("away", 503, "temporarily_unavailable"),
        ("broken", 500, "server_error"),
    ):
        answer = await door.client.post("/v1/token", data={"grant_type": "a", "code": code})
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert answer.headers["cache-control"] == "no-store"
        assert '"' not in answer.json()["error_description"]
        assert answer.headers.get("www-authenticate") == ('Basic realm="mindlyfe"' if status == 401 else None)
    for kind, status in (("application/json", 415), ("text/plain", 415), ("multipart/form-data; boundary=x", 415)):
        answer = await door.client.post("/v1/token", content=b"grant_type=a", headers={"content-type": kind})
        assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")
    answer = await door.client.post("/v1/token", data={"grant_type": "a", "code": "x" * 300})
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")


def test_the_document_says_so() -> None:
    module = Module(name="kernel", routes=ROUTES, grants=GRANTS, streams=(), publishes=lambda _: None)
    paths: dict[str, Any] = documents([module])["kernel"]["paths"]
    told = paths["/v1/token"]["post"]
    assert "application/x-www-form-urlencoded" in told["requestBody"]["content"]
    for status, answer in told["responses"].items():
        assert status == "200" or answer["content"]["application/json"]["schema"]["$ref"].endswith("/OAuthError")
    assert "`invalid_grant`" in told["responses"]["400"]["description"]
    assert [one["name"] for one in paths["/v1/asked"]["get"]["parameters"]] == ["grant_type", "code"]
    assert "application/problem+json" in paths["/v1/asked"]["get"]["responses"]["400"]["content"]


async def test_an_app_comes_in_by_its_scope_with_the_roles_it_leaves(door: Doorway) -> None:
    for scope, roles in (
        ("user/File.rs", ["patient", "therapist"]),
        ("openid patient/*.r", ["patient"]),
    ):
        headers = door.bearer("patient", "therapist", client_id=APP, scope=scope)
        answer = await door.client.get("/v1/files", headers=headers)
        assert (answer.status_code, answer.json()) == (200, roles)
        refused(await door.client.get("/v1/closed", headers=headers), 403, "insufficient-scope")
    for scope in ("", "openid", "user/Other.r", "patient/File.s"):
        headers = door.bearer("patient", "therapist", client_id=APP, scope=scope)
        refused(await door.client.get("/v1/files", headers=headers), 403, "insufficient-scope")
    headers = door.bearer("therapist", client_id=APP, scope="patient/File.r")
    refused(await door.client.get("/v1/files", headers=headers), 403, "insufficient-scope")
    headers = door.bearer("reception", client_id=APP, scope="user/File.r")
    refused(await door.client.get("/v1/files", headers=headers), 403, "forbidden")
