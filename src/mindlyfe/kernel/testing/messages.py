"""Messages for tests, and a consumer that notes what comes."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Cursor, MessageId, TenantId
from mindlyfe.kernel.telemetry import started
from mindlyfe.kernel.transport.port import Envelope, Failures, Transport

SUBJECT = "eu.teller.booked.v1"


def envelope(stream: UUID, version: int, subject: str = SUBJECT, *, at: int = 0) -> Envelope:
    """A message of a stream; `at` is its position in the log."""
    return Envelope(
        id=MessageId(uuid4()),
        subject=subject,
        tenant=TenantId(uuid4()),
        stream=stream,
        version=version,
        at=datetime.now(UTC),
        correlation=started(),
        body=msgspec.Raw(b'{"type":"teller.booked.v1"}'),
        cursor=Cursor(1, 1, at),
    )


class Receiver:
    """Handles everything but what it is told to fail, and nothing while it is `away`."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.failing: dict[MessageId, str] = {}
        self.away = 0

    async def deliver(self, batch: Sequence[Envelope]) -> Failures:
        """As an inbox does: after a failure in a stream, the rest of the stream is left alone."""
        if self.away:
            self.away -= 1
            raise Unavailable
        failed: dict[UUID, Envelope] = {}
        for one in batch:
            if one.stream not in failed:
                if one.id in self.failing:
                    failed[one.stream] = one
                else:
                    self.got.append(one)
        return {one.id: self.failing[one.id] for one in failed.values()}

    async def until(self, count: int, longest_s: float = 30.0) -> None:
        """Waits until so many messages came."""
        async with asyncio.timeout(longest_s):
            while len(self.got) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def listening(
        self, transport: Transport, consumer: str = "listener", subjects: Sequence[str] = (SUBJECT,)
    ) -> AsyncGenerator[None]:
        """Consumes meanwhile."""
        loop = asyncio.create_task(transport.consume(consumer, subjects, self.deliver))
        await asyncio.sleep(0)
        try:
            yield
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
