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
FORMS = [one for one in ALL if one.form]
AUTHORIZE = "/v1/oauth/authorize"
"""Reads its query as OAuth wants: what is not known is ignored. It has a test of its own."""
ASKING = [one for one in ALL if one.query and one.path != AUTHORIZE]
MATCHING = [one for one in ALL if one.matches]
ROLES = ("clinic-admin", "therapist", "supervisor", "patient", "reception", "privacy-officer", "operator")
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
    for name, example in (one.body or {}).items():
        for value in ({"x": PRIVATE}, [[PRIVATE]], 10**30, *((True,) if example is not True else ())):
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
    good = {"from": "2026-06-01T09:00:00Z", "to": "2026-06-02T09:00:00Z", "provider": "phone", "delivery": SOMETHING}
    needed = {name: good[name] for name, must in one.query.items() if must}
    for name in one.query:
        for value in (f"{PRIVATE}\0", "", "[]", "0.5", "9" * 400, *(("-1", "0", "201") if name == "limit" else ())):
            explained(_asked(sender, one, needed | {name: value}), 400, "malformed", name)
    explained(_asked(sender, one, needed | {"surprise": PRIVATE}), 400, "malformed")
    answer = sender.http.request(one.method, f"{filled(one)}?limit=%ff", json=one.body, headers=sender.headers)
    explained(answer, 400, "malformed")


def _asked(sender: Sender, one: Described, query: dict[str, str]) -> Any:
    return sender.http.request(one.method, filled(one), params=query, json=one.body, headers=sender.headers)


@pytest.mark.parametrize("one", MATCHING, ids=named)
@pytest.mark.parametrize("tag", ["*", "3", 'W/"3"', '"3", "4"', '"-1"', '"99999999999"', f'"{PRIVATE}"'])
def test_what_is_no_version_is_malformed(sender: Sender, one: Described, tag: str) -> None:
    headers = sender.headers | {"if-match": tag}
    explained(sender.http.request(one.method, filled(one), json=one.body, headers=headers), 400, "malformed")


NOT_A_FORM: dict[str, tuple[bytes, str | None, int]] = {
    "empty": (b"", "application/x-www-form-urlencoded", 400),
    "JSON": (b'{"token": "x"}', "application/json", 415),
    "no type": (b"token=x", None, 415),
    "JSON called a form": (b'{"token": "x"}', "application/x-www-form-urlencoded", 400),
    "the same field twice": (b"token=x&token=x&grant_type=x&grant_type=x", "application/x-www-form-urlencoded", 400),
    "an unknown field twice": (b"x=1&x=2", "application/x-www-form-urlencoded", 400),
    "invalid UTF-8": (b"token=%ff&grant_type=%ff", "application/x-www-form-urlencoded", 400),
    "raw bytes": (b"token=\xff&grant_type=\xff", "application/x-www-form-urlencoded", 400),
    "a NUL": (b"token=a%00&grant_type=a%00&scope=%00", "application/x-www-form-urlencoded", 400),
    "too many": (b"&".join(b"x%d=1" % n for n in range(101)), "application/x-www-form-urlencoded", 400),
    "too much": (b"token=" + b"x" * MOST_BYTES, "application/x-www-form-urlencoded", 413),
}


@pytest.mark.parametrize("one", FORMS, ids=named)
@pytest.mark.parametrize("wrong", NOT_A_FORM)
def test_what_is_no_form_is_refused_in_the_words_of_oauth(sender: Sender, one: Described, wrong: str) -> None:
    body, kind, status = NOT_A_FORM[wrong]
    headers = {"content-type": kind} if kind else {}
    answer = sender.http.request(one.method, filled(one), content=body, headers=headers)
    if one.path.endswith("/par") and wrong in {"empty", "JSON called a form"}:
        status = 401  # every field may be missing, and unknown ones count for nothing: then nobody asks
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"] == ("invalid_client" if status == 401 else "invalid_request")
    assert len(answer.json()["error_description"]) > 15


@pytest.mark.parametrize("one", FORMS, ids=named)
def test_a_form_of_nobody_is_refused_and_repeats_nothing(sender: Sender, one: Described) -> None:
    form = dict.fromkeys(one.form or {}, PRIVATE)
    answer = sender.http.request(one.method, filled(one), data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
    assert PRIVATE not in answer.text


@pytest.mark.parametrize("query", ["", "client_id=x", "client_id=x&client_id=x", "state=%ff", "state=%00", "x=%5B%5D"])
def test_a_wrong_authorization_request_sends_nobody_anywhere(sender: Sender, query: str) -> None:
    answer = sender.http.get(f"{AUTHORIZE}?{query}&redirect_uri=https://{PRIVATE}.example")
    code = "app-unknown" if query in {"", "client_id=x", "x=%5B%5D"} else "malformed"
    explained(answer, 400, code)
    assert "location" not in answer.headers


@pytest.mark.parametrize("method", ["PATCH", "TRACE"])
def test_asvs_4_1_4_an_unknown_method_is_told_the_others(sender: Sender, method: str) -> None:
    answer = sender.http.request(method, "/v1/availability", headers=sender.headers)
    explained(answer, 405, "method-not-allowed")
    assert {"GET", "PUT"} <= set(answer.headers["allow"].split(", "))
