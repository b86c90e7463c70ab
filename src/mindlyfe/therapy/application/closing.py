"""The worker that closes what nobody ended: no encounter stays open for ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import SYSTEM, Act, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import traceparent
from mindlyfe.therapy.application.encounters import encounter_of
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.domain.admitting import close
from mindlyfe.therapy.domain.encounter import Encounter, Step

AT_ONCE: Final = 100
REST_S: Final = 60.0
_log: Final = structlog.get_logger("encounters")


class OpenEncounters(Protocol):
    """The read model."""

    async def forgotten(self, now: datetime, most: int) -> Sequence[tuple[TenantId, AppointmentId]]:
        """What should be over for long and is not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Runs in one process at a time. Killed anywhere, it finds again what is still open."""

    streams: Streams[Encounter, Step]
    open: OpenEncounters
    clock: Clock

    async def run(self) -> None:
        """Close what is due, until cancelled."""
        while True:
            if await self.turn() == 0:
                await asyncio.sleep(REST_S)

    async def turn(self) -> int:
        """Close some that are due. How many were; what fails waits for the next turn, and holds up no other."""
        now, done = self.clock(), 0
        for tenant, appointment in await self.open.forgotten(now, AT_ONCE):
            act = Act(tenant=tenant, actor=SYSTEM, correlation=traceparent())
            try:
                stream = encounter_of(tenant, appointment)
                await self.streams.decide(act, stream, lambda state: close(state, now=now))
                done += 1
            except Exception as failure:  # noqa: BLE001 - one encounter's trouble
                _log.warning("encounter stays open", appointment=str(appointment), error=type(failure).__name__)
        return done
