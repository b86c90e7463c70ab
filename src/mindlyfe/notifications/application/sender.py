"""The sender: claims due deliveries, hands them over outside any transaction, records what came of it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError, Unavailable
from mindlyfe.kernel.messages import SYSTEM, Act
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import within
from mindlyfe.notifications.application.content import Contents
from mindlyfe.notifications.application.ports import Claims, Courier, Due, NotHandedOver
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.delivery import Change, Delivery, failed, known, sent

AT_ONCE: Final = 16
IDLE_S: Final = 0.2
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends until cancelled. A crash between hand-over and record sends again, with the same Message-ID."""

    streams: Streams[Delivery, Change]
    claims: Claims
    contents: Contents
    courier: Courier
    clock: Clock
    jitter: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    async def run(self) -> None:
        """Loop: send what is due, rest a little when nothing is."""
        while True:
            if not await self.send_due():
                await self.sleep(IDLE_S)

    async def send_due(self) -> int:
        """Send one claim's worth, side by side; returns how many were tried."""
        claimed = await self.claims.claim(AT_ONCE)
        if claimed:
            async with asyncio.TaskGroup() as group:
                for due in claimed:
                    group.create_task(self._traced(due))
            await self.claims.release([due.delivery for due in claimed])
        return len(claimed)

    async def _traced(self, due: Due) -> None:
        with within(due.correlation) as correlation:
            await self._send(Act(tenant=due.tenant, actor=SYSTEM, correlation=correlation), due.delivery)

    async def _send(self, act: Act, delivery: DeliveryId) -> None:
        try:
            state, _ = await self.streams.load(act.tenant, delivery)
            answer = await self.courier.hand_over(await self.contents.mail(act.tenant, delivery, known(state)))
        except NotHandedOver as failure:
            await self._failed(act, delivery, failure.code, permanent=failure.permanent)
        except Unavailable:
            await self._failed(act, delivery, "content-unavailable", permanent=False)
        except DomainError as refusal:
            await self._failed(act, delivery, f"content-{refusal.code}", permanent=True)
        else:
            await self._sent(act, delivery, answer)

    async def _sent(self, act: Act, delivery: DeliveryId, answer: str) -> None:
        now = self.clock()
        provider = self.courier.name
        await self.streams.decide(act, delivery, lambda d: sent(d, provider=provider, answer=answer, now=now))
        log.info("delivery handed over", delivery=str(delivery), provider=provider)

    async def _failed(self, act: Act, delivery: DeliveryId, error: str, *, permanent: bool) -> None:
        now, jitter = self.clock(), self.jitter()
        await self.streams.decide(
            act, delivery, lambda d: failed(d, error=error, permanent=permanent, now=now, jitter=jitter)
        )
        log.warning("delivery attempt failed", delivery=str(delivery), error=error, permanent=permanent)
