"""The worker that closes what nobody ended: no encounter stays open for ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.therapy.application.encounters import encounter_of
from mindlyfe.therapy.application.sweeping import swept
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.domain.admitting import close
from mindlyfe.therapy.domain.encounter import Encounter, Step

REST_S: Final = 60.0


class OpenEncounters(Protocol):
    """The read model."""

    async def forgotten(self, now: datetime, most: int, passed: int) -> Sequence[tuple[TenantId, AppointmentId]]:
        """What should be over for long and is not; without the first `passed`."""
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
            await self.turn()
            await asyncio.sleep(REST_S)

    async def turn(self) -> int:
        """Close all that is due. How many were."""
        now = self.clock()

        async def due(most: int, passed: int) -> Sequence[tuple[TenantId, AppointmentId]]:
            return await self.open.forgotten(now, most, passed)

        async def closed(one: tuple[TenantId, AppointmentId]) -> bool:
            tenant, appointment = one
            act = by_platform(tenant)
            await self.streams.decide(act, encounter_of(tenant, appointment), lambda state: close(state, now=now))
            return True

        return await swept(due, closed, "encounter")
