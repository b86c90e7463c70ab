"""The embedded Envoy: its configuration file, the command that runs it, and how it is drained."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from mindlyfe.gateway.eds import eds_file, write_eds
from mindlyfe.gateway.envoy import bootstrap
from mindlyfe.gateway.model import edge
from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.gateway.tls import write_secret
from mindlyfe.kernel.endpoints import Endpoint
from mindlyfe.stack.packages import directory_of

WORKERS: Final = 4
RUNNING: Final = "http.edge.downstream_rq_active"


@dataclass(frozen=True, slots=True)
class Envoy:
    """One gateway. `directory` holds `envoy.json`; addresses of contexts follow by `write_eds`."""

    directory: Path
    endpoints: Sequence[Endpoint]
    settings: GatewaySettings

    def prepare(self) -> None:
        """Write the configuration, and an empty address list for each context that has none yet."""
        for directory in (self.directory, self.settings.eds, self.settings.access_log.parent):
            directory.mkdir(parents=True, exist_ok=True)
        for cluster in edge(self.endpoints, self.settings).clusters:
            if cluster.address is None and not eds_file(self.settings.eds, cluster.name).exists():
                write_eds(self.settings.eds, cluster.name, [])
        if self.settings.tls is not None:
            write_secret(self.settings, self.settings.tls)
        self._configuration.write_text(json.dumps(bootstrap(self.endpoints, self.settings), indent=1))

    def command(self) -> list[str]:
        """The server in the foreground. SIGTERM ends it at once: `drain` it before."""
        workers = min(WORKERS, os.cpu_count() or 1)
        return [
            *(str(directory_of("envoy") / "_bin" / "envoy"), "-c", str(self._configuration)),
            # Hot restart shares memory with every other Envoy on the machine, and ends with whoever started it.
            *("--disable-hot-restart", "--concurrency", str(workers)),
            # While identity is not up yet the keys cannot be fetched: nothing to warn of each second.
            *("--log-level", "warning", "--component-log-level", "jwt:error,filter:critical"),
            *("--file-flush-interval-msec", "1000"),
        ]

    def ready(self) -> bool:
        """Whether it answers (its own state, not that of the contexts)."""
        try:
            return self._administer("GET", "/ready").status_code == 200
        except httpx.TransportError:
            return False

    def drain(self, within_s: float) -> None:
        """Take no new connections and wait until running requests are answered, at most `within_s` seconds."""
        try:
            # The first has each answer say that the connection ends; the second closes the door.
            self._administer("POST", "/drain_listeners?graceful&skip_exit")
            self._administer("POST", "/drain_listeners")
            deadline = time.monotonic() + within_s
            while self._running() and time.monotonic() < deadline:
                time.sleep(0.05)
        except httpx.TransportError:
            return

    @property
    def _configuration(self) -> Path:
        return self.directory / "envoy.json"

    def _running(self) -> int:
        stats: dict[str, list[dict[str, int]]] = self._administer("GET", f"/stats?format=json&filter={RUNNING}").json()
        return sum(stat["value"] for stat in stats["stats"])

    def _administer(self, method: str, path: str) -> httpx.Response:
        address = f"http://127.0.0.1:{self.settings.admin_port}{path}"
        return httpx.request(method, address, timeout=2, trust_env=False)
