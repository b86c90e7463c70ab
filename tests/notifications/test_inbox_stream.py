"""The stream of an inbox on a real server: it says how things stand, what comes, whoever wrote it, and ends in time."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from tests.notifications.reader import Reader, put

from mindlyfe.kernel.access import Claims
from mindlyfe.kernel.testing.doorway import Doorway

type News = tuple[str, dict[str, Any]]


class Told:
    """Revocations as a test tells them."""

    def __init__(self) -> None:
        self.over: list[Callable[[], None]] = []

    async def check(self, claims: Claims) -> None:
        """Nothing is revoked yet."""

    @contextmanager
    def watched(self, claims: Claims, over: Callable[[], None]) -> Generator[None]:
        self.over.append(over)
        try:
            yield
        finally:
            self.over.remove(over)


@pytest.fixture
async def door(office: Any) -> AsyncIterator[tuple[Doorway, str]]:
    """The office's routes on a port, with the server that production uses."""
    doorway = Doorway(office.module.routes, office.module.grants, revocations=Told())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(doorway.app, http="httptools", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        yield doorway, f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        await serving


@pytest.fixture
def reader(office: Any) -> Reader:
    return Reader(office)


@asynccontextmanager
async def listening(door: tuple[Doorway, str], reader: Reader, last: str = "") -> AsyncGenerator[AsyncIterator[News]]:
    """What a browser's EventSource hears."""
    doorway, base = door
    headers = doorway.bearer("patient", tenant=reader.office.tenant, person=reader.id)
    if last:
        headers["last-event-id"] = last

    async def heard(answer: httpx.Response) -> AsyncGenerator[News]:
        place = ""
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                place = value
            if name == "data":
                yield place, json.loads(value)

    async with (
        asyncio.timeout(15),
        httpx.AsyncClient(base_url=base, timeout=15) as http,
        http.stream("GET", "/v1/inbox/stream", headers=headers) as answer,
        aclosing(heard(answer)) as news,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield news


async def test_it_says_how_things_stand_and_each_change(office: Any, door: Any, reader: Reader) -> None:
    old = await put(office.module, reader)
    async with listening(door, reader) as news:
        assert await anext(news) == ("1", {"unread": 1, "new": []})
        await put(office.module, Reader(office))
        fresh = await put(office.module, reader)
        assert await anext(news) == ("2", {"unread": 2, "new": [fresh]})
        await reader.marks(old, "read")
        assert await anext(news) == ("3", {"unread": 1, "new": []})


async def test_it_hears_what_another_process_wrote(office: Any, door: Any, reader: Reader) -> None:
    async with office.another() as elsewhere, listening(door, reader) as news:
        assert await anext(news) == ("0", {"unread": 0, "new": []})
        fresh = await put(elsewhere, reader)
        assert await anext(news) == ("1", {"unread": 1, "new": [fresh]})


async def test_who_connects_again_is_told_what_came_meanwhile(office: Any, door: Any, reader: Reader) -> None:
    await put(office.module, reader)
    async with listening(door, reader) as news:
        last, _ = await anext(news)
    missed = [await put(office.module, reader) for _ in range(2)]
    async with listening(door, reader, last) as news:
        assert await anext(news) == ("3", {"unread": 3, "new": missed[::-1]})
    for strange in ("99", "-1", "x", "9" * 30):
        async with listening(door, reader, strange) as news:
            assert await anext(news) == ("3", {"unread": 3, "new": []})


async def test_what_was_snoozed_counts_when_its_time_has_come(office: Any, door: Any, reader: Reader) -> None:
    notice = await put(office.module, reader)
    await reader.marks(notice, "snooze")
    async with listening(door, reader) as news:
        assert await anext(news) == ("2", {"unread": 0, "new": []})
        office.watch.ahead = timedelta(hours=2)
        assert await anext(news) == ("2", {"unread": 1, "new": []})


async def test_several_windows_of_one_reader_hear_the_same(office: Any, door: Any, reader: Reader) -> None:
    async with listening(door, reader) as one, listening(door, reader) as other:
        await anext(one)
        await anext(other)
        fresh = await put(office.module, reader)
        assert await anext(one) == await anext(other) == ("1", {"unread": 1, "new": [fresh]})


async def test_it_outlives_a_restart_of_the_database(office: Any, door: Any, reader: Reader) -> None:
    async with listening(door, reader) as news:
        await anext(news)
        await office.cut_connections()
        fresh = await put(office.module, reader)
        assert await anext(news) == ("1", {"unread": 1, "new": [fresh]})


async def test_it_ends_with_the_session_and_then_nobody_looks_any_more(door: Any, reader: Reader) -> None:
    doorway, _ = door
    async with listening(door, reader) as news:
        await anext(news)
        assert looking()
        for over in list(doorway.revocations.over):
            over()
        assert [one async for one in news] == []
    async with asyncio.timeout(5):
        while looking():  # noqa: ASYNC110 - the server notices by itself that the client has gone
            await asyncio.sleep(0.02)
    assert doorway.revocations.over == []


async def test_it_ends_with_the_token(office: Any, door: Any, reader: Reader) -> None:
    doorway, base = door
    headers = doorway.bearer("patient", tenant=office.tenant, person=reader.id, lasts_s=1)
    async with httpx.AsyncClient(base_url=base, timeout=15) as http:
        answer = await http.get("/v1/inbox/stream", headers=headers)  # returns, so it has ended
        assert (answer.status_code, "data: " in answer.text) == (200, True)
        assert (await http.get("/v1/inbox/stream")).status_code == 401


def looking() -> bool:
    return any(task.get_name() == "inbox lookout" for task in asyncio.all_tasks())
