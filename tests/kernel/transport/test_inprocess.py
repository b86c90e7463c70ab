"""The carrier inside a process: everything arrives, in order; twice when asked for."""

import asyncio
from uuid import uuid4

import pytest

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.testing.messages import Receiver, envelope
from mindlyfe.kernel.transport.inprocess import InProcess


async def test_publish_returns_when_every_consumer_has_tried_it() -> None:
    transport, one, two = InProcess(), Receiver(), Receiver()
    batch = [envelope(uuid4(), 1) for _ in range(3)] + [envelope(uuid4(), 1, "eu.teller.other.v1")]
    async with one.listening(transport, "one"), two.listening(transport, "two"):
        await transport.publish(batch)
        assert one.got == two.got == batch[:3]


async def test_a_consumer_that_comes_later_hears_it_from_the_start() -> None:
    transport, receiver = InProcess(), Receiver()
    batch = [envelope(uuid4(), 1)]
    await transport.publish(batch)
    async with receiver.listening(transport):
        await transport.settled()
        assert receiver.got == batch


async def test_twice_delivers_copies_twice_and_keeps_each_stream_in_order() -> None:
    transport, receiver = InProcess(twice=True, seed=3), Receiver()
    streams = [uuid4() for _ in range(5)]
    batch = [envelope(stream, version) for version in (1, 2, 3) for stream in streams]
    async with receiver.listening(transport):
        await transport.publish(batch)
    assert len(receiver.got) == 2 * len(batch)
    assert not any(got is sent for got in receiver.got for sent in batch)
    assert [one.stream for one in receiver.got[: len(batch)]] != [one.stream for one in batch]
    for stream in streams:
        assert [one.version for one in receiver.got if one.stream == stream] == [1, 2, 3, 1, 2, 3]


async def test_what_never_succeeds_is_kept_with_its_code() -> None:
    transport, receiver = InProcess(pauses_s=(0.0,)), Receiver()
    bad, good = envelope(uuid4(), 1), envelope(uuid4(), 1)
    receiver.failing[bad.id] = "broken"
    async with receiver.listening(transport):
        await transport.publish([bad, good])
        await transport.settled()
    assert receiver.got == [good]
    assert transport.dead == [("listener", bad, "broken")]


async def test_a_consumer_that_leaves_holds_nobody_up() -> None:
    transport = InProcess()
    async with Receiver().listening(transport):
        pass
    await transport.publish([envelope(uuid4(), 1)])


async def test_each_process_keeps_from_the_beginning() -> None:
    assert (await InProcess().open("teller")) != (await InProcess().open("teller"))


async def test_asks_are_answered_or_unavailable() -> None:
    transport = InProcess()

    async def answer(request: bytes) -> bytes:
        await asyncio.sleep(60 if request == b"slow" else 0)
        return request.upper()

    with pytest.raises(Unavailable):
        await transport.ask("eu.ask.x", b"hello", timeout_s=1)
    serving = asyncio.create_task(transport.answer("eu.ask.x", answer))
    await asyncio.sleep(0)
    assert await transport.ask("eu.ask.x", b"hello", timeout_s=1) == b"HELLO"
    with pytest.raises(Unavailable):
        await transport.ask("eu.ask.x", b"slow", timeout_s=0.01)
    serving.cancel()
