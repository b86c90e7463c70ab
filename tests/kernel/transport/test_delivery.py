"""Delivery through failures: the order of each stream holds, others go on, what never succeeds is buried."""

from collections.abc import Sequence
from uuid import uuid4

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.testing.messages import Receiver, envelope
from mindlyfe.kernel.transport.delivery import Delivery
from mindlyfe.kernel.transport.port import Envelope


class Grave:
    """Where what never succeeds is put."""

    def __init__(self) -> None:
        self.buried: list[tuple[Envelope, str]] = []

    async def bury(self, one: Envelope, code: str) -> None:
        self.buried.append((one, code))


def delivery_to(receiver: Receiver, grave: Grave | None = None, pauses_s: Sequence[float] = (0.0, 0.0)) -> Delivery:
    """Without pauses, and three attempts."""
    return Delivery("test", receiver.deliver, (grave or Grave()).bury, pauses_s)


async def test_all_that_succeeds_is_finished_at_once() -> None:
    receiver = Receiver()
    batch = [envelope(uuid4(), 1) for _ in range(3)]
    assert await delivery_to(receiver).feed(batch) == batch
    assert receiver.got == batch


async def test_a_failure_holds_its_stream_and_no_other() -> None:
    receiver, stream = Receiver(), uuid4()
    first, second, third = (envelope(stream, version) for version in (1, 2, 3))
    other = envelope(uuid4(), 1)
    receiver.failing[first.id] = "slot-taken"
    delivery = delivery_to(receiver, pauses_s=(60.0,))

    assert await delivery.feed([first, second, other]) == [other]
    assert await delivery.feed([third]) == ()

    assert receiver.got == [other]
    assert delivery.waiting == 3
    assert 0 < delivery.due_in(100.0) <= 60


async def test_what_waited_is_handled_in_order_when_it_succeeds_at_last() -> None:
    receiver, stream = Receiver(), uuid4()
    first, second = envelope(stream, 1), envelope(stream, 2)
    receiver.failing[first.id] = "slot-taken"
    delivery = delivery_to(receiver)
    await delivery.feed([first, second])
    del receiver.failing[first.id]

    assert await delivery.feed([]) == [first, second]
    assert receiver.got == [first, second]
    assert delivery.waiting == 0


async def test_what_never_succeeds_is_buried_and_its_stream_goes_on() -> None:
    grave = Grave()
    receiver, stream = Receiver(), uuid4()
    first, second = envelope(stream, 1), envelope(stream, 2)
    receiver.failing[first.id] = "slot-taken"
    delivery = delivery_to(receiver, grave)

    assert await delivery.feed([first, second]) == []
    assert await delivery.feed([]) == []
    assert await delivery.feed([]) == [first]
    assert grave.buried == [(first, "slot-taken")]
    assert await delivery.feed([]) == [second]


async def test_a_failure_of_something_else_is_never_buried() -> None:
    grave = Grave()
    receiver = Receiver()
    one = envelope(uuid4(), 1)
    receiver.failing[one.id] = Unavailable.code
    delivery = delivery_to(receiver, grave)
    await delivery.feed([one])
    for _ in range(20):
        await delivery.feed([])
    assert grave.buried == []
    del receiver.failing[one.id]
    assert await delivery.feed([]) == [one]


async def test_faults_and_passing_failures_are_counted_apart() -> None:
    grave = Grave()
    receiver = Receiver()
    one = envelope(uuid4(), 1)
    delivery = delivery_to(receiver, grave)
    for code in ("unavailable", "slot-taken", "unavailable", "slot-taken", "unavailable"):
        receiver.failing[one.id] = code
        await delivery.feed([one])
    assert grave.buried == []


async def test_when_nothing_can_be_tried_the_batch_waits() -> None:
    receiver = Receiver()
    receiver.away = 3
    one = envelope(uuid4(), 1)
    assert await delivery_to(receiver).feed([one]) == [one]


async def test_a_message_that_comes_twice_is_tried_once() -> None:
    receiver = Receiver()
    one = envelope(uuid4(), 1)
    assert await delivery_to(receiver).feed([one, one]) == [one]
    assert receiver.got == [one]
