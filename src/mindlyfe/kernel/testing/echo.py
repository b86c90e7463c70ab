"""A service for tests of what stands before it: it tells what reached it, and can be told to fail."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn


@dataclass
class Echo:
    """A service that echoes; what it does can be changed while it runs.

    In a query `sleep` delays the answer by 2 s, `big` pads it, `etag` gives it a version. A path that ends in `/stream`
    ticks each second.
    """

    port: int
    jwks: dict[str, Any] = field(default_factory=lambda: {"keys": []})
    ready: bool = True
    failures: int = 0
    """So many requests to come are answered 503."""
    calls: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._socket(receive, send)
        elif scope["path"] == "/readyz":
            await answer(send, 200 if self.ready else 503, b"{}")
        elif scope["path"] == "/.well-known/jwks.json":
            await answer(send, 200, json.dumps(self.jwks).encode())
        elif scope["path"].endswith("/stream"):
            await self._stream(send)
        else:
            await self._echo(scope, receive, send)

    async def _echo(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        query = scope["query_string"].decode()
        told = {"method": scope["method"], "path": scope["path"], "query": query, "size": size, "port": self.port}
        told["headers"] = {name.decode(): value.decode() for name, value in scope["headers"]}
        told["pad"] = "x" * 4000 if "big" in query else ""
        await asyncio.sleep(2 if "sleep" in query else 0)
        self.failures -= 1
        extra = [(b"etag", b'"7"')] if "etag" in query else []
        await answer(send, 503 if self.failures >= 0 else 200, json.dumps(told).encode(), extra)

    async def _stream(self, send: Any) -> None:
        await begin(send, 200, [(b"content-type", b"text/event-stream")])
        for tick in range(60):
            await send({"type": "http.response.body", "body": f"data: {tick}\n\n".encode(), "more_body": True})
            await asyncio.sleep(1)

    async def _socket(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message.get("text")})


async def begin(send: Any, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """The head of an answer."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def answer(send: Any, status: int, body: bytes, extra: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """A whole JSON answer."""
    await begin(send, status, [(b"content-type", b"application/json"), *extra])
    await send({"type": "http.response.body", "body": body})


@contextmanager
def running(upstream: Echo) -> Generator[Echo]:
    """The upstream in a thread of its own."""
    server = uvicorn.Server(uvicorn.Config(upstream, port=upstream.port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield upstream
    finally:
        server.should_exit = server.force_exit = True
        thread.join(5)


def until(condition: Callable[[], object], attempts: int = 400) -> None:
    """Wait for a condition, or fail."""
    for _ in range(attempts):
        if condition():
            return
        time.sleep(0.025)
    raise AssertionError("it did not happen")
