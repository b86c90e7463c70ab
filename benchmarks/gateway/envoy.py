"""An Envoy in front of our side, configured as in production but for its rate limit."""

import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.gateway.ours import GRANTS, routes
from benchmarks.gateway.query import Source
from benchmarks.gateway.setup import free_port
from mindlyfe.gateway.eds import write_eds
from mindlyfe.gateway.settings import GatewaySettings, Limits
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.endpoints import endpoints
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.tokens import Signer
from mindlyfe.stack.envoy import Envoy


@contextmanager
def gateway(directory: Path, upstream: int, signer: Signer) -> Generator[int]:
    """The port of an Envoy that passes requests on to the port `upstream`."""
    source = Source(Database(DatabaseSettings(), "rooms"))
    module = Module(name="identity", routes=routes(source, signer), grants=GRANTS, streams=(), publishes=lambda _: None)
    settings = GatewaySettings(
        port=free_port(),
        admin_port=free_port(),
        eds=directory / "eds",
        access_log=directory / "access.log",
        public_url=signer.issuer,
        limits=Limits(client_per_s=0),
    )
    envoy = Envoy(directory, endpoints(module), settings)
    envoy.prepare()
    write_eds(settings.eds, "identity", [("127.0.0.1", upstream)])
    with (directory / "envoy.log").open("wb") as log:
        process = subprocess.Popen(envoy.command(), stdout=log, stderr=log)
    try:
        _wait_for(settings.port, signer)
        yield settings.port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, signer: Signer) -> None:
    for _ in range(200):
        try:
            address = f"http://127.0.0.1:{port}/v1/entries?limit=1"
            if httpx.get(address, headers=signer.bearer("therapist"), trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("Envoy does not pass requests on")
