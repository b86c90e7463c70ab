"""What a reader of the log gets: typed events, none of erased people, every epoch, and how far it is behind."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.log import Log, UnknownEvent
from mindlyfe.kernel.messages import Act, Cursor, PersonId
from mindlyfe.kernel.postgres import Database, address
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import Appointment, Booked, Change, Moved, Noted, appointments, filled

BOOKED = Booked(patient=uuid4(), therapist=uuid4())


def book(_: object) -> list[Booked]:
    return [BOOKED]


@pytest.fixture
def booking(teller: Database, keys: MemoryKeys) -> Streams[Appointment, Change]:
    """The teller's streams."""
    return appointments(teller, keys)


@pytest.fixture
def log(teller: Database, keys: MemoryKeys, booking: Streams[Appointment, Change]) -> Log:
    """The teller's log."""
    return Log(teller, keys, [booking])


async def test_events_come_typed_and_opened(booking: Streams[Appointment, Change], log: Log, act: Act) -> None:
    event = Booked(patient=uuid4(), therapist=uuid4())
    stream = uuid4()
    decided = await booking.decide(act, stream, lambda _: [event, Moved()])

    batch = await log.read(Cursor())

    first, second = batch.recorded
    assert (first.event, first.stream, first.version, first.tenant) == (event, stream, 1, act.tenant)
    assert (first.actor, first.correlation) == (act.actor, act.correlation)
    assert (second.event, second.version) == (Moved(), 2)
    assert batch.upto == second.cursor == decided.cursor


async def test_keys_are_loaded_when_they_are_not_cached(
    booking: Streams[Appointment, Change], log: Log, act: Act, keys: MemoryKeys
) -> None:
    event = Booked(patient=uuid4(), therapist=uuid4())
    await booking.decide(act, uuid4(), lambda _: [event])
    keys.cool()
    assert [one.event for one in (await log.read(Cursor())).recorded] == [event]


async def test_an_erased_person_is_left_out_and_does_not_stop_the_reader(
    booking: Streams[Appointment, Change], log: Log, act: Act, keys: MemoryKeys
) -> None:
    erased, other = (Booked(patient=uuid4(), therapist=uuid4()) for _ in range(2))
    await booking.decide(act, uuid4(), lambda _: [erased])
    await booking.decide(act, uuid4(), lambda _: [other])
    await keys.erase(act.tenant, PersonId(erased.patient))

    batch = await log.read(Cursor())

    assert [one.event for one in batch.recorded] == [other]
    first_alone = await log.read(Cursor(), limit=1)
    assert first_alone.recorded == []
    assert first_alone.upto > Cursor()


async def test_an_event_of_a_newer_version_is_not_skipped(teller: Database, keys: MemoryKeys) -> None:
    await filled(teller, 1)
    with pytest.raises(UnknownEvent):
        await Log(teller, keys, []).read(Cursor())


async def test_restored_events_are_read_although_their_transactions_are_of_another_cluster(
    teller: Database, booking: Streams[Appointment, Change], log: Log, act: Act, telling_settings: DatabaseSettings
) -> None:
    await filled(teller, 3)
    async with await psycopg.AsyncConnection.connect(address(telling_settings, "teller_owner")) as owner:
        # As after a logical restore: transaction ids far ahead, and the epoch that is written now is the next one.
        await owner.execute("alter table event no force row level security")
        await owner.execute("update event set tx = (tx::text::bigint + 1000000)::text::xid8")
        await owner.execute("alter table event force row level security")
        await owner.execute("alter table event alter column epoch set default 2")
    stream = uuid4()
    await booking.decide(act, stream, book)

    batch = await log.read(Cursor())

    assert [one.cursor.epoch for one in batch.recorded] == [1, 1, 1, 2]
    assert batch.recorded[-1].stream == stream


async def test_followers_get_what_comes_later(booking: Streams[Appointment, Change], log: Log, act: Act) -> None:
    stream = uuid4()
    await booking.decide(act, stream, book)
    seen: list[int] = []

    async def follow() -> None:
        async for batch in log.follow(Cursor()):
            seen.extend(one.version for one in batch.recorded)
            if len(seen) == 2:
                return

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.05)
    await booking.decide(act, stream, lambda _: [Noted()])
    await asyncio.wait_for(following, 10)
    assert seen == [1, 2]


async def test_lag_is_the_age_of_what_is_unread(
    booking: Streams[Appointment, Change], log: Log, act: Act, teller: Database
) -> None:
    assert (await log.lag(Cursor())).unread_s == 0
    decided = await booking.decide(act, uuid4(), book)
    assert (await log.lag(Cursor())).unread_s > 0
    assert (await log.lag(decided.cursor)).unread_s == 0


async def test_lag_shows_a_transaction_that_holds_readers_back(log: Log, teller: Database, act: Act) -> None:
    async with teller.app(act.tenant) as tx:
        await tx.execute("select pg_current_xact_id()")
        await filled(teller, 1)
        assert (await log.read(Cursor())).recorded == ()
        await log.lag(Cursor())
        await asyncio.sleep(0.02)
        assert (await log.lag(Cursor())).open_s > 0
    assert (await log.lag(Cursor())).open_s == 0
    assert len((await log.read(Cursor())).recorded) == 1
