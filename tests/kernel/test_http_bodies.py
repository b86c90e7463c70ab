"""Bodies: what is malformed, oversized or of the wrong type is refused with words that help, never with a 5xx."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

import msgspec
import pytest
from litestar import Router

from mindlyfe.kernel.http import post
from mindlyfe.kernel.messages import Act, Command, Instant, Role
from mindlyfe.kernel.testing.doorway import Doorway

GRANTS: dict[str, frozenset[Role]] = {"things:write": frozenset({"therapist"})}


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    weekday: Annotated[int, msgspec.Meta(ge=1, le=7)]


class Make(Command, frozen=True):
    name: Annotated[str, msgspec.Meta(max_length=40)]
    colour: Literal["red", "green"] = "red"
    at: Instant | None = None
    lines: tuple[Line, ...] = ()
    labels: dict[str, str] = msgspec.field(default_factory=dict[str, str])


@post("/v1/things", needs="things:write", max_body_bytes=2000)
async def make(data: Make, act: Act) -> str:
    return data.name


@post("/v1/raw", needs="things:write", max_body_bytes=10)
async def raw(data: bytes, act: Act) -> int:
    return len(data)


@pytest.fixture
async def door() -> AsyncIterator[Doorway]:
    async with Doorway([Router("/", route_handlers=[make, raw])], GRANTS) as doorway:
        yield doorway


MALFORMED = {
    "empty": b"",
    "cut off": b'{"name": "x"',
    "not JSON": b"name=x",
    "trailing": b'{"name": "x"} {}',
    "NaN": b'{"name": "x", "lines": [{"weekday": NaN}]}',
    "infinite": b'{"name": "x", "lines": [{"weekday": 1e999}]}',
    "duplicate": b'{"name": "x", "name": "y"}',
    "duplicate below": b'{"name": "x", "lines": [{"weekday": 1, "weekday": 2}]}',
    "NUL": b'{"name": "a\\u0000b"}',
    "NUL in a key": b'{"name": "x", "labels": {"a\\u0000b": "c"}}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "lone low surrogate": b'{"name": "\\udc00"}',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "deep": b'{"name":' + b"[" * 900 + b"]" * 900 + b"}",
    "deep label": b'{"name": "x", "labels": ' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}",
    "huge number": b'{"name": "x", "lines": [{"weekday": ' + b"9" * 1500 + b"}]}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_malformed_bodies_are_400(door: Doorway, body: bytes) -> None:
    headers = door.bearer("therapist") | {"content-type": "application/json"}
    answer = await door.client.post("/v1/things", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"] == "/problems/malformed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": 3}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"name": "x", "nme": "y"}, "nme"),
        ({"name": "x", "a b<script>": "y"}, "?"),
        ({"name": "x", "colour": "Ada Lovelace"}, "colour"),
        ({"name": "x", "at": "2026-03-01T10:00:00"}, "at"),
        ({"name": "x", "lines": [{"weekday": 1}, {"weekday": "2"}]}, "lines[1].weekday"),
        ({"name": "x", "lines": [{"weekday": 8}]}, "lines[0].weekday"),
        ({"name": "x", "lines": [{"weekday": 1, "day": 2}]}, "lines[0].day"),
        ([], ""),
    ],
)
async def test_asvs_2_2_1_2_2_2_a_wrong_field_is_named_and_its_value_is_not_repeated(
    door: Doorway, body: object, field: str
) -> None:
    answer = await door.client.post("/v1/things", json=body, headers=door.bearer("therapist"))
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert "Ada" not in answer.text
    assert "<script>" not in answer.text


async def test_an_escaped_backslash_is_not_a_nul(door: Doorway) -> None:
    headers = door.bearer("therapist") | {"content-type": "application/json; charset=UTF-8"}
    answer = await door.client.post("/v1/things", content=b'{"name": "a\\\\u0000b"}', headers=headers)
    assert answer.json() == "a\\u0000b"


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=x"]
)
async def test_another_content_type_is_415(door: Doorway, kind: str | None) -> None:
    headers = door.bearer("therapist") | ({"content-type": kind} if kind else {})
    answer = await door.client.post("/v1/things", content=b'{"name": "x"}', headers=headers)
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


async def test_too_large_is_413_with_and_without_content_length(door: Doorway) -> None:
    headers = door.bearer("therapist")
    answer = await door.client.post("/v1/things", json={"name": "x" * 3000}, headers=headers)
    assert answer.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b" " * 1000

    answer = await door.client.post("/v1/things", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"


async def test_raw_bytes_keep_their_limit(door: Doorway) -> None:
    headers = door.bearer("therapist")
    assert (await door.client.post("/v1/raw", content=b"\x00\xff", headers=headers)).json() == 2
    assert (await door.client.post("/v1/raw", content=b"x" * 11, headers=headers)).status_code == 413
