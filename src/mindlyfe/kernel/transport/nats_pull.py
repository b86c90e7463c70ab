"""Pulls messages from a durable JetStream consumer, the next ones while these are handled, and notices silence.

nats-py's own `fetch` costs a timer per message, three times the processor time of this.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from mindlyfe.kernel.errors import Unavailable

BATCH: Final = 500
OPEN_S: Final = 10
"""How long one pull stays open at the server."""
SILENCE_S: Final = 5.0
"""Without a heartbeat for so long, the consumer or the server is gone."""
PULL: Final = b'{"batch":%d,"expires":%d000000000,"idle_heartbeat":2000000000}' % (BATCH, OPEN_S)
HEARTBEAT: Final = "100"
OVER: Final = frozenset({"404", "408"})
"""The pull is over; the next one may get more."""


class Pull:
    """An async context manager over one consumer, for one connection."""

    def __init__(self, client: Client, stream: str, consumer: str) -> None:
        self._client = client
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._arrived: list[Msg] = []
        self._left = 0
        self._refused = ""
        self._moved = asyncio.Event()
        self._heard_s = 0.0

    async def __aenter__(self) -> Self:
        self._subscription = await self._client.subscribe(self._inbox, cb=self._take)
        await self._ask()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        if self._subscription is not None and self._client.is_connected:
            await self._subscription.unsubscribe()

    async def some(self, longest_s: float) -> list[Msg]:
        """What has come, or comes within `longest_s` seconds. Raises Unavailable when nothing more will come."""
        if not self._arrived:
            await self._wait(longest_s)
        arrived, self._arrived = self._arrived, []
        if self._left == 0:
            await self._ask()
        return arrived

    async def _wait(self, longest_s: float) -> None:
        self._moved.clear()
        try:
            async with asyncio.timeout(longest_s):
                await self._moved.wait()
        except TimeoutError:
            pass
        if self._refused or asyncio.get_running_loop().time() - self._heard_s > SILENCE_S:
            raise Unavailable(f"The message broker stopped delivering: {self._refused or 'silence'}.")

    async def _ask(self) -> None:
        self._left = BATCH
        self._heard_s = asyncio.get_running_loop().time()
        await self._client.publish(self._next, PULL, reply=self._inbox)

    async def _take(self, message: Msg) -> None:
        self._heard_s = asyncio.get_running_loop().time()
        status = message.headers.get("Status") if message.headers and not message.data else None
        if status is None:
            self._arrived.append(message)
            self._left -= 1
            if self._left == 0 and len(self._arrived) <= BATCH:
                await self._ask()
        elif status in OVER:
            await self._ask()
        elif status != HEARTBEAT:
            self._refused = status
        self._moved.set()
