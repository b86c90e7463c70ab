"""JetStream as a carrier: whole batches, in order, acknowledged; what it keeps."""

import asyncio
from uuid import uuid4

import nats as client_library
import pytest
from nats.aio.client import Client

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Cursor
from mindlyfe.kernel.postgres import marked
from mindlyfe.kernel.testing.messages import SUBJECT, Receiver, envelope
from mindlyfe.kernel.testing.telling import REGION
from mindlyfe.kernel.transport.nats import Nats
from mindlyfe.stack.testing.broker import Broker


async def plain(broker: Broker) -> Client:
    """A client that knows nothing of our transport."""
    settings = broker.settings
    return await client_library.connect(
        settings.url, user=settings.user, password=settings.password_file.read_text().strip()
    )


async def test_a_batch_arrives_whole_and_in_order(nats: Nats) -> None:
    receiver = Receiver()
    await nats.open("teller")
    batch = [envelope(uuid4(), 1, at=number) for number in range(1200)]
    async with receiver.listening(nats):
        for start in (0, 500, 1000):
            await nats.publish(batch[start : start + 500])
        await receiver.until(1200)
    assert receiver.got == batch


async def test_the_same_batch_again_is_taken_again(nats: Nats, broker: Broker) -> None:
    await nats.open("teller")
    batch = [envelope(uuid4(), 1) for _ in range(3)]
    await nats.publish(batch)
    await nats.publish(batch)
    client = await plain(broker)
    assert (await client.jetstream().stream_info("EU-TELLER")).state.messages == 6
    receiver = Receiver()
    async with receiver.listening(nats), asyncio.timeout(20):
        await receiver.until(3)
        [consumer] = await client.jetstream().consumers_info("EU-TELLER")
        while consumer.ack_floor is None or consumer.ack_floor.stream_seq < 6:
            consumer = await client.jetstream().consumer_info("EU-TELLER", consumer.name)
    await client.close()


async def test_headers_name_the_message_and_its_trace(nats: Nats, broker: Broker) -> None:
    await nats.open("teller")
    one = envelope(uuid4(), 1)
    await nats.publish([one])
    client = await plain(broker)
    message = await client.jetstream().get_last_msg("EU-TELLER", SUBJECT)
    await client.close()
    assert message.headers is not None
    assert message.headers["Mindlyfe-Id"] == str(one.id)
    assert message.headers["traceparent"] == one.correlation
    assert "Nats-Msg-Id" not in message.headers


async def test_it_says_what_it_keeps(nats: Nats) -> None:
    empty = await nats.open("teller")
    await nats.publish([envelope(uuid4(), 1, at=number) for number in (1, 2, 3)])
    full = await nats.open("teller")
    assert (empty.upto, full.upto) == (Cursor(), Cursor(1, 1, 3))
    assert empty.generation == full.generation


async def test_a_stream_that_lost_messages_is_noticed(nats: Nats, broker: Broker) -> None:
    before = await nats.open("teller")
    await nats.publish([envelope(uuid4(), 1) for _ in range(3)])
    client = await plain(broker)
    await client.jetstream().delete_stream("EU-TELLER")
    with pytest.raises(Unavailable):
        await nats.publish([envelope(uuid4(), 1)])
    assert (await nats.open("teller")).generation != before.generation
    await client.close()


async def test_a_consumer_goes_on_where_it_was_and_starts_with_what_it_had_not_finished(nats: Nats) -> None:
    await nats.open("teller")
    first, second = Receiver(), Receiver()
    batch = [envelope(uuid4(), 1) for _ in range(3)]
    first.failing[batch[1].id] = Unavailable.code
    await nats.publish(batch)
    async with first.listening(nats):
        await first.until(2)
        await asyncio.sleep(0.1)
    await nats.publish([envelope(uuid4(), 1)])
    async with second.listening(nats):
        await second.until(3)
    assert [one.id for one in second.got[:2]] == [batch[1].id, batch[2].id]


async def test_two_at_a_time_acknowledge_nothing_for_each_other(nats: Nats, broker: Broker) -> None:
    await nats.open("teller")
    one, two, after = Receiver(), Receiver(), Receiver()
    stuck = envelope(uuid4(), 1)
    one.failing[stuck.id] = two.failing[stuck.id] = Unavailable.code
    async with Nats(broker.settings, region=REGION, pauses_s=(0.01,)) as other:
        async with one.listening(nats), two.listening(other):
            await nats.publish([stuck])
            for _ in range(30):
                await nats.publish([envelope(uuid4(), 1)])
                await asyncio.sleep(0.01)
        async with after.listening(other):
            await after.until(31)
    assert after.got[0] == stuck


async def test_a_consumer_with_another_subject_hears_that_from_the_start(nats: Nats) -> None:
    await nats.open("teller")
    receiver, other = Receiver(), "eu.teller.moved.v1"
    batch = [envelope(uuid4(), 1, other), envelope(uuid4(), 1)]
    await nats.publish(batch)
    async with receiver.listening(nats):
        await receiver.until(1)
    async with receiver.listening(nats, subjects=[SUBJECT, other]):
        await receiver.until(3)
    assert receiver.got[1:] == batch


async def test_a_deleted_consumer_is_made_again(nats: Nats, broker: Broker) -> None:
    await nats.open("teller")
    receiver = Receiver()
    client = await plain(broker)
    async with receiver.listening(nats):
        await nats.publish([envelope(uuid4(), 1)])
        await receiver.until(1)
        for consumer in await client.jetstream().consumers_info("EU-TELLER"):
            await client.jetstream().delete_consumer("EU-TELLER", consumer.name)
        late = envelope(uuid4(), 1)
        await nats.publish([late])
        await receiver.until(3)
    await client.close()
    assert receiver.got[-1] == late


async def test_nothing_is_sent_inside_a_transaction(nats: Nats) -> None:
    with marked("teller"), pytest.raises(RuntimeError):
        await nats.publish([envelope(uuid4(), 1)])
    with marked("teller"), pytest.raises(RuntimeError):
        await nats.ask("eu.ask.x", b"", timeout_s=1)


async def test_asks_go_to_one_of_those_who_serve(nats: Nats, broker: Broker) -> None:
    async def answer(request: bytes) -> bytes:
        return request.upper()

    async with Nats(broker.settings, region=REGION) as other:
        serving = [asyncio.create_task(one.answer("eu.ask.x", answer)) for one in (nats, other)]
        answers = await asyncio.gather(*(nats.ask("eu.ask.x", b"hello", timeout_s=5) for _ in range(20)))
        for one in serving:
            one.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
    assert answers == [b"HELLO"] * 20


async def test_nobody_serves(nats: Nats) -> None:
    with pytest.raises(Unavailable):
        await nats.ask("eu.ask.x", b"", timeout_s=0.2)
