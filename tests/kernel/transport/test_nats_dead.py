"""Dead letters: kept with the reason and without content shown, sent again when somebody asks."""

import asyncio
from uuid import uuid4

import pytest

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.testing.messages import SUBJECT, Receiver, envelope
from mindlyfe.kernel.transport.nats import Nats
from mindlyfe.kernel.transport.nats_dead import DeadLetter


async def buried(nats: Nats, count: int) -> list[DeadLetter]:
    """All of them, as soon as there are so many."""
    async with asyncio.timeout(20):
        while len(dead := [letter async for letter in nats.dead_letters.all()]) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return dead


async def test_what_never_succeeds_is_kept_and_the_rest_goes_on(nats: Nats) -> None:
    await nats.open("teller")
    receiver, stream = Receiver(), uuid4()
    bad, behind, other = envelope(stream, 1), envelope(stream, 2), envelope(uuid4(), 1)
    receiver.failing[bad.id] = "slot-taken"
    await nats.publish([bad, behind, other])
    async with receiver.listening(nats):
        await receiver.until(2)
        [letter] = await buried(nats, 1)
    assert (letter.consumer, letter.code, letter.message) == ("listener", "slot-taken", bad.id)
    assert (letter.subject, letter.tenant) == (SUBJECT, bad.tenant)
    assert [one.id for one in receiver.got] == [other.id, behind.id]


async def test_it_is_sent_again_and_then_forgotten(nats: Nats) -> None:
    await nats.open("teller")
    receiver = Receiver()
    bad = envelope(uuid4(), 1, at=1)
    receiver.failing[bad.id] = "slot-taken"
    await nats.publish([bad, envelope(uuid4(), 1, at=2)])
    async with receiver.listening(nats):
        [letter] = await buried(nats, 1)
        receiver.failing.clear()
        before = await nats.open("teller")
        await nats.dead_letters.redrive(letter.number)
        await receiver.until(2)
    assert receiver.got[-1].id == bad.id
    assert await nats.open("teller") == before
    assert await buried(nats, 0) == []


async def test_there_is_none(nats: Nats) -> None:
    assert await buried(nats, 0) == []
    with pytest.raises(NotFound):
        await nats.dead_letters.redrive(7)
