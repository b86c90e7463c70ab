"""Reactions to public events: once each, streams side by side, each in order; what fails is named by its code alone."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from mindlyfe.kernel.errors import Erased, NotFound, Unavailable
from mindlyfe.kernel.messages import SYSTEM, ByMessage, Heard, MessageId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.reactor import Reactor
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import started, trace_id
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import REGION, Appointment, Booked, BookedV1, Change, MovedV1, appointments
from mindlyfe.kernel.transport.port import Envelope


def told(stream: UUID, version: int = 1, patient: UUID | None = None) -> Envelope:
    """A booking on its way."""
    event = BookedV1(appointment=stream, patient=patient or uuid4(), therapist=uuid4())
    return Envelope(
        id=MessageId(uuid4()),
        subject=f"{REGION}.teller.booked.v1",
        tenant=TenantId(uuid4()),
        stream=stream,
        version=version,
        at=datetime.now(UTC),
        correlation=started(),
        body=msgspec.Raw(msgspec.json.encode(event)),
    )


class Reactions:
    """Notes what it hears; raises what it is told to."""

    def __init__(self) -> None:
        self.heard: list[Heard[Any]] = []
        self.refusals: dict[UUID, Exception] = {}
        self.running = self.most = 0

    async def __call__(self, heard: Heard[Any]) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.005)
        self.running -= 1
        if heard.message in self.refusals:
            raise self.refusals[heard.message]
        self.heard.append(heard)


@pytest.fixture
def reactions() -> Reactions:
    """One for all."""
    return Reactions()


@pytest.fixture
def reactor(listener: Database, reactions: Reactions) -> Reactor:
    """Hears bookings."""
    return Reactor(listener, REGION, {BookedV1: reactions})


async def test_a_message_is_reacted_to_once_however_often_it_comes(reactor: Reactor, reactions: Reactions) -> None:
    one = told(uuid4())
    for _ in range(3):
        assert await reactor.deliver([one, one]) == {}
    assert [heard.message for heard in reactions.heard] == [one.id]


async def test_what_is_heard_says_who_when_and_why(reactor: Reactor, reactions: Reactions) -> None:
    one = told(uuid4(), version=4)
    await reactor.deliver([one])
    [heard] = reactions.heard
    assert heard.event == msgspec.json.decode(one.body, type=BookedV1)
    assert (heard.stream, heard.version, heard.at) == (one.stream, 4, one.at)
    assert (heard.act.tenant, heard.act.actor) == (one.tenant, SYSTEM)
    assert heard.act.once == ByMessage("listener.teller.booked.v1", one.id)
    assert trace_id(heard.act.correlation) == trace_id(one.correlation)


async def test_streams_go_side_by_side_and_each_in_order(reactor: Reactor, reactions: Reactions) -> None:
    streams = [uuid4() for _ in range(5)]
    await reactor.deliver([told(stream, version) for version in (1, 2, 3) for stream in streams])
    assert reactions.most == 5
    for stream in streams:
        assert [heard.version for heard in reactions.heard if heard.stream == stream] == [1, 2, 3]


async def test_a_failure_stops_its_stream_and_no_other(reactor: Reactor, reactions: Reactions) -> None:
    stream = uuid4()
    first, second, other = told(stream), told(stream, 2), told(uuid4())
    reactions.refusals[first.id] = NotFound("a name")

    assert await reactor.deliver([first, second, other]) == {first.id: "not-found"}
    assert [heard.message for heard in reactions.heard] == [other.id]

    reactions.refusals.clear()
    assert await reactor.deliver([first, second, other]) == {}
    assert [heard.message for heard in reactions.heard] == [other.id, first.id, second.id]


async def test_a_mistake_is_named_by_its_type(reactor: Reactor, reactions: Reactions) -> None:
    one = told(uuid4())
    reactions.refusals[one.id] = KeyError("a name")
    assert await reactor.deliver([one]) == {one.id: "KeyError"}


async def test_nothing_is_left_to_do_for_an_erased_person(reactor: Reactor, reactions: Reactions) -> None:
    one = told(uuid4())
    reactions.refusals[one.id] = Erased()
    assert await reactor.deliver([one]) == {}


async def test_without_a_database_nothing_can_be_tried(reactor: Reactor, listener: Database) -> None:
    await listener.worker_pool.close()
    with pytest.raises(Unavailable):
        await reactor.deliver([told(uuid4())])


async def test_effects_are_made_once_when_the_mark_was_lost(listener: Database, keys: MemoryKeys) -> None:
    streams: Streams[Appointment, Change] = appointments(listener, keys)
    decided: list[bool] = []

    async def react(heard: Heard[BookedV1]) -> None:
        event = Booked(patient=heard.event.patient, therapist=heard.event.therapist)
        done = await streams.decide(heard.act, heard.event.appointment, lambda _: [event])
        decided.append(done.replayed)

    reactor = Reactor(listener, REGION, {BookedV1: react})
    one = told(uuid4())
    await reactor.deliver([one])
    async with listener.worker() as tx:
        await tx.execute("delete from inbox where consumer like '%/handled'")
    await reactor.deliver([one])
    assert decided == [False, True]
    assert (await streams.load(one.tenant, one.stream))[1] == 1


def test_it_asks_for_what_it_hears_only(listener: Database, reactions: Reactions) -> None:
    reactor = Reactor(listener, REGION, {BookedV1: reactions, MovedV1: reactions})
    assert reactor.subjects == ["eu.teller.booked.v1", "eu.teller.moved.v1"]
