"""The worker by which episodes follow handovers of care, each when it is due: a handover may be ordered ahead."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.therapy.application.sweeping import swept
from mindlyfe.therapy.domain.episode import Episode, Step
from mindlyfe.therapy.domain.following import transfer

REST_S: Final = 1.0


class Agreed(NamedTuple):
    """The relationship `care` went from one clinician to another; `episode` is what they treat by it, if anything."""

    tenant: TenantId
    care: UUID
    episode: UUID | None
    was: PersonId
    clinician: PersonId


class AgreedTransfers(Protocol):
    """The read model."""

    async def due(self, now: datetime, most: int, passed: int) -> Sequence[Agreed]:
        """Those whose time has come, the earliest first; without the first `passed`."""
        ...

    async def done(self, tenant: TenantId, care: UUID) -> None:
        """Forget one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferring:
    """Runs in one process at a time. Killed anywhere, it does the same again to the same end."""

    streams: Streams[Episode, Step]
    agreed: AgreedTransfers
    clock: Clock

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(REST_S)

    async def turn(self) -> int:
        """Let all follow that are due. How many were."""
        return await swept(partial(self.agreed.due, self.clock()), self._follow, "transfers")

    async def _follow(self, one: Agreed) -> bool:
        if one.episode is not None:
            now = self.clock()
            act = by_platform(one.tenant)
            with contextlib.suppress(Erased):
                await self.streams.decide(
                    act,
                    one.episode,
                    lambda state: transfer(state, care=one.care, was=one.was, clinician=one.clinician, now=now),
                )
        await self.agreed.done(one.tenant, one.care)
        return True
