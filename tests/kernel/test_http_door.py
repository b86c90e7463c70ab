"""Who is let in: cookies from our own pages, addresses from our own gateway, records of what was read or refused."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from litestar import Router

from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.http import PUBLIC, get, post
from mindlyfe.kernel.messages import Act, Principal, Role
from mindlyfe.kernel.testing.doorway import COOKIE, ORIGIN, Doorway

GRANTS: dict[str, frozenset[Role]] = {"files:read": frozenset({"therapist"}), "files:write": frozenset({"therapist"})}
HIDDEN = uuid4()


@get("/v1/patients/{patient:uuid}/files", needs="files:read", audits="files.read")
async def files(patient: UUID, who: Principal) -> str:
    if patient == HIDDEN:
        raise NotFound
    return who.act.client


@get("/v1/named/{name:str}", needs="files:read", audits="names.read")
async def named(name: str) -> str:
    return name


@post("/v1/files", needs="files:write")
async def write(act: Act) -> str:
    return act.client


@get("/v1/where", needs=PUBLIC)
async def where(act: Act) -> str:
    return act.client


@pytest.fixture
async def door() -> AsyncIterator[Doorway]:
    async with Doorway([Router("/", route_handlers=[files, named, write, where])], GRANTS) as doorway:
        yield doorway


def cookie(door: Doorway) -> dict[str, str]:
    return {"cookie": f"other=1; {COOKIE}={door.signer.token('therapist')}; last=2"}


async def test_a_cookie_reads_from_anywhere_and_writes_from_our_pages_only(door: Doorway) -> None:
    ours = cookie(door)
    assert (await door.client.get(f"/v1/patients/{uuid4()}/files", headers=ours)).status_code == 200
    for headers, status in (
        ({}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ORIGIN, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, 403),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"origin": ORIGIN}, 201),
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, 201),
    ):
        answer = await door.client.post("/v1/files", headers=ours | headers)
        assert answer.status_code == status, headers
        if status == 403:
            assert answer.json()["type"] == "/problems/cross-site"


async def test_a_bearer_token_wins_over_a_stale_cookie(door: Doorway) -> None:
    headers = {"cookie": f"{COOKIE}=stale"} | door.bearer("therapist")
    assert (await door.client.post("/v1/files", headers=headers)).status_code == 201


@pytest.mark.parametrize("authorization", ["", "Basic QWxhZGRpbjpvcGVu", "Bearer", "Bearer ", "Bearer a b", "x" * 9000])
async def test_another_authorization_is_401(door: Doorway, authorization: str) -> None:
    answer = await door.client.post("/v1/files", headers={"authorization": authorization})
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/invalid-token"


async def test_a_token_of_another_region_is_misdirected(door: Doorway) -> None:
    answer = await door.client.post("/v1/files", headers=door.bearer("therapist", region="us"))
    assert answer.status_code == 421


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (None, "127.0.0.1"),
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("<script>", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
async def test_the_client_is_whom_our_gateway_saw(door: Doorway, forwarded: str | None, client: str) -> None:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    assert (await door.client.get("/v1/where", headers=headers)).json() == client


async def test_identity_headers_of_a_client_mean_nothing(door: Doorway) -> None:
    headers = {
        "x-sub": str(uuid4()),
        "x-tenant": str(uuid4()),
        "x-roles": "therapist",
        "x-envoy-external-address": "6.6.6.6",
    }
    assert (await door.client.post("/v1/files", headers=headers)).status_code == 401
    assert (await door.client.get("/v1/where", headers=headers)).json() == "127.0.0.1"


async def test_reads_and_refused_tries_are_recorded(door: Doorway) -> None:
    patient, person, tenant = uuid4(), uuid4(), uuid4()
    own = door.bearer("therapist", person=person, tenant=tenant)
    await door.client.get(f"/v1/patients/{patient}/files?", headers=own)
    await door.client.get(f"/v1/patients/{HIDDEN}/files", headers=own)
    await door.client.get(f"/v1/patients/{patient}/files", headers=door.bearer("patient"))
    assert [row.outcome for row in door.audited] == ["done", "not-found", "forbidden"]
    first = door.audited[0]
    assert (first.tenant, first.actor, first.subject, first.action) == (tenant, person, patient, "files.read")
    assert first.object == f"/v1/patients/{patient}/files"
    assert first.correlation.startswith("00-")


async def test_a_path_that_may_name_somebody_is_recorded_as_its_template(door: Doorway) -> None:
    await door.client.get("/v1/named/ada@example.org", headers=door.bearer("therapist"))
    assert door.audited[0].object == "/v1/named/{name}"


async def test_asvs_16_5_3_what_cannot_be_recorded_is_not_answered(
    door: Doorway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(door, "read", away)
    answer = await door.client.get(f"/v1/patients/{uuid4()}/files", headers=door.bearer("therapist"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
