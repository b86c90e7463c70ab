"""Registrations that nobody confirmed in time, or that the owner of the address disowned: what was given is erased.

Whose name and address they hold never joined, and often never knew. So nobody is asked, and no law keeps it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from mindlyfe.identity.application.acts import member_stream
from mindlyfe.identity.application.ports import PendingDue
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.domain.registration import settle
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.telemetry import by_platform

REST_S: Final = 60.0
SPARE: Final = timedelta(minutes=10)
"""A request that came in time may still be at work so long."""
_log: Final = structlog.get_logger("registrations")


class Pending(Protocol):
    """What nobody confirmed."""

    async def over(self, before: datetime) -> Sequence[PendingDue]:
        """Those that nobody could confirm since `before`."""
        ...


class Erases(Protocol):
    """Erases people, as far as anything of them is here; it goes on by itself when it was broken off."""

    async def begin(self, tenant: TenantId, person: PersonId, *, listed: bool = True) -> None:
        """Order it, once. Not `listed`: of somebody who never belonged here."""
        ...


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The worker."""

    streams: IdentityStreams
    pending: Pending
    erases: Erases
    clock: Clock

    async def run(self) -> None:
        """Look for work, for ever."""
        while True:
            await self.turn()
            await asyncio.sleep(REST_S)

    async def turn(self) -> None:
        """Have all erased that is over. What fails is tried again in the next turn."""
        for due in await self.pending.over(self.clock() - SPARE):
            try:
                await self._end(due)
            except Exception as failure:  # noqa: BLE001 - one registration's trouble
                _log.warning("registration waits", registration=str(due.registration), exc_info=failure)

    async def _end(self, due: PendingDue) -> None:
        """Of who joined after all, by a request that broke before it could say so, nothing is erased."""
        member, _ = await self.streams.members.load(due.tenant, member_stream(due.tenant, due.person))
        if member is None:
            await self.erases.begin(due.tenant, due.person, listed=False)
            return
        act = by_platform(due.tenant)
        await self.streams.registrations.decide(act, due.registration, settle)
