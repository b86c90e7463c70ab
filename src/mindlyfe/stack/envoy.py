"""The embedded Envoy: its configuration file, the command that runs it, and how it is drained."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import envoy

from mindlyfe.gateway import GatewaySettings, bootstrap, write_eds
from mindlyfe.gateway.eds import eds_file
from mindlyfe.kernel.endpoints import Endpoint

BINARY: Final = Path(envoy.__file__).parent / "_bin" / "envoy"


@dataclass(frozen=True, slots=True)
class Envoy:
    """One gateway. `directory` holds `envoy.json`; addresses of contexts follow by `write_eds`."""

    directory: Path
    endpoints: Sequence[Endpoint]
    settings: GatewaySettings

    def prepare(self) -> None:
        """Write the configuration, and an empty address list for each context that has none yet."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.settings.access_log.parent.mkdir(parents=True, exist_ok=True)
        for context in sorted({endpoint.context for endpoint in self.endpoints}):
            if not eds_file(self.settings.eds, context).exists():
                write_eds(self.settings.eds, context, [])
        (self.directory / "envoy.json").write_text(json.dumps(bootstrap(self.endpoints, self.settings), indent=1))

    def command(self) -> list[str]:
        """The server in the foreground. SIGTERM ends it at once: `drain` it before."""
        workers = min(4, os.cpu_count() or 1)
        return [
            *(str(BINARY), "-c", str(self.directory / "envoy.json")),
            # Hot restart is not used; without an id of its own a second Envoy on the machine would not start.
            *("--use-dynamic-base-id", "--concurrency", str(workers), "--log-level", "warning"),
        ]

    def ready(self) -> bool:
        """Whether it answers (its own state, not that of the contexts)."""
        raise NotImplementedError

    def drain(self, within_s: float) -> None:
        """Take no new connections and wait until running requests are answered, at most `within_s` seconds."""
        raise NotImplementedError
