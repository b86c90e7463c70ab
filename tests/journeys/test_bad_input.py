"""Bodies, addresses and queries that are wrong in every way, at every route: a helpful 4xx, and nothing happens.

The routes and an example of what each takes come from the API description.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from mindlyfe.assembly import modules
from mindlyfe.demo.clinic import Clinic
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.openapi import documents
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.described import Described, described

ALL = [*described(documents(modules(Settings())))]
TAKING = [one for one in ALL if one.body]
NAMING = [one for one in ALL if "{" in one.path]
ASKING = [one for one in ALL if one.query]
MATCHING = [one for one in ALL if one.matches]
ROLES = ("clinic-admin", "therapist", "patient", "reception", "privacy-officer", "operator")
MOST_BYTES = 65_536
PRIVATE = "Xanthippe-7f3a"
"""Stands for what a person would not like to read in an answer or a log."""
SOMETHING = str(UUID(int=7))


def named(one: Described) -> str:
    return one.name


class Sender:
    """Somebody with every permission, at the door of a clinic."""

    def __init__(self, platform: Any) -> None:
        clinic = Clinic.open(platform.base, platform.mailbox, "bad", "Harbour Clinic", platform.setup_link())
        admin, self.platform = clinic.administrator, platform
        self.headers = platform.signer().bearer(*ROLES, person=admin.id, tenant=admin.tenant, aal=2)
        self.http = httpx.Client(base_url=platform.base, timeout=20)
        self.before = platform.settled()

    def send(self, one: Described, body: bytes | None = None, kind: str | None = "application/json") -> httpx.Response:
        """The request with this body, or with the example."""
        content = json.dumps(one.body).encode() if body is None and one.body else body
        headers = self.headers | ({"content-type": kind} if content is not None and kind else {})
        return self.http.request(one.method, filled(one), content=content, headers=headers)


def filled(one: Described, value: str = SOMETHING) -> str:
    return re.sub(r"\{\w+\}", value, one.path)


@pytest.fixture(scope="module")
def sender(lasting_platform: Any) -> Sender:
    return Sender(lasting_platform)


@pytest.fixture(autouse=True)
def nothing_happens(sender: Sender) -> Iterator[None]:
    """No log of any context has anything new; what comes late is seen by the next test."""
    yield
    assert sender.platform.written() == sender.before


def explained(answer: httpx.Response, status: int, code: str, field: str | None = None) -> None:
    """Checks that the answer is this refusal, helps, and repeats nothing private."""
    problem = refused(answer, status, code)
    assert problem["status"] == status
    assert len(problem["title"]) > 5
    assert len(problem["detail"]) > 15
    assert re.fullmatch(r"[0-9a-f]{32}", problem["correlation"])
    assert PRIVATE not in answer.text
    if field is not None:
        [error] = problem["errors"]
        assert error["field"].partition("[")[0].partition(".")[0] == field, answer.text
        assert len(error["message"]) > 10


def with_(one: Described, **fields: Any) -> bytes:
    return json.dumps((one.body or {}) | fields).encode()


def first_text(one: Described) -> str:
    """A field of the example that holds text; where there is none, the first."""
    body = one.body or {}
    return next((name for name, value in body.items() if isinstance(value, str)), next(iter(body)))


NOT_JSON: dict[str, Callable[[Described], bytes]] = {
    "empty": lambda _: b"",
    "words": lambda _: f"not JSON, {PRIVATE}".encode(),
    "malformed": lambda _: b'{"name": }',
    "truncated": lambda one: with_(one)[:-3],
    "two of them": lambda one: with_(one) * 2,
    "deeply nested": lambda _: b"[" * 30_000 + b"]" * 30_000,
    "deeply nested in a field": lambda one: with_(one)[:-1] + b', "x": ' + b'{"x":' * 9_000 + b"1" + b"}" * 9_001,
    "invalid UTF-8": lambda one: with_(one)[:-1] + b', "x": "\xff\xfe"}',
    "half a surrogate": lambda one: with_(one)[:-1] + b', "' + first_text(one).encode() + b'": "\\ud800"}',
    "a raw NUL": lambda one: with_(one)[:-1] + b', "x": "\0"}',
    "an escaped NUL": lambda one: with_(one, **{first_text(one): f"{PRIVATE}\0"}),
    "the same field twice": lambda one: with_(one)[:-1] + b"," + with_(one)[1:],
    "NaN": lambda one: with_(one)[:-1] + b', "x": NaN}',
}


@pytest.mark.parametrize("one", TAKING, ids=named)
@pytest.mark.parametrize("wrong", NOT_JSON)
def test_what_is_not_json_is_malformed(sender: Sender, one: Described, wrong: str) -> None:
    explained(sender.send(one, NOT_JSON[wrong](one)), 400, "malformed")


@pytest.mark.parametrize("one", TAKING, ids=named)
@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
def test_another_content_type_is_not_read(sender: Sender, one: Described, kind: str | None) -> None:
    explained(sender.send(one, kind=kind), 415, "unsupported-media-type")


@pytest.mark.parametrize("one", TAKING, ids=named)
def test_too_much_is_not_read(sender: Sender, one: Described) -> None:
    explained(sender.send(one, with_(one) + b" " * MOST_BYTES), 413, "too-large")
    explained(sender.send(one, b"[" * 100_000), 413, "too-large")


@pytest.mark.parametrize("one", TAKING, ids=named)
def test_a_wrong_field_is_named(sender: Sender, one: Described) -> None:
    explained(sender.send(one, with_(one, surprise=PRIVATE)), 400, "malformed", "surprise")
    for name in one.body or {}:
        for value in ({"x": PRIVATE}, [[PRIVATE]], 10**30, True):
            explained(sender.send(one, with_(one, **{name: value})), 400, "malformed", name)


@pytest.mark.parametrize("one", TAKING, ids=named)
@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"1", b"1" * 5_000, b"1e999", b"true"])
def test_what_is_no_object_is_malformed(sender: Sender, one: Described, body: bytes) -> None:
    explained(sender.send(one, body), 400, "malformed")


@pytest.mark.parametrize("one", NAMING, ids=named)
@pytest.mark.parametrize(
    "name", [PRIVATE, "7", "null", "%00", "%ff%fe", "%27%20or%201=1", SOMETHING + "0", "x" * 3_000]
)
def test_what_is_no_id_names_nothing(sender: Sender, one: Described, name: str) -> None:
    body = json.dumps(one.body).encode() if one.body else None
    headers = sender.headers | {"content-type": "application/json"}
    explained(sender.http.request(one.method, filled(one, name), content=body, headers=headers), 404, "not-found")


@pytest.mark.parametrize("one", ASKING, ids=named)
def test_a_wrong_question_is_told_by_its_parameter(sender: Sender, one: Described) -> None:
    good = {"from": "2026-06-01T09:00:00Z", "to": "2026-06-02T09:00:00Z"}
    needed = {name: good[name] for name, must in one.query.items() if must}
    for name in one.query:
        for value in (f"{PRIVATE}\0", "", "[]", "0.5", "9" * 400, *(("-1", "0", "201") if name == "limit" else ())):
            answer = sender.http.get(filled(one), params=needed | {name: value}, headers=sender.headers)
            explained(answer, 400, "malformed", name)
    explained(
        sender.http.get(filled(one), params=needed | {"surprise": PRIVATE}, headers=sender.headers), 400, "malformed"
    )
    explained(sender.http.get(f"{filled(one)}?limit=%ff", headers=sender.headers), 400, "malformed")


@pytest.mark.parametrize("one", MATCHING, ids=named)
@pytest.mark.parametrize("tag", ["*", "3", 'W/"3"', '"3", "4"', '"-1"', '"99999999999"', f'"{PRIVATE}"'])
def test_what_is_no_version_is_malformed(sender: Sender, one: Described, tag: str) -> None:
    headers = sender.headers | {"if-match": tag}
    explained(sender.http.request(one.method, filled(one), json=one.body, headers=headers), 400, "malformed")


@pytest.mark.parametrize("method", ["PATCH", "TRACE"])
def test_asvs_4_1_4_an_unknown_method_is_told_the_others(sender: Sender, method: str) -> None:
    answer = sender.http.request(method, "/v1/availability", headers=sender.headers)
    explained(answer, 405, "method-not-allowed")
    assert {"GET", "PUT"} <= set(answer.headers["allow"].split(", "))
