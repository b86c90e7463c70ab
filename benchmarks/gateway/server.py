"""One server of the comparison, as a process: `python -m benchmarks.gateway.server ours|peer PORT < settings.json`."""

import asyncio
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from benchmarks.gateway.query import Source
from mindlyfe.kernel.access import TokenVerifier
from mindlyfe.kernel.clock import system_clock
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.postgres import Database


class Jwks:
    """The public key of the comparison."""

    def __init__(self, jwks: bytes) -> None:
        self._jwks = jwks

    async def jwks(self) -> bytes:
        """As identity would answer."""
        return self._jwks


async def serve(side: str, port: int, given: dict[str, Any]) -> None:
    """Serve one side until ended."""
    database = Database(
        DatabaseSettings(**given["database"] | {"passwords": Path(given["database"]["passwords"])}), "rooms"
    )
    await database.open()
    keys = Jwks(given["jwks"].encode())
    tokens = TokenVerifier(keys, issuer=given["issuer"], clock=system_clock)
    side_module = import_module(f"benchmarks.gateway.{side}")
    config = uvicorn.Config(
        side_module.app(Source(database), tokens, keys),
        port=port,
        http="httptools",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1], int(sys.argv[2]), json.loads(sys.stdin.read())))
