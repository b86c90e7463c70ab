"""Messages between contexts that share a process; `twice` makes it as rough as a network."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID, uuid4

import msgspec

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.postgres import refuse_in_transaction
from mindlyfe.kernel.transport.delivery import PAUSES_S, Delivery
from mindlyfe.kernel.transport.port import Answer, Deliver, Envelope, Held

BATCH: Final = 500
LOOK_S: Final = 0.2


class InProcess:
    """Keeps what was published in memory; a consumer that comes later hears it from the start.

    With `twice` every message is serialised and delivered twice, in another order each time but for that of a stream.
    """

    def __init__(self, *, twice: bool = False, seed: int = 0, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self._twice, self._pauses_s = twice, pauses_s
        self._random = random.Random(seed)  # noqa: S311 - an order for tests, not a secret
        self._generation = str(uuid4())
        self._kept: list[Envelope] = []
        self._seen: dict[str, int] = {}
        self._busy: dict[str, Delivery] = {}
        self._moved = asyncio.Event()
        self._answers: dict[str, Answer] = {}
        self.dead: list[tuple[str, Envelope, str]] = []
        """Consumer, message and error's code of what failed for good."""

    async def open(self, context: str) -> Held:  # noqa: ARG002
        """Memory is new with each process, so a relay starts from the beginning."""
        return Held(self._generation, None)

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Hand over; returns when each consumer there is has tried it. PostgreSQL keeps it, memory need not."""
        refuse_in_transaction()
        self._kept.extend(batch)
        until = len(self._kept)
        self._move()
        await self._until(lambda: all(seen >= until for seen in self._seen.values()))

    async def settled(self) -> None:
        """Returns when each consumer has handled or buried all that was published."""
        await self._until(
            lambda: (
                all(seen == len(self._kept) for seen in self._seen.values())
                and not any(delivery.waiting for delivery in self._busy.values())
            )
        )

    async def consume(self, consumer: str, subjects: Sequence[str], deliver: Deliver) -> None:
        """Feed `deliver` from the first message kept, until cancelled."""
        wanted = frozenset(subjects)

        async def bury(envelope: Envelope, code: str) -> None:
            self.dead.append((consumer, envelope, code))

        delivery = self._busy[consumer] = Delivery(consumer, deliver, bury, self._pauses_s)
        self._seen[consumer] = 0
        try:
            while True:
                seen = self._seen[consumer]
                batch = self._kept[seen : seen + BATCH]
                for part in self._parts([envelope for envelope in batch if envelope.subject in wanted]):
                    await delivery.feed(part)
                self._seen[consumer] = seen + len(batch)
                self._move()
                await self._arrival(seen + len(batch), delivery.due_in(LOOK_S))
        finally:
            del self._seen[consumer], self._busy[consumer]
            self._move()

    async def ask(self, subject: str, request: bytes, *, timeout_s: float) -> bytes:
        """One answer, by a call. Raises Unavailable."""
        refuse_in_transaction()
        answer = self._answers.get(subject)
        if answer is None:
            raise Unavailable
        try:
            async with asyncio.timeout(timeout_s):
                return await answer(request)
        except TimeoutError as late:
            raise Unavailable from late

    async def answer(self, subject: str, answer: Answer) -> None:
        """Serve `subject` until cancelled."""
        self._answers[subject] = answer
        try:
            await asyncio.Event().wait()
        finally:
            del self._answers[subject]

    def _move(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self._moved.wait()

    async def _arrival(self, seen: int, longest_s: float) -> None:
        """Returns when there is more than `seen`, or after `longest_s` seconds."""
        try:
            async with asyncio.timeout(longest_s):
                await self._until(lambda: len(self._kept) > seen)
        except TimeoutError:
            return

    def _parts(self, batch: Sequence[Envelope]) -> Sequence[Sequence[Envelope]]:
        """The batch as it is delivered; the empty part lets what failed be tried again."""
        if not self._twice:
            return [batch]
        parts: list[Sequence[Envelope]] = [[]]
        for _ in range(2):
            sent = self._shuffled([msgspec.json.decode(msgspec.json.encode(one), type=Envelope) for one in batch])
            cut = self._random.randint(0, len(sent))
            parts += [sent[:cut], sent[cut:]]
        return parts

    def _shuffled(self, batch: Sequence[Envelope]) -> Sequence[Envelope]:
        """In another order, but for that of each stream."""
        streams: dict[UUID, list[Envelope]] = {}
        for envelope in batch:
            streams.setdefault(envelope.stream, []).append(envelope)
        turns = [envelope.stream for envelope in batch]
        self._random.shuffle(turns)
        queues = {stream: iter(queue) for stream, queue in streams.items()}
        return [next(queues[stream]) for stream in turns]
