"""The same act twice: one effect, the first result."""

import asyncio
import hashlib
from uuid import uuid4

import msgspec
import pytest

from mindlyfe.kernel.errors import KeyReused
from mindlyfe.kernel.messages import Act, ByKey, ByMessage, Cursor, MessageId, PersonId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.rooms import AlreadyReserved, Change, Reservation, release, reserve, wish

type Reservations = Streams[Reservation, Change]


def by_key(act: Act, key: str, body: bytes = b"") -> Act:
    return msgspec.structs.replace(act, once=ByKey(key, hashlib.sha256(body).digest()))


def by_message(act: Act) -> Act:
    return msgspec.structs.replace(act, once=ByMessage("rooms.test", MessageId(uuid4())))


async def events(rooms: Database, act: Act) -> int:
    async with rooms.app(act.tenant) as tx:
        [(count,)] = await (await tx.execute("select count(*) from event")).fetchall()
        return int(count)


async def test_a_key_replays_the_first_result(rooms: Database, reservations: Reservations, act: Act) -> None:
    stream, act = uuid4(), by_key(act, "k1")
    first = await reservations.decide(act, stream, reserve(wish()))
    again = await reservations.decide(act, stream, reserve(wish()))
    assert again == msgspec.structs.replace(first, replayed=True)
    assert await events(rooms, act) == 1


async def test_a_replay_needs_neither_version_nor_state(reservations: Reservations, act: Act) -> None:
    stream, act = uuid4(), by_key(act, "k1")
    first = await reservations.decide(act, stream, reserve(wish()), expected=0)
    await reservations.decide(by_key(act, "k2"), stream, release)
    again = await reservations.decide(act, stream, reserve(wish()), expected=0)
    assert again == msgspec.structs.replace(first, replayed=True)


async def test_a_key_with_another_request_is_refused(rooms: Database, reservations: Reservations, act: Act) -> None:
    stream = uuid4()
    await reservations.decide(by_key(act, "k", b"one"), stream, reserve(wish()))
    with pytest.raises(KeyReused):
        await reservations.decide(by_key(act, "k", b"two"), stream, release)
    assert await events(rooms, act) == 1


async def test_a_key_belongs_to_its_actor(reservations: Reservations, act: Act) -> None:
    other = msgspec.structs.replace(act, actor=PersonId(uuid4()))
    first = await reservations.decide(by_key(act, "k"), uuid4(), reserve(wish()))
    second = await reservations.decide(by_key(other, "k"), uuid4(), reserve(wish()))
    assert (first.replayed, second.replayed) == (False, False)


async def test_a_refused_act_may_be_repeated(reservations: Reservations, act: Act) -> None:
    taken = uuid4()
    await reservations.decide(act, taken, reserve(wish()))
    with pytest.raises(AlreadyReserved):
        await reservations.decide(by_key(act, "k"), taken, reserve(wish()))
    decided = await reservations.decide(by_key(act, "k"), uuid4(), reserve(wish()))
    assert not decided.replayed


async def test_a_decision_of_nothing_is_remembered_too(reservations: Reservations, act: Act) -> None:
    act, stream = by_key(act, "k"), uuid4()
    first = await reservations.decide(act, stream, lambda _: [])
    again = await reservations.decide(act, stream, reserve(wish()))
    assert (first.version, first.cursor, first.replayed) == (0, Cursor(), False)
    assert (again.version, again.replayed) == (0, True)


async def test_a_message_takes_effect_once(rooms: Database, reservations: Reservations, act: Act) -> None:
    stream, act = uuid4(), by_message(act)
    first = await reservations.decide(act, stream, reserve(wish()))
    again = await reservations.decide(act, stream, reserve(wish()))
    assert again == msgspec.structs.replace(first, replayed=True)
    assert await events(rooms, act) == 1
    other_step = await reservations.decide(act.step("free"), stream, release)
    assert (other_step.version, other_step.replayed) == (2, False)


async def test_at_the_same_moment_one_wins_and_all_get_its_result(
    rooms: Database, reservations: Reservations, act: Act
) -> None:
    for kind in (by_key(act, "k"), by_message(act)):
        before, stream = await events(rooms, act), uuid4()
        one_wish = reserve(wish())
        decided = await asyncio.gather(*(reservations.decide(kind, stream, one_wish) for _ in range(12)))
        assert sorted(d.replayed for d in decided) == [False] + [True] * 11
        assert len({(d.version, d.cursor) for d in decided}) == 1
        assert await events(rooms, act) == before + 1


async def test_at_the_same_moment_in_two_processes(
    rooms: Database, reservations: Reservations, twin: Reservations, act: Act
) -> None:
    for number in range(10):
        for kind in (by_key(act, f"k{number}"), by_message(act)):
            before, stream, one_wish = await events(rooms, act), uuid4(), reserve(wish())
            pairs = [reservations, twin] * 3
            decided = await asyncio.gather(*(streams.decide(kind, stream, one_wish) for streams in pairs))
            assert sorted(d.replayed for d in decided) == [False] + [True] * 5
            assert await events(rooms, act) == before + 1
