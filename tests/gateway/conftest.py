"""A real Envoy in front of small upstream servers that tell what reached them."""

import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from joserfc import jwk, jwt

from mindlyfe.gateway.eds import write_eds
from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.kernel.endpoints import Endpoint
from mindlyfe.kernel.testing.echo import Echo, running, until
from mindlyfe.stack.envoy import Envoy
from mindlyfe.stack.ports import free_port

ISSUER = "http://localhost:8080"
KEY = jwk.ECKey.generate_key("P-256", {"kid": "k1"}, private=True)
JWKS = {"keys": [KEY.as_dict(private=False)]}


@dataclass
class Gate:
    """A running gateway: its client, and where its files are."""

    envoy: Envoy
    http: httpx.Client
    upstreams: dict[str, Echo]

    @property
    def port(self) -> int:
        return self.envoy.settings.port

    def place(self, context: str, *upstreams: Echo) -> None:
        write_eds(self.envoy.settings.eds, context, [("127.0.0.1", upstream.port) for upstream in upstreams])

    def healthy(self, context: str) -> int:
        """How many addresses of a context are in use."""
        stat = f"cluster.{context}.membership_healthy"
        admin = f"http://127.0.0.1:{self.envoy.settings.admin_port}/stats?filter={stat}"
        return int(httpx.get(admin, trust_env=False).text.split(":")[1])


OWN = Endpoint(
    context="therapy",
    method="GET",
    path="/",
    needs="thing:read",
    timeout_s=15,
    rate_per_s=None,
    max_body_bytes=65_536,
    streams=False,
)


def endpoint(method: str, path: str, needs: str | None = OWN.needs, **options: Any) -> Endpoint:
    return msgspec.structs.replace(OWN, method=method, path=path, needs=needs, **options)


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
def gateway(directory: Path, upstreams: dict[str, Echo], away: str = "", **options: Any) -> Generator[Gate]:
    """An Envoy of its own for these running upstreams (context → upstream); the one that is `away` is not placed."""
    settings = GatewaySettings(
        port=free_port(),
        admin_port=free_port(),
        eds=directory / "eds",
        access_log=directory / "access.log",
        public_url=ISSUER,
        cors_origins=["https://app.example"],
    )
    envoy = Envoy(directory, ENDPOINTS, replace(settings, **options))
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
    def started(**options: Any) -> Generator[Gate]:
        with ExitStack() as stack:
            upstreams = {
                name: stack.enter_context(running(Echo(free_port(), JWKS))) for name in ("identity", "therapy")
            }
            yield stack.enter_context(gateway(tmp_path_factory.mktemp("gateway"), upstreams, **options))

    return started


@pytest.fixture(scope="session")
def gate(start: Callable[..., AbstractContextManager[Gate]]) -> Generator[Gate]:
    """The gateway most tests share, in production mode."""
    with start() as gate:
        until(lambda: gate.http.get("/v1/things/mine", headers=bearer(token())).status_code == 200)
        yield gate


@pytest.fixture
def echo(gate: Gate) -> Echo:
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
def _running() -> Callable[[Echo], AbstractContextManager[Echo]]:
    return running


@pytest.fixture
def upstream() -> Echo:
    """A further service, not running yet; its port is chosen."""
    return Echo(free_port(), JWKS)


@pytest.fixture(scope="session")
def make_token() -> Callable[..., str]:
    return token


@pytest.fixture
def signed_in() -> dict[str, str]:
    """Headers of somebody signed in."""
    return bearer(token())
