"""The document of a context says what its routes do."""

import json
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from litestar import Response, Router

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.http import PUBLIC, Page, get, put, sse
from mindlyfe.kernel.messages import Act, Command, Instant, Principal, Role
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.openapi import documents

GRANTS: dict[str, frozenset[Role]] = {"things:read": frozenset({"patient", "therapist"})}


class Thing(msgspec.Struct, frozen=True):
    """A thing."""

    id: UUID
    at: Instant
    version: int


class Change(Command, frozen=True):
    """Another name."""

    name: Annotated[str, msgspec.Meta(description="What it is called.", examples=["Chair"])]


class Worn(DomainError):
    """The thing is worn out."""

    code = "worn"
    advice = "Buy another."


@get(needs="things:read")
async def some(
    who: Principal, from_: Annotated[Instant, msgspec.Meta(description="Since.")], limit: int = 50
) -> Page[Thing]:
    raise NotImplementedError


@get("/{thing:uuid}", needs="things:read")
async def one(thing: UUID, who: Principal) -> Thing:
    raise NotImplementedError


@put("/{thing:uuid}", needs="things:read", refuses=(Worn,), aal=2)
async def change(thing: UUID, data: Change, act: Act, expected: int) -> Response[Thing]:
    """Give it another name.

    Everybody is told.
    """
    raise NotImplementedError


@sse("/live", needs=PUBLIC)
async def live() -> Any:
    raise NotImplementedError


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    module = Module(
        name="kernel",
        routes=[Router("/v1/things", route_handlers=[some, one, change, live], tags=["Things"])],
        grants=GRANTS,
        streams=(),
        publishes=lambda _: None,
    )
    return documents([module])["kernel"]


def test_it_is_json_and_complete(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {"/v1/things", "/v1/things/{thing}", "/v1/things/live"}
    for reference in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert reference in document["components"]["schemas"]


def test_a_write_tells_its_headers_body_and_refusals(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/things/{thing}"]["put"]
    assert operation["summary"] == "Give it another name"
    assert operation["description"] == "Everybody is told."
    assert operation["operationId"] == "kernel.things.change"
    assert (operation["x-permission"], operation["x-roles"]) == ("things:read", ["patient", "therapist"])
    parameters = {p["name"]: p for p in operation["parameters"]}
    assert set(parameters) == {"thing", "Idempotency-Key", "If-Match"}
    assert parameters["thing"]["schema"] == {"type": "string", "format": "uuid"}
    assert parameters["If-Match"]["required"]
    assert operation["requestBody"]["content"]["application/json"]["example"] == {"name": "Chair"}
    expected = {"200", "400", "401", "403", "404", "409", "413", "415", "421", "422", "428", "429", "500", "503", "504"}
    assert set(operation["responses"]) == expected
    assert "ETag" in operation["responses"]["200"]["headers"]
    worn = operation["responses"]["409"]["content"]["application/problem+json"]["examples"]["worn"]["value"]
    assert worn["detail"] == "Buy another."
    assert "assurance-too-low" in operation["responses"]["403"]["description"]


def test_a_read_of_a_version_tells_its_tag_and_that_it_need_not_be_sent_again(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/things/{thing}"]["get"]
    assert "If-None-Match" in {p["name"] for p in operation["parameters"]}
    assert "ETag" in operation["responses"]["200"]["headers"]
    assert "content" not in operation["responses"]["304"]
    assert "304" not in document["paths"]["/v1/things"]["get"]["responses"]


def test_a_read_tells_its_query_and_page(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/things"]["get"]
    parameters = {p["name"]: p for p in operation["parameters"]}
    assert parameters["from"]["required"]
    assert parameters["from"]["description"] == "Since."
    assert parameters["limit"]["schema"]["default"] == 50
    page = operation["responses"]["200"]["content"]["application/json"]
    assert page["example"]["items"][0]["at"] == "2026-03-02T09:00:00Z"
    assert operation["security"] == [{"bearer": []}, {"cookie": []}]


def test_a_public_stream_needs_nothing(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/things/live"]["get"]
    assert operation["security"] == []
    assert "text/event-stream" in operation["responses"]["200"]["content"]
    assert not {"401", "403", "504"} & set(operation["responses"])
