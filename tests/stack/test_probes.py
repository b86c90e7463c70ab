"""Asking a part for its health."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest

from mindlyfe.stack import probes
from mindlyfe.stack.probes import Health

ANSWERS = {
    b"GET /well": b"HTTP/1.1 200 OK\r\n\r\n",
    b"GET /ill": b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
    b"POST /drain": b"HTTP/1.1 204 No Content\r\n\r\n",
    b"PING": b"-NOAUTH Authentication required.\r\n",
    b"GET /mute": b"",
}


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server with an answer for each first line it knows."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        writer.write(next(answer for begin, answer in ANSWERS.items() if line.startswith(begin)))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_http(port: int) -> None:
    assert await probes.http(port, "/well")() is Health.READY
    assert await probes.http(port, "/ill")() is Health.NOT_READY
    assert await probes.http(port, "/mute")() is Health.SILENT
    assert await probes.http(port, "/drain", "POST")() is Health.READY


async def test_a_greeting(port: int) -> None:
    assert await probes.greeting(port, b"-NOAUTH", b"PING\r\n")() is Health.READY
    assert await probes.greeting(port, b"+PONG", b"PING\r\n")() is Health.NOT_READY


async def test_nobody_there(unused_port: int) -> None:
    assert await probes.http(unused_port, "/")() is Health.SILENT


@pytest.mark.parametrize(("code", "health"), [(0, Health.READY), (1, Health.NOT_READY), (2, Health.SILENT)])
async def test_a_command(code: int, health: Health) -> None:
    assert await probes.command([sys.executable, "-c", f"raise SystemExit({code})"])() is health
