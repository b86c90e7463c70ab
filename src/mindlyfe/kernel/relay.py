"""The relay: what a context's log says in public, handed to the transport in order."""

from collections.abc import Callable
from typing import Any

from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import Event, Recorded
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.transport.port import Transport


class Relay:
    """Publishes one context's events; of all its processes one is active at a time."""

    def __init__(
        self,
        database: Database,
        log: Log,
        publishes: Callable[[Recorded[Any]], Event | None],
        transport: Transport,
        *,
        region: str,
    ) -> None:
        self._database, self._log, self._publishes = database, log, publishes
        self._transport, self._region = transport, region

    async def run(self) -> None:
        """Relay until cancelled, through every outage."""
        raise NotImplementedError
