"""What a caller has is not sent again: If-None-Match, whatever tags it lists."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Response, Router
from tests.kernel.test_http import problem

from mindlyfe.kernel.entity_tags import expected_version, known, tag_of
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.http import PUBLIC, get, put
from mindlyfe.kernel.messages import Principal, Role
from mindlyfe.kernel.testing.doorway import Doorway

GRANTS: dict[str, frozenset[Role]] = {"plans:read": frozenset({"patient", "therapist"})}


class Plan(msgspec.Struct, frozen=True):
    patient: UUID
    version: int


@get("/v1/patients/{patient:uuid}/plan", needs="plans:read", audits="plans.read")
async def one(patient: UUID, who: Principal) -> Plan:
    if who.aal > 1:
        raise NotFound
    return Plan(patient, 3)


@put("/v1/patients/{patient:uuid}/plan", needs="plans:read")
async def change(patient: UUID, expected: int) -> Plan:
    return Plan(patient, expected + 1)


@get("/v1/tagged", needs=PUBLIC)
async def tagged() -> Response[bytes]:
    headers = {"etag": '"own"', "cache-control": "private, no-cache"}
    return Response(b"page", headers=headers, media_type="text/plain")


@pytest.fixture
async def door() -> AsyncIterator[Doorway]:
    async with Doorway([Router("/", route_handlers=[one, change, tagged])], GRANTS) as doorway:
        yield doorway


async def test_what_the_caller_has_is_not_sent_again(door: Doorway) -> None:
    address, headers = f"/v1/patients/{uuid4()}/plan", door.bearer("therapist")
    first = await door.client.get(address, headers=headers)
    tag = first.headers["etag"]
    for had in (tag, f"W/{tag}", "*", f'"2", "a,b", W/{tag}', f'"",{tag}'):
        again = await door.client.get(address, headers=headers | {"if-none-match": had})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), had
        assert "content-type" not in again.headers
        assert again.headers["cache-control"] == "no-store"
    for other in ('"3"', '"3.0123456789abcdef"', tag.strip('"'), "", '"*"', '"2", "4"', tag.replace("3.", "4.")):
        again = await door.client.get(address, headers=headers | {"if-none-match": other})
        assert (again.status_code, again.json()) == (200, first.json()), other
    another = await door.client.get(f"/v1/patients/{uuid4()}/plan", headers=headers | {"if-none-match": tag})
    assert another.status_code == 200, "the same version of something else"
    assert [row.outcome for row in door.audited] == ["done"] * 14, "each is a read, sent again or not"


async def test_a_tag_is_no_way_past_a_refusal(door: Doorway) -> None:
    address = f"/v1/patients/{uuid4()}/plan"
    tag = {"if-none-match": (await door.client.get(address, headers=door.bearer("patient"))).headers["etag"]}
    problem(await door.client.get(address, headers=tag), 401, "unauthenticated")
    problem(await door.client.get(address, headers=door.bearer("patient", aal=2) | tag), 404, "not-found")
    answer = await door.client.put(address, headers=door.bearer("therapist") | tag)
    problem(answer, 428, "precondition-required")


async def test_an_answer_with_a_tag_of_its_own_is_not_sent_again_either(door: Doorway) -> None:
    first = await door.client.get("/v1/tagged")
    assert (first.status_code, first.text) == (200, "page")
    again = await door.client.get("/v1/tagged", headers={"if-none-match": 'W/"own"'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"own"')
    assert again.headers["cache-control"] == "private, no-cache"


async def test_a_change_tells_the_version_alone(door: Doorway) -> None:
    headers = door.bearer("therapist") | {"if-match": '"3"', "if-none-match": "*"}
    answer = await door.client.put(f"/v1/patients/{uuid4()}/plan", headers=headers)
    assert (answer.status_code, answer.headers["etag"], answer.json()["version"]) == (200, '"4"', 4)


@given(st.integers(0, 999_999_999), st.binary(), st.binary())
def test_a_tag_names_a_version_and_one_body(version: int, body: bytes, other: bytes) -> None:
    tag = tag_of(version, body)
    assert expected_version({b"if-match": tag}) == expected_version({b"if-match": tag_of(version)}) == version
    assert known({b"if-none-match": tag_of(version, other)}, tag) == (body == other)
    assert not known({}, tag)
