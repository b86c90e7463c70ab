"""JetStream killed, lost and hanging: what was acknowledged arrives, what was not is refused, nobody gives up."""

import asyncio
import contextlib
import signal
from pathlib import Path
from uuid import uuid4

import pytest

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.testing.messages import Receiver, envelope
from mindlyfe.kernel.testing.telling import REGION
from mindlyfe.kernel.transport.nats import Nats
from mindlyfe.kernel.transport.port import Envelope
from mindlyfe.stack.testing.broker import Broker


async def published(nats: Nats, batch: list[Envelope]) -> None:
    """Tries until it is taken, as the relay does."""
    while True:
        with contextlib.suppress(Unavailable):
            await nats.open("teller")
            return await nats.publish(batch)
        await asyncio.sleep(0.05)


async def test_killed_under_load_it_loses_nothing_it_acknowledged(nats: Nats, broker: Broker) -> None:
    receiver = Receiver()
    batches = [[envelope(uuid4(), 1) for _ in range(20)] for _ in range(60)]

    async def publish() -> None:
        for batch in batches:
            await published(nats, batch)
            await asyncio.sleep(0.01)

    async with receiver.listening(nats):
        publishing = asyncio.create_task(publish())
        for _ in range(3):
            await asyncio.sleep(0.3)
            await broker.restart()
        await asyncio.wait_for(publishing, 60)
        expected = {one.id for batch in batches for one in batch}
        async with asyncio.timeout(30):
            while {one.id for one in receiver.got} != expected:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_it_goes_on_after_the_server_lost_everything(nats: Nats, broker: Broker) -> None:
    receiver = Receiver()
    async with receiver.listening(nats):
        await published(nats, [envelope(uuid4(), 1)])
        await receiver.until(1)
        broker.lose()
        broker.start()
        await published(nats, [envelope(uuid4(), 1)])
        await receiver.until(2)


async def test_without_a_server_nothing_is_taken_and_nothing_hangs(nats: Nats, broker: Broker) -> None:
    await nats.open("teller")
    broker.kill()
    async with asyncio.timeout(20):
        with pytest.raises(Unavailable):
            await nats.publish([envelope(uuid4(), 1)])
        with pytest.raises(Unavailable):
            await nats.open("teller")
        with pytest.raises(Unavailable):
            await nats.ask("eu.ask.x", b"", timeout_s=0.5)


async def test_answers_come_again_after_a_restart(nats: Nats, broker: Broker) -> None:
    async def answer(request: bytes) -> bytes:
        return request.upper()

    serving = asyncio.create_task(nats.answer("eu.ask.x", answer))
    assert await nats.ask("eu.ask.x", b"hello", timeout_s=5) == b"HELLO"
    await broker.restart()
    assert await nats.ask("eu.ask.x", b"again", timeout_s=20) == b"AGAIN"
    serving.cancel()


async def test_starting_waits_for_the_server(directory: Path) -> None:
    broker = Broker(directory / f"nats-{uuid4().hex[:8]}")
    broker.server.prepare()
    transport = Nats(broker.settings, region=REGION)
    entering = asyncio.create_task(transport.__aenter__())
    await asyncio.sleep(0.5)
    assert not entering.done()
    with broker:
        await asyncio.wait_for(entering, 20)
        await transport.__aexit__()


async def test_a_server_that_hangs_is_left_and_found_again(nats: Nats, broker: Broker) -> None:
    receiver = Receiver()
    async with receiver.listening(nats):
        await published(nats, [envelope(uuid4(), 1)])
        await receiver.until(1)
        broker.signal(signal.SIGSTOP)
        with pytest.raises(Unavailable):
            await nats.publish([envelope(uuid4(), 1)])
        broker.signal(signal.SIGCONT)
        await published(nats, [envelope(uuid4(), 1)])
        await receiver.until(2)
