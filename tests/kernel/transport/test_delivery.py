"""Delivery through failures: the order of each stream holds, others go on, what never succeeds is buried."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import MessageId, TenantId
from mindlyfe.kernel.transport.delivery import Delivery
from mindlyfe.kernel.transport.port import Envelope, Failures


def envelope(stream: UUID, version: int) -> Envelope:
    """A message of a stream."""
    return Envelope(
        id=MessageId(uuid4()),
        subject="eu.teller.booked.v1",
        tenant=TenantId(uuid4()),
        stream=stream,
        version=version,
        at=datetime.now(UTC),
        correlation="",
        body=msgspec.Raw(b"{}"),
    )


class Receiver:
    """Fails what it is told to, with the code it is told."""

    def __init__(self) -> None:
        self.handled: list[Envelope] = []
        self.failing: dict[MessageId, str] = {}
        self.buried: list[tuple[Envelope, str]] = []
        self.away = 0

    async def deliver(self, batch: Sequence[Envelope]) -> Failures:
        if self.away:
            self.away -= 1
            raise Unavailable
        failed: set[UUID] = set()
        failures: dict[MessageId, str] = {}
        for one in batch:
            if one.stream in failed:
                continue
            if one.id in self.failing:
                failures[one.id] = self.failing[one.id]
                failed.add(one.stream)
            else:
                self.handled.append(one)
        return failures

    async def bury(self, one: Envelope, code: str) -> None:
        self.buried.append((one, code))

    def delivery(self, pauses_s: Sequence[float] = (0.0, 0.0)) -> Delivery:
        return Delivery("test", self.deliver, self.bury, pauses_s)


async def test_all_that_succeeds_is_finished_at_once() -> None:
    receiver = Receiver()
    batch = [envelope(uuid4(), 1) for _ in range(3)]
    assert await receiver.delivery().feed(batch) == batch
    assert receiver.handled == batch


async def test_a_failure_holds_its_stream_and_no_other() -> None:
    receiver, stream = Receiver(), uuid4()
    first, second, third = (envelope(stream, version) for version in (1, 2, 3))
    other = envelope(uuid4(), 1)
    receiver.failing[first.id] = "slot-taken"
    delivery = receiver.delivery(pauses_s=(60.0,))

    assert await delivery.feed([first, second, other]) == [other]
    assert await delivery.feed([third]) == ()

    assert receiver.handled == [other]
    assert delivery.waiting == 3
    assert 0 < delivery.due_in(100.0) <= 60


async def test_what_waited_is_handled_in_order_when_it_succeeds_at_last() -> None:
    receiver, stream = Receiver(), uuid4()
    first, second = envelope(stream, 1), envelope(stream, 2)
    receiver.failing[first.id] = "slot-taken"
    delivery = receiver.delivery()
    await delivery.feed([first, second])
    del receiver.failing[first.id]

    assert await delivery.feed([]) == [first, second]
    assert receiver.handled == [first, second]
    assert delivery.waiting == 0


async def test_what_never_succeeds_is_buried_and_its_stream_goes_on() -> None:
    receiver, stream = Receiver(), uuid4()
    first, second = envelope(stream, 1), envelope(stream, 2)
    receiver.failing[first.id] = "slot-taken"
    delivery = receiver.delivery()

    assert await delivery.feed([first, second]) == []
    assert await delivery.feed([]) == []
    assert await delivery.feed([]) == [first]
    assert receiver.buried == [(first, "slot-taken")]
    assert await delivery.feed([]) == [second]


async def test_a_failure_of_something_else_is_never_buried() -> None:
    receiver = Receiver()
    one = envelope(uuid4(), 1)
    receiver.failing[one.id] = Unavailable.code
    delivery = receiver.delivery()
    await delivery.feed([one])
    for _ in range(20):
        await delivery.feed([])
    assert receiver.buried == []
    del receiver.failing[one.id]
    assert await delivery.feed([]) == [one]


async def test_faults_and_passing_failures_are_counted_apart() -> None:
    receiver = Receiver()
    one = envelope(uuid4(), 1)
    delivery = receiver.delivery()
    for code in ("unavailable", "slot-taken", "unavailable", "slot-taken", "unavailable"):
        receiver.failing[one.id] = code
        await delivery.feed([one])
    assert receiver.buried == []


async def test_when_nothing_can_be_tried_the_batch_waits() -> None:
    receiver = Receiver()
    receiver.away = 3
    one = envelope(uuid4(), 1)
    assert await receiver.delivery().feed([one]) == [one]


async def test_a_message_that_comes_twice_is_tried_once() -> None:
    receiver = Receiver()
    one = envelope(uuid4(), 1)
    assert await receiver.delivery().feed([one, one]) == [one]
    assert receiver.handled == [one]
