"""A consumer's side of one JetStream stream: a durable pull consumer, watched, started over when anything is odd."""

import asyncio
from collections import deque
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import MessageId
from mindlyfe.kernel.transport.delivery import Delivery
from mindlyfe.kernel.transport.nats_link import Link
from mindlyfe.kernel.transport.nats_pull import Pull
from mindlyfe.kernel.transport.nats_streams import decoded
from mindlyfe.kernel.transport.port import Envelope

PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0)
LOOK_S: Final = 0.5
"""How often the connection is looked at while nothing comes."""
IDLE_LOOKS: Final = 20
"""After so many looks at nothing the server is asked whether that is so."""
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
        self._hand: deque[tuple[MessageId, str]] = deque()
        self._open: set[MessageId] = set()
        self._next = 1

    async def run(self) -> None:
        """Feed until cancelled, through every outage."""
        trouble = 0
        while True:
            try:
                await self._session()
                trouble = 0
            except (Unavailable, Error, OSError, TimeoutError) as lost:
                if trouble == 0:
                    _log.info("source waits", stream=self._stream, consumer=self._name, error=type(lost).__name__)
                await asyncio.sleep(PAUSES_S[min(trouble, len(PAUSES_S) - 1)])
                trouble += 1

    async def _session(self) -> None:
        """Feed as long as the connection is the same one."""
        client = await self._link.connected()
        reconnects = client.stats["reconnects"]
        await self._resume()
        self._hand.clear()
        self._next = 1
        async with Pull(client, self._stream, self._name) as pull:
            looks = 0
            while client.stats["reconnects"] == reconnects:
                messages = await pull.some(self._delivery.due_in(LOOK_S))
                await self._finish(client, await self._delivery.feed(self._envelopes(messages)))
                looks = 0 if messages or self._hand else looks + 1
                if looks == IDLE_LOOKS:
                    await self._watch()
                    looks = 0

    async def _resume(self) -> None:
        """Have the durable, set back to the first message not acknowledged.

        Else what a crashed process had fetched would come after its successors, when the acknowledgement is overdue.
        """
        configuration = {
            "name": self._name,
            "durable_name": self._name,
            "filter_subjects": self._subjects,
            # One acknowledgement for all up to it, a batch at a time: the server has 500 times less to do.
            "ack_policy": "all",
            "ack_wait": 3_600 * NANOSECONDS,
            "max_ack_pending": -1,
            "inactive_threshold": 30 * 86_400 * NANOSECONDS,
        }
        request = {"stream_name": self._stream, "config": configuration, "action": ""}
        await self._link.api(f"CONSUMER.CREATE.{self._stream}.{self._name}", request, _Consumer)
        await self._link.api(f"CONSUMER.RESET.{self._stream}.{self._name}", None, _Consumer)

    def _envelopes(self, messages: Sequence[Msg]) -> Sequence[Envelope]:
        """What the messages carry. Raises Unavailable when some went elsewhere, which we must not acknowledge."""
        if messages:
            first, last = (message.metadata.sequence.consumer for message in (messages[0], messages[-1]))
            if (first, last) != (self._next, self._next + len(messages) - 1):
                raise Unavailable("Another process consumes as well.")
            self._next = last + 1
        envelopes = [decoded(message.data) for message in messages]
        for envelope, message in zip(envelopes, messages, strict=True):
            self._hand.append((envelope.id, message.reply))
            self._open.add(envelope.id)
        return envelopes

    async def _watch(self) -> None:
        """Nothing came and nothing is in hand: raises Unavailable when the server sees that differently."""
        consumer = await self._link.api(f"CONSUMER.INFO.{self._stream}.{self._name}", None, _Consumer)
        if consumer.num_pending or consumer.num_ack_pending:
            raise Unavailable("The message broker keeps messages back.")

    async def _finish(self, client: Client, finished: Sequence[Envelope]) -> None:
        """Acknowledge up to the first message that is not finished."""
        self._open.difference_update(envelope.id for envelope in finished)
        receipt = ""
        while self._hand and self._hand[0][0] not in self._open:
            _, receipt = self._hand.popleft()
        if receipt:
            await client.publish(receipt, b"+ACK")
