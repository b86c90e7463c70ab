"""Verbs and the edge: what a request gets back, whatever it sends."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from litestar import Response, Router
from litestar.datastructures import Cookie

from mindlyfe.kernel.edge import Unguarded
from mindlyfe.kernel.errors import DomainError, NotFound, VersionConflict
from mindlyfe.kernel.http import PUBLIC, Page, delete, get, post, put
from mindlyfe.kernel.messages import ANONYMOUS, REGION, Act, ByKey, Command, Instant, Principal, Role
from mindlyfe.kernel.testing.doorway import Doorway

GRANTS: dict[str, frozenset[Role]] = {
    "things:read": frozenset({"patient", "therapist"}),
    "things:write": frozenset({"therapist"}),
}


class Thing(msgspec.Struct, frozen=True):
    id: UUID
    version: int


class Make(Command, frozen=True):
    name: str
    count: int = 0


class Seen(msgspec.Struct, frozen=True):
    actor: UUID
    tenant: UUID
    once: str | None
    client: str
    expected: int | None = None


class Broken(DomainError):
    """It is broken. Really."""

    code = "broken"
    advice = "Mend it."


def seen(act: Act, expected: int | None = None) -> Seen:
    key = act.once.key if isinstance(act.once, ByKey) else None
    return Seen(act.actor, act.tenant, key, act.client, expected)


@get("/{thing:uuid}", needs="things:read")
async def one(thing: UUID, who: Principal) -> Thing:
    if who.aal > 1:
        raise NotFound
    return Thing(thing, 3)


@get(needs="things:read")
async def some(
    who: Principal, from_: Instant | None = None, limit: int = 50, tag: list[str] | None = None
) -> Page[str]:
    return Page([str(from_), str(limit), *(tag or [])], None)


@post(needs="things:write", refuses=(Broken,))
async def make(data: Make, act: Act) -> Seen:
    if data.name == "broken":
        raise Broken
    return seen(act)


@put("/{thing:uuid}", needs="things:write", refuses=(VersionConflict,))
async def change(thing: UUID, data: Make, act: Act, expected: int) -> Seen:
    return seen(act, expected)


@delete("/{thing:uuid}", needs="things:write")
async def remove(thing: UUID, act: Act) -> None: ...


@get("/secret", needs="things:read", aal=2)
async def secret(who: Principal) -> str:
    return "hidden"


@get("/open", needs=PUBLIC)
async def opened(act: Act, who: Principal | None) -> Seen:
    return seen(act)


@get("/slow", needs=PUBLIC, timeout_s=0.01)
async def slow() -> str:
    await asyncio.sleep(30)
    return "never"


@get("/crash", needs=PUBLIC)
async def crash() -> str:
    raise ValueError("Ada Lovelace, 1815")


@post("/cookies", needs=PUBLIC)
async def cookies() -> Response[Thing]:
    return Response(Thing(uuid4(), 1), cookies=[Cookie("taste", value="sweet", httponly=True)])


def routers() -> list[Router]:
    handlers = [one, some, make, change, remove, secret, opened, slow, crash, cookies]
    return [Router("/v1/things", route_handlers=handlers)]


@pytest.fixture
async def door() -> AsyncIterator[Doorway]:
    async with Doorway(routers(), GRANTS) as doorway:
        yield doorway


def problem(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = response.json()
    assert body["type"] == f"/problems/{code}"
    assert body["status"] == status
    assert len(str(body["correlation"])) == 32
    return body


async def test_a_permitted_request_is_answered_with_etag_and_safe_headers(door: Doorway) -> None:
    answer = await door.client.get(f"/v1/things/{uuid4()}", headers=door.bearer("patient"))
    assert answer.status_code == 200
    assert answer.headers["etag"].startswith('"3.')
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_without_token_401_without_permission_403(door: Doorway) -> None:
    answer = await door.client.post("/v1/things", json={"name": "x"})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = await door.client.post("/v1/things", json={"name": "x"}, headers=door.bearer("patient"))
    problem(answer, 403, "forbidden")


async def test_a_route_may_ask_for_a_second_factor(door: Doorway) -> None:
    problem(await door.client.get("/v1/things/secret", headers=door.bearer("patient")), 403, "assurance-too-low")
    answer = await door.client.get("/v1/things/secret", headers=door.bearer("patient", aal=2))
    assert answer.json() == "hidden"


async def test_a_public_route_is_done_by_nobody_in_the_region(door: Doorway) -> None:
    answer = await door.client.get("/v1/things/open")
    assert answer.json()["actor"] == str(ANONYMOUS)
    assert answer.json()["tenant"] == str(REGION)
    person = uuid4()
    answer = await door.client.get("/v1/things/open", headers=door.bearer("patient", person=person))
    assert answer.json()["actor"] == str(person)
    assert (await door.client.get("/v1/things/open", headers={"authorization": "Bearer x"})).status_code == 200


async def test_unknown_addresses_and_methods(door: Doorway) -> None:
    problem(await door.client.get("/v1/nothing"), 404, "not-found")
    problem(await door.client.get("/v1/things/not-an-id", headers=door.bearer("patient")), 404, "not-found")
    answer = await door.client.patch("/v1/things")
    problem(answer, 405, "method-not-allowed")
    assert {"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(","))
    answer = await door.client.options(f"/v1/things/{uuid4()}")
    assert (answer.status_code, answer.headers["allow"]) == (204, "DELETE, GET, OPTIONS, PUT")


async def test_refusals_are_rendered_with_title_and_advice(door: Doorway) -> None:
    answer = await door.client.post("/v1/things", json={"name": "broken"}, headers=door.bearer("therapist"))
    body = problem(answer, 409, "broken")
    assert body["title"] == "It is broken. Really"
    assert body["detail"] == "Mend it."


async def test_a_crash_tells_nothing_but_the_correlation(door: Doorway) -> None:
    answer = await door.client.get("/v1/things/crash")
    problem(answer, 500, "internal")
    assert "Ada" not in answer.text


async def test_a_route_that_takes_too_long_is_cut(door: Doorway) -> None:
    problem(await door.client.get("/v1/things/slow"), 504, "timed-out")


async def test_query_parameters_are_typed_renamed_and_complete(door: Doorway) -> None:
    headers = door.bearer("patient")
    query = {"from": "2026-03-01T10:00:00Z", "limit": "7", "tag": ["a", "b"]}
    answer = await door.client.get("/v1/things", params=query, headers=headers)
    assert answer.json()["items"] == ["2026-03-01 10:00:00+00:00", "7", "a", "b"]
    for wrong, field in (("limit=x", "limit"), ("from=2026-03-01T10:00:00", "from"), ("lmit=3", "lmit")):
        answer = await door.client.get(f"/v1/things?{wrong}", headers=headers)
        assert problem(answer, 400, "malformed")["errors"][0]["field"] == field  # type: ignore[index]
    for wrong in ("limit=1&limit=2", "tag=%00", "tag=%ff", "&".join(f"tag={n}" for n in range(200))):
        problem(await door.client.get(f"/v1/things?{wrong}", headers=headers), 400, "malformed")


async def test_the_idempotency_key_reaches_the_act(door: Doorway) -> None:
    headers = door.bearer("therapist")
    answer = await door.client.post("/v1/things", json={"name": "x"}, headers=headers | {"idempotency-key": "k 1"})
    problem(answer, 400, "malformed")
    for key in ("", "k\x01", "x" * 129):
        answer = await door.client.post("/v1/things", json={"name": "x"}, headers={**headers, "idempotency-key": key})
        problem(answer, 400, "malformed")
    answer = await door.client.post("/v1/things", json={"name": "x"}, headers=headers | {"idempotency-key": "k-1"})
    assert answer.status_code == 201
    assert answer.json()["once"] == "k-1"


async def test_if_match_names_one_version(door: Doorway) -> None:
    address, headers = f"/v1/things/{uuid4()}", door.bearer("therapist")
    problem(await door.client.put(address, json={"name": "x"}, headers=headers), 428, "precondition-required")
    for wrong in ("*", "3", '"x"', 'W/"3"', '"3", "4"', '"03"', '"99999999999999999999"'):
        answer = await door.client.put(address, json={"name": "x"}, headers=headers | {"if-match": wrong})
        problem(answer, 400, "malformed")
    for right in ('"3"', '"3.0123456789abcdef"'):
        answer = await door.client.put(address, json={"name": "x"}, headers=headers | {"if-match": right})
        assert answer.json()["expected"] == 3


async def test_nothing_to_say_is_204_and_responses_keep_their_cookies(door: Doorway) -> None:
    answer = await door.client.delete(f"/v1/things/{uuid4()}", headers=door.bearer("therapist"))
    assert (answer.status_code, answer.content) == (204, b"")
    answer = await door.client.post("/v1/things/cookies")
    assert answer.status_code == 201
    assert "taste=sweet" in answer.headers["set-cookie"]


def test_a_route_without_a_permission_stops_the_start() -> None:
    with pytest.raises(Unguarded, match=r"/v1/things needs 'things:read', which no role has"):
        Doorway(routers(), {"things:write": GRANTS["things:write"]})
