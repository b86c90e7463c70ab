"""The worker that declines requests which nobody answered in time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, Protocol

import structlog

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import SYSTEM, Act, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import started
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.attending import let_lapse

REST_S: Final = 5.0
_log: Final = structlog.get_logger("requests")


class Unanswered(NamedTuple):
    """A request that has no answer."""

    tenant: TenantId
    appointment: AppointmentId


class Requests(Protocol):
    """The calendar."""

    async def lapsed(self, now: datetime) -> Sequence[Unanswered]:
        """Those that were to be answered by now, the oldest first."""
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

    async def turn(self) -> None:
        """Decline all that are due."""
        now = self.clock()
        for each in await self.requests.lapsed(now):
            act = Act(tenant=each.tenant, actor=SYSTEM, correlation=started())
            try:
                await self.streams.decide(act, each.appointment, lambda state: let_lapse(state, now=now))
            except Erased:
                continue
            except Exception as failure:  # noqa: BLE001 - one request's trouble is not to hold up the others
                _log.warning("request stays", appointment=str(each.appointment), error=type(failure).__name__)
