"""A real Envoy in front of small upstream servers that tell what reached them."""

import asyncio
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from joserfc import jwk, jwt

from mindlyfe.gateway.eds import write_eds
from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.kernel.endpoints import Endpoint
from mindlyfe.stack.envoy import Envoy
from mindlyfe.stack.ports import free_port

ISSUER = "http://localhost:8080"
KEY = jwk.ECKey.generate_key("P-256", {"kid": "k1"}, private=True)


@dataclass
class Upstream:
    """A service that echoes; what it does can be changed while it runs."""

    port: int = 0
    jwks: dict[str, Any] = field(default_factory=lambda: {"keys": [KEY.as_dict(private=False)]})
    ready: bool = True
    failures: int = 0
    """So many requests to come are answered 503."""
    calls: int = 0
    last: dict[str, Any] = field(default_factory=dict)

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
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        path, query = scope["path"], scope["query_string"].decode()
        self.last = {"method": scope["method"], "path": path, "query": query, "headers": dict(headers), "size": size}
        self.last["names"] = [name for name, _ in headers]
        if "sleep" in query:
            await asyncio.sleep(2)
        self.failures -= 1
        extra = [(b"etag", b'"7"')] if "etag" in query else []
        body = json.dumps(self.last | {"port": self.port} | ({"pad": "x" * 4000} if "big" in query else {})).encode()
        await answer(send, 503 if self.failures >= 0 else 200, body, extra)

    async def _stream(self, send: Any) -> None:
        await answer_start(send, 200, [(b"content-type", b"text/event-stream")])
        for tick in range(60):
            await send({"type": "http.response.body", "body": f"data: {tick}\n\n".encode(), "more_body": True})
            await asyncio.sleep(1)

    async def _socket(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message.get("text")})


async def answer_start(send: Any, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def answer(send: Any, status: int, body: bytes, extra: list[tuple[bytes, bytes]] | None = None) -> None:
    await answer_start(send, status, [(b"content-type", b"application/json"), *(extra or [])])
    await send({"type": "http.response.body", "body": body})


@contextmanager
def running(upstream: Upstream) -> Iterator[Upstream]:
    """The upstream in a thread of its own."""
    upstream.port = upstream.port or free_port()
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


@dataclass
class Gate:
    """A running gateway: its client, and where its files are."""

    envoy: Envoy
    http: httpx.Client
    upstreams: dict[str, Upstream]

    @property
    def port(self) -> int:
        return self.envoy.settings.port

    def place(self, context: str, *upstreams: Upstream) -> None:
        write_eds(self.envoy.settings.eds, context, [("127.0.0.1", upstream.port) for upstream in upstreams])

    def healthy(self, context: str) -> int:
        """How many addresses of a context are in use."""
        stat = f"cluster.{context}.membership_healthy"
        admin = f"http://127.0.0.1:{self.envoy.settings.admin_port}/stats?filter={stat}"
        return int(httpx.get(admin, trust_env=False).text.split(":")[1])


def endpoint(method: str, path: str, needs: str | None = "thing:read", **options: Any) -> Endpoint:
    defaults: dict[str, Any] = {"timeout_s": 15, "rate_per_s": None, "max_body_bytes": 65_536, "streams": False}
    return Endpoint(**({"context": "therapy", "method": method, "path": path, "needs": needs} | defaults | options))


ENDPOINTS = [
    endpoint("GET", "/.well-known/jwks.json", None, context="identity"),
    endpoint("GET", "/v1/things/{thing}"),
    endpoint("PUT", "/v1/things/{thing}", max_body_bytes=2_000),
    endpoint("GET", "/v1/things/mine"),
    endpoint("GET", "/v1/open", None),
    endpoint("POST", "/v1/open", None),
    endpoint("POST", "/v1/rare", None, rate_per_s=1),
    endpoint("GET", "/v1/quick", None, timeout_s=0.2),
    endpoint("GET", "/v1/stream", timeout_s=0, streams=True),
    endpoint("GET", "/v1/socket", timeout_s=0, streams=True),
    endpoint("*", "/v1/ingest"),
]


@contextmanager
def gateway(directory: Path, upstreams: dict[str, Upstream], away: str = "", **options: Any) -> Iterator[Gate]:
    """An Envoy of its own for these running upstreams (context → upstream); the one that is `away` is not placed."""
    defaults: dict[str, Any] = {"port": free_port(), "admin_port": free_port(), "cors_origins": ["https://app.example"]}
    files = {"eds": directory / "eds", "access_log": directory / "access.log"}
    envoy = Envoy(directory, ENDPOINTS, GatewaySettings(**(defaults | files | {"public_url": ISSUER} | options)))
    envoy.prepare()
    with (directory / "envoy.log").open("wb") as log:
        process = subprocess.Popen(envoy.command(), stdout=log, stderr=log)
    base = f"{'https' if envoy.settings.tls else 'http'}://localhost:{envoy.settings.port}"
    try:
        with httpx.Client(base_url=base, trust_env=False, verify=False, timeout=10) as http:
            gate = Gate(envoy, http, upstreams)
            placed = [context for context in upstreams if context != away]
            for context in placed:
                gate.place(context, upstreams[context])
            until(lambda: envoy.ready() or process.poll() is not None)
            assert process.poll() is None, (directory / "envoy.log").read_text()
            until(lambda: all(gate.healthy(context) for context in placed))
            yield gate
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., AbstractContextManager[Gate]]:
    """Starts a gateway with upstreams of its own: `with start(mode="development") as gate`."""

    @contextmanager
    def started(**options: Any) -> Iterator[Gate]:
        with ExitStack() as stack:
            upstreams = {name: stack.enter_context(running(Upstream())) for name in ("identity", "therapy")}
            yield stack.enter_context(gateway(tmp_path_factory.mktemp("gateway"), upstreams, **options))

    return started


@pytest.fixture(scope="session")
def gate(start: Callable[..., AbstractContextManager[Gate]]) -> Iterator[Gate]:
    """The gateway most tests share, in production mode."""
    with start() as gate:
        until(lambda: gate.http.get("/v1/things/mine", headers=bearer(token())).status_code == 200)
        yield gate


@pytest.fixture
def echo(gate: Gate) -> Upstream:
    """The service behind the shared gateway."""
    return gate.upstreams["therapy"]


def token(key: Any = KEY, **claims: Any) -> str:
    """An access token as identity would issue it, with changes."""
    now = int(time.time())
    body = {"iss": ISSUER, "aud": "mindlyfe", "sub": "p1", "iat": now, "exp": now + 600}
    return jwt.encode({"alg": "ES256", "kid": "k1", "typ": "at+jwt"}, body | claims, key)


def bearer(value: str) -> dict[str, str]:
    return {"authorization": f"Bearer {value}"}


@pytest.fixture(scope="session", name="until")
def _until() -> Callable[..., None]:
    return until


@pytest.fixture(scope="session", name="running")
def _running() -> Callable[[Upstream], AbstractContextManager[Upstream]]:
    return running


@pytest.fixture
def upstream() -> Upstream:
    """A further service, not running yet; its port is chosen."""
    return Upstream(free_port())


@pytest.fixture(scope="session")
def make_token() -> Callable[..., str]:
    return token


@pytest.fixture
def signed_in() -> dict[str, str]:
    """Headers of somebody signed in."""
    return bearer(token())
