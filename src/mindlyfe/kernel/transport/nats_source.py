"""A consumer's side of one JetStream stream: a durable pull consumer, watched, started over when anything is odd."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec
import structlog
from nats.aio.client import Client
from nats.errors import Error
from nats.errors import TimeoutError as NothingCame
from nats.js import JetStreamContext

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import MessageId
from mindlyfe.kernel.transport.delivery import Delivery
from mindlyfe.kernel.transport.nats_link import Link
from mindlyfe.kernel.transport.nats_streams import decoded
from mindlyfe.kernel.transport.port import Envelope

BATCH: Final = 500
FETCH_S: Final = 5.0
PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0)
IN_HAND: Final = 10_000
"""How many messages may wait to be tried again before the server holds back the next."""
NANOSECONDS: Final = 1_000_000_000
_log: Final = structlog.get_logger("nats")


class _Consumer(msgspec.Struct, frozen=True):
    num_pending: int
    num_ack_pending: int


class Source:
    """Feeds one consumer from one stream, in the stream's order. There must be one of it at a time."""

    def __init__(self, link: Link, stream: str, consumer: str, subjects: Sequence[str], delivery: Delivery) -> None:
        self._link, self._stream, self._delivery = link, stream, delivery
        self._subjects = sorted(subjects)
        # A durable that gets another subject does not go back for its old messages: other subjects, another durable.
        self._name = f"{consumer}-{sha256(' '.join(self._subjects).encode()).hexdigest()[:8]}"
        self._receipts: dict[MessageId, list[str]] = {}

    async def run(self) -> None:
        """Feed until cancelled, through every outage."""
        trouble = 0
        while True:
            try:
                await self._session()
                trouble = 0
            except (Unavailable, Error, OSError, TimeoutError) as lost:
                _log.info("source waits", stream=self._stream, consumer=self._name, error=type(lost).__name__)
                await asyncio.sleep(PAUSES_S[min(trouble, len(PAUSES_S) - 1)])
                trouble += 1

    async def _session(self) -> None:
        """Feed as long as the connection is the same one."""
        client = await self._link.connected()
        reconnects = client.stats["reconnects"]
        await self._resume()
        subscription = await client.jetstream().pull_subscribe_bind(self._name, self._stream)
        fetching = asyncio.create_task(self._fetch(subscription))
        try:
            while client.stats["reconnects"] == reconnects:
                # The next batch comes while this one is handled; what is due again does not wait for it.
                await asyncio.wait([fetching], timeout=self._delivery.due_in(FETCH_S))
                arrived: Sequence[Envelope] = ()
                if fetching.done():
                    arrived = fetching.result()
                    fetching = asyncio.create_task(self._fetch(subscription))
                await self._finish(client, await self._delivery.feed(arrived))
        finally:
            fetching.cancel()
            await asyncio.gather(fetching, return_exceptions=True)
            if client.is_connected:
                await subscription.unsubscribe()

    async def _resume(self) -> None:
        """Have the durable, set back to the first message not acknowledged.

        Else what a crashed process had fetched would come after its successors, when the acknowledgement is overdue.
        """
        configuration = {
            "name": self._name,
            "durable_name": self._name,
            "filter_subjects": self._subjects,
            "ack_policy": "explicit",
            "ack_wait": 600 * NANOSECONDS,
            "max_ack_pending": IN_HAND,
            "inactive_threshold": 30 * 86_400 * NANOSECONDS,
        }
        request = {"stream_name": self._stream, "config": configuration, "action": ""}
        await self._link.api(f"CONSUMER.CREATE.{self._stream}.{self._name}", request, _Consumer)
        await self._link.api(f"CONSUMER.RESET.{self._stream}.{self._name}", None, _Consumer)

    async def _fetch(self, subscription: JetStreamContext.PullSubscription) -> Sequence[Envelope]:
        try:
            messages = await subscription.fetch(BATCH, timeout=FETCH_S)
        except NothingCame:
            await self._watch()
            return ()
        envelopes: list[Envelope] = []
        for message in messages:
            envelope = decoded(message.data)
            envelopes.append(envelope)
            self._receipts.setdefault(envelope.id, []).append(message.reply)
        return envelopes

    async def _watch(self) -> None:
        """After a fetch that got nothing: raises Unavailable when there was something to get."""
        consumer = await self._link.api(f"CONSUMER.INFO.{self._stream}.{self._name}", None, _Consumer)
        if not self._receipts and (consumer.num_pending or consumer.num_ack_pending):
            raise Unavailable("The message broker keeps messages back.")

    async def _finish(self, client: Client, finished: Sequence[Envelope]) -> None:
        for envelope in finished:
            for receipt in self._receipts.pop(envelope.id, ()):
                await client.publish(receipt, b"+ACK")
