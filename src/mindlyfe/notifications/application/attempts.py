"""One attempt: gather the content, hand the mail over outside any transaction, put on record what came of it."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError, Unavailable
from mindlyfe.kernel.messages import SYSTEM, Act
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import within
from mindlyfe.notifications.application.carriers import Carried, Carrier
from mindlyfe.notifications.application.ports import Due, NotAnyMore, NotHandedOver, NotYet
from mindlyfe.notifications.contract import Channel, DeliveryId, Try
from mindlyfe.notifications.domain.delivery import Change, Delivery, failed, held, known, sent, withdrawn

log = structlog.get_logger()

type Outcome = Callable[[Delivery | None], Sequence[Change]]


@dataclass(frozen=True, slots=True)
class Attempts:
    """Makes attempts. A crash between hand-over and record sends again, with the same Message-ID."""

    streams: Streams[Delivery, Change]
    carriers: Mapping[Channel, Carrier[Any]]
    clock: Clock
    jitter: Callable[[], float] = random.random

    async def make(self, due: Due) -> None:
        """Try one delivery. Raises Erased when its recipient was, Unavailable when nothing can be put on record."""
        with within(due.correlation) as correlation:
            delivery, _ = await self.streams.load(due.tenant, due.delivery)
            if known(delivery).status == "waiting":
                outcome = await self._outcome(due, known(delivery))
                act = Act(tenant=due.tenant, actor=SYSTEM, correlation=correlation)
                await self.streams.decide(act, due.delivery, outcome)

    async def _outcome(self, due: Due, delivery: Delivery) -> Outcome:  # noqa: PLR0911 # one per outcome
        try:
            carried = await self._carrier(delivery.channel).carry(due.tenant, due.delivery, delivery)
        except NotYet as rest:
            until, held_at = rest.until, self.clock()
            return lambda d: held(d, until=until, now=held_at)
        except NotAnyMore as change:
            why, gone_at = change.why, self.clock()
            return lambda d: withdrawn(d, why=why, now=gone_at)
        except NotHandedOver as failure:
            return self._failed(due.delivery, failure.code, permanent=failure.permanent)
        except Unavailable:
            return self._failed(due.delivery, "content-unavailable", permanent=False)
        except DomainError as refusal:
            return self._failed(due.delivery, f"content-{refusal.code}", permanent=True)
        except Exception as mistake:
            log.error("delivery attempt broke", delivery=str(due.delivery), exc_info=mistake)
            return self._failed(due.delivery, "broken", permanent=False)
        return self._carried(due.delivery, carried)

    def _carried(self, delivery: DeliveryId, carried: Carried) -> Outcome:
        tries, failure = carried.tries, carried.failure
        if failure is not None:
            return self._failed(delivery, failure.code, permanent=failure.permanent, tries=tries)
        now, address = self.clock(), carried.address
        log.info("delivery handed over", delivery=str(delivery), provider=tries[-1].provider)
        return lambda d: sent(d, tries=tries, now=now, address=address)

    def _carrier(self, channel: Channel) -> Carrier[Any]:
        if channel not in self.carriers:
            raise NotHandedOver("channel-not-configured", permanent=True)
        return self.carriers[channel]

    def _failed(self, delivery: DeliveryId, error: str, *, permanent: bool, tries: Sequence[Try] = ()) -> Outcome:
        now, jitter = self.clock(), self.jitter()
        log.warning("delivery attempt failed", delivery=str(delivery), error=error, permanent=permanent)
        return lambda d: failed(d, error=error, permanent=permanent, now=now, jitter=jitter, tries=tries)
