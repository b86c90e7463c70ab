"""Messages between contexts by NATS: JetStream keeps what is told, core NATS carries what is asked."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final, Self

import structlog
from nats.aio.msg import Msg
from nats.errors import NoRespondersError

from mindlyfe.kernel.config import NatsSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.postgres import refuse_in_transaction
from mindlyfe.kernel.transport.delivery import PAUSES_S, Delivery
from mindlyfe.kernel.transport.nats_dead import DeadLetters
from mindlyfe.kernel.transport.nats_link import Link, unavailable
from mindlyfe.kernel.transport.nats_source import Source
from mindlyfe.kernel.transport.nats_streams import Publisher, stream_of
from mindlyfe.kernel.transport.port import Answer, Deliver, Envelope, Held

AT_A_TIME: Final = 64
"""Questions one subject answers at the same time."""
LOOK_AGAIN_S: Final = 0.05
_log: Final = structlog.get_logger("nats")


class Nats:
    """One connection of one process. An async context manager: entering waits until the server answers."""

    def __init__(
        self, settings: NatsSettings, *, region: str, name: str = "mindlyfe", pauses_s: Sequence[float] = PAUSES_S
    ) -> None:
        self._region, self._pauses_s = region, pauses_s
        self._link = Link(settings, name)
        self._publisher = Publisher(self._link, region)
        self.dead_letters = DeadLetters(self._link, self._publisher, region)

    async def __aenter__(self) -> Self:
        await self._link.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._link.__aexit__()

    @property
    def connected(self) -> bool:
        """Whether the server is there now, as far as is known."""
        return self._link.is_connected

    async def open(self, context: str) -> Held:
        """Make the stream of `context` if it is not there; say what it holds. Raises Unavailable."""
        return await self._publisher.open(context)

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Hand over up to 500 envelopes of one context, synced to disk, all or none. Raises Unavailable."""
        refuse_in_transaction()
        await self._publisher.publish(batch)

    async def consume(self, consumer: str, subjects: Sequence[str], deliver: Deliver) -> None:
        """Feed `deliver` until cancelled, one loop per context that is heard. One process at a time per consumer."""
        streams: dict[str, list[str]] = {}
        for subject in subjects:
            streams.setdefault(stream_of(subject), []).append(subject)
        bury = partial(self.dead_letters.bury, consumer)
        async with asyncio.TaskGroup() as tasks:
            for stream, wanted in streams.items():
                delivery = Delivery(consumer, deliver, bury, self._pauses_s)
                tasks.create_task(Source(self._link, stream, consumer, wanted, delivery).run())

    async def ask(self, subject: str, request: bytes, *, timeout_s: float) -> bytes:
        """One answer; while nobody serves, asks again until the time is up. Raises Unavailable."""
        refuse_in_transaction()
        with unavailable():
            async with asyncio.timeout(timeout_s):
                while True:
                    try:
                        return (await self._link.request(subject, request, timeout_s=timeout_s)).data
                    except (NoRespondersError, Unavailable):
                        await asyncio.sleep(LOOK_AGAIN_S)

    async def answer(self, subject: str, answer: Answer) -> None:
        """Serve `subject` until cancelled, together with the other processes that do."""
        free = asyncio.Semaphore(AT_A_TIME)
        while True:
            client = await self._link.client()
            async with asyncio.TaskGroup() as tasks:

                async def take(message: Msg, tasks: asyncio.TaskGroup = tasks) -> None:
                    await free.acquire()
                    tasks.create_task(_reply(message, answer)).add_done_callback(lambda _: free.release())

                subscription = await client.subscribe(subject, queue="answers", cb=take)
                try:
                    # The client subscribes again by itself when it reconnects, but may be replaced.
                    while not client.is_closed:  # noqa: ASYNC110 - it offers no event
                        await asyncio.sleep(1)
                finally:
                    if client.is_connected:
                        await subscription.unsubscribe()


async def _reply(message: Msg, answer: Answer) -> None:
    try:
        await message.respond(await answer(message.data))
    except Exception as mistake:  # noqa: BLE001 - one answer lost; the asker's time runs out
        _log.exception("answer lost", subject=message.subject, exc_info=mistake)
