"""The worker that declines requests which nobody answered in time."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple, Protocol

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.therapy.application.sweeping import swept
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.attending import let_lapse

REST_S: Final = 5.0


class Unanswered(NamedTuple):
    """A request that has no answer."""

    tenant: TenantId
    appointment: AppointmentId


class Requests(Protocol):
    """The calendar."""

    async def lapsed(self, now: datetime, most: int, passed: int) -> Sequence[Unanswered]:
        """Those that were to be answered by now, the oldest first: so many, after so many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsing:
    """Runs in one process of a context at a time."""

    streams: Streams[Appointment, Change]
    requests: Requests
    clock: Clock

    async def run(self) -> None:
        """Decline what is due, until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(REST_S)

    async def turn(self) -> int:
        """Decline all that are due. How many were."""
        now = self.clock()

        async def declined(one: Unanswered) -> bool:
            act = by_platform(one.tenant)
            with contextlib.suppress(Erased):
                await self.streams.decide(act, one.appointment, lambda state: let_lapse(state, now=now))
                return True
            return False

        return await swept(partial(self.requests.lapsed, now), declined, "request")
