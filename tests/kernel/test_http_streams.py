"""Streams, sockets, mounted applications on a real server: admitted, not cut, ended by the token."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
import uvicorn
from litestar import Router, WebSocket
from litestar.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mindlyfe.kernel.access import Claims
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.http import PUBLIC, get, mounted, sse, websocket
from mindlyfe.kernel.messages import Principal, Role
from mindlyfe.kernel.sse import event_stream
from mindlyfe.kernel.testing.doorway import COOKIE, ORIGIN, Doorway

GRANTS: dict[str, frozenset[Role]] = {"beats:read": frozenset({"therapist"})}


class Beat(msgspec.Struct, frozen=True):
    rate: int


@sse("/v1/beats", needs="beats:read")
async def beats(who: Principal, count: int = 3) -> AsyncIterator[Beat]:
    for rate in range(count):
        yield Beat(rate)


@sse("/v1/silence", needs="beats:read")
async def silence(who: Principal) -> AsyncIterator[Beat]:
    await asyncio.sleep(60)
    yield Beat(0)


@websocket("/v1/talk/{room:uuid}", needs="beats:read")
async def talk(socket: WebSocket[Any, Any, Any], room: UUID, who: Principal) -> None:
    await socket.accept()
    await socket.send_json({"room": str(room), "who": str(who.id)})
    while True:
        await socket.send_text(await socket.receive_text())


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message: Any = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    user: Any = scope["user"]
    said = f"{scope['path']} {sorted(user.roles)} {len(body)}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": said, "more_body": False})


@get("/v1/health", needs=PUBLIC)
async def fine() -> str:
    return "fine"


@pytest.fixture
async def served() -> AsyncIterator[tuple[Doorway, str]]:
    """The doorway on a port, with the server that production uses."""
    raw = mounted("/v1/raw", plain, needs="beats:read", max_body_bytes=10)
    doorway = Doorway([Router("/", route_handlers=[beats, silence, talk, raw, fine])], GRANTS, revocations=Told())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            doorway.app,
            http="httptools",
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        yield doorway, f"127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        await serving


async def test_events_are_structs_as_json(served: tuple[Doorway, str]) -> None:
    door, address = served
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        answer = await client.get("/v1/beats?count=2", headers=door.bearer("therapist"))
        assert answer.headers["content-type"].startswith("text/event-stream")
        data = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
        assert data == [{"rate": 0}, {"rate": 1}]
        assert (await client.get("/v1/beats")).status_code == 401
        assert (await client.get("/v1/beats", headers=door.bearer("patient"))).status_code == 403


async def test_a_quiet_stream_shows_life_and_ends_with_the_token() -> None:
    async def quiet() -> AsyncIterator[Beat]:
        await asyncio.sleep(60)
        yield Beat(1)

    answer: Any = event_stream(quiet(), left_s=2, ping_s=0.2)
    chunks = [chunk async for chunk in answer.iterator]
    assert len(chunks) >= 3
    assert set(chunks) == {b": \n\n"}


async def test_a_socket_is_opened_for_who_may(served: tuple[Doorway, str]) -> None:
    door, address = served
    room, person = uuid4(), uuid4()
    own = door.bearer("therapist", person=person)
    async with connect(f"ws://{address}/v1/talk/{room}", additional_headers=own) as client:
        assert json.loads(await client.recv()) == {"room": str(room), "who": str(person)}
        await client.send("hello")
        assert await client.recv() == "hello"


async def test_asvs_4_4_2_4_4_4_a_socket_stays_shut_with_a_problem(served: tuple[Doorway, str]) -> None:
    door, address = served
    token = door.signer.token("therapist")
    tries: list[tuple[dict[str, str], int]] = [
        ({}, 401),
        (door.bearer("patient"), 403),
        ({"cookie": f"{COOKIE}={token}", "origin": "https://evil.example"}, 403),
    ]
    for headers, status in tries:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{address}/v1/talk/{uuid4()}", additional_headers=headers):
                pass
        assert refused.value.response.status_code == status
        assert json.loads(refused.value.response.body)["status"] == status
    ours = {"cookie": f"{COOKIE}={token}", "origin": ORIGIN}
    async with connect(f"ws://{address}/v1/talk/{uuid4()}", additional_headers=ours) as client:
        await client.recv()


async def test_asvs_4_4_3_a_socket_closes_when_the_token_ends(served: tuple[Doorway, str]) -> None:
    door, address = served
    own = door.bearer("therapist", lasts_s=1)
    async with connect(f"ws://{address}/v1/talk/{uuid4()}", additional_headers=own) as client:
        await client.recv()
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4401


class Told:
    """Revocations as a test tells them."""

    def __init__(self) -> None:
        self.over: list[Callable[[], None]] = []

    async def check(self, claims: Claims) -> None:
        if claims.jti == UUID(int=0):
            raise Unavailable

    @contextmanager
    def watched(self, claims: Claims, over: Callable[[], None]) -> Generator[None]:
        self.over.append(over)
        try:
            yield
        finally:
            self.over.remove(over)

    def tell(self) -> None:
        for over in self.over:
            over()


async def test_what_is_revoked_closes_open_sockets(served: tuple[Doorway, str]) -> None:
    door, address = served
    own = door.bearer("therapist")
    async with connect(f"ws://{address}/v1/talk/{uuid4()}", additional_headers=own) as client:
        await client.recv()
        for _ in range(2):
            door.revocations.tell()
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(client.recv(), 1)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4401
    assert door.revocations.over == []


async def test_what_is_revoked_ends_event_streams(served: tuple[Doorway, str]) -> None:
    door, address = served
    own = door.bearer("therapist")
    async with (
        httpx.AsyncClient(base_url=f"http://{address}") as client,
        client.stream("GET", "/v1/silence", headers=own) as answer,
    ):
        lines = answer.aiter_raw()
        assert await anext(lines) == b": \n\n"
        await asyncio.sleep(0.05)
        door.revocations.tell()
        async with asyncio.timeout(1):
            assert [line async for line in lines] == []
    assert door.revocations.over == []


async def test_while_nothing_can_be_known_nobody_comes_in(served: tuple[Doorway, str]) -> None:
    door, address = served
    own = door.bearer("therapist", jti=UUID(int=0))
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        for path in ("/v1/beats", "/v1/raw"):
            answer = await client.get(path, headers=own)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
            assert answer.headers["retry-after"] == "1"
        assert (await client.get("/v1/health", headers=own)).status_code == 200
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://{address}/v1/talk/{uuid4()}", additional_headers=own):
            pass
    assert refused.value.response.status_code == 503


async def test_a_mounted_application_is_behind_the_same_door(served: tuple[Doorway, str]) -> None:
    door, address = served
    own = door.bearer("therapist")

    async def long() -> AsyncIterator[bytes]:
        yield b"x" * 8
        yield b"x" * 8

    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        answer = await client.post("/v1/raw/deep/er", content=b"12345", headers=own)
        assert answer.text == "/deep/er/ ['therapist'] 5"
        assert (await client.post("/v1/raw", content=b"1")).status_code == 401
        assert (await client.post("/v1/raw", content=b"1", headers=door.bearer("patient"))).status_code == 403
        assert (await client.post("/v1/raw", content=b"x" * 11, headers=own)).status_code == 413
        assert (await client.post("/v1/raw", content=long(), headers=own)).status_code == 413
        assert (await client.get("/v1/health")).json() == "fine"
