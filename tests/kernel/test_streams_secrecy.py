"""Payloads of person-bound events: unreadable in the table, in their place alone, gone with the key."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import Erased, Unavailable
from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.postgres import Database, address
from mindlyfe.kernel.secrecy import DataKey, Unreadable
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import Change, NotReserved, Reservation, evolve, move, release, reserve, wish

type Reservations = Streams[Reservation, Change]


async def test_the_table_holds_ciphertext(rooms: Database, reservations: Reservations, act: Act) -> None:
    stream, first = uuid4(), wish()
    await reservations.decide(act, stream, reserve(first))
    async with rooms.app(act.tenant) as tx:
        [(data, subject)] = await (await tx.execute("select data, subject from event")).fetchall()
    assert subject == first.guest
    assert data[:1] == b"\x01"
    assert str(first.room).encode() not in data


async def test_a_stream_about_nobody_is_plain(rooms: Database, keys: MemoryKeys, act: Act) -> None:
    plain = Streams(rooms, keys, name="reservation", events=Change, evolve=evolve)
    stream, first = uuid4(), wish()
    await plain.decide(act, stream, reserve(first))
    async with rooms.app(act.tenant) as tx:
        [(data, subject)] = await (await tx.execute("select data, subject from event")).fetchall()
    assert subject is None
    assert str(first.room).encode() in data
    assert await plain.load(act.tenant, stream) == (evolve(None, first), 1)


async def test_keys_that_are_not_at_hand_are_fetched(reservations: Reservations, keys: MemoryKeys, act: Act) -> None:
    streams = [uuid4() for _ in range(20)]
    await asyncio.gather(*(reservations.decide(act, s, reserve(wish())) for s in streams))
    keys.cool()
    decided = await asyncio.gather(*(reservations.decide(act, s, move(timedelta(hours=1))) for s in streams))
    assert {d.version for d in decided} == {2}
    keys.cool()
    assert (await reservations.load(act.tenant, streams[0]))[1] == 2


async def test_who_was_erased_is_refused_and_nobody_else(
    reservations: Reservations, keys: MemoryKeys, act: Act
) -> None:
    gone, here = wish(), wish()
    streams = [uuid4(), uuid4()]
    await reservations.decide(act, streams[0], reserve(gone))
    await reservations.decide(act, streams[1], reserve(here))
    await keys.erase(act.tenant, gone.guest)
    results = await asyncio.gather(
        reservations.decide(act, streams[0], release),
        reservations.decide(act, streams[1], release),
        reservations.decide(act, uuid4(), reserve(gone)),
        return_exceptions=True,
    )
    assert [type(r).__name__ for r in results] == ["Erased", "Decided", "Erased"]
    with pytest.raises(Erased):
        await reservations.load(act.tenant, streams[0])


class Away(MemoryKeys):
    """A key store that does not answer."""

    async def of_many(self, tenant: TenantId, persons: Collection[PersonId]) -> Mapping[PersonId, DataKey | None]:
        raise Unavailable


async def test_a_key_store_that_is_away_is_unavailability(rooms: Database, act: Act) -> None:
    streams = Streams(rooms, Away(), name="reservation", events=Change, evolve=evolve, subject=lambda s: s.guest)
    results = await asyncio.gather(
        streams.decide(act, uuid4(), reserve(wish())), streams.decide(act, uuid4(), release), return_exceptions=True
    )
    assert [type(r) for r in results] == [Unavailable, NotReserved]


async def test_a_payload_does_not_open_elsewhere(
    rooms: Database, rooms_settings: DatabaseSettings, reservations: Reservations, act: Act
) -> None:
    first, streams = wish(), [uuid4(), uuid4()]
    await reservations.decide(act, streams[0], reserve(first))
    await reservations.decide(act, streams[1], reserve(wish(at=first.starts_at + timedelta(days=1), who=first.guest)))
    with psycopg.connect(address(rooms_settings, "rooms_owner"), autocommit=True) as owner:
        owner.execute("alter table event no force row level security")
        owner.execute(
            "update event set data = (select data from event where stream = %s) where stream = %s", streams[::-1]
        )
        owner.execute("alter table event force row level security")
    with pytest.raises(Unreadable):
        await reservations.load(act.tenant, streams[0])
