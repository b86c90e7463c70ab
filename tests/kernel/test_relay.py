"""The relay: everything public, in order, whatever fails in between; duplicates on the way, never a gap."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import psycopg
import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import Act, Cursor, TenantId
from mindlyfe.kernel.postgres import Database, address
from mindlyfe.kernel.relay import Relay
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import REGION, Booked, Moved, Noted, appointments, filled, published
from mindlyfe.kernel.transport.inprocess import InProcess
from mindlyfe.kernel.transport.port import Envelope, Held

SHORT_S = 20


class Wire(InProcess):
    """Notes what is published, fails when told to, and says what it keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Envelope] = []
        self.held = Held("first", Cursor())
        self.failing = 0
        self.after_publish: Callable[[], object] = lambda: None

    async def open(self, context: str) -> Held:
        return self.held

    async def publish(self, batch: Sequence[Envelope]) -> None:
        if self.failing:
            self.failing -= 1
            raise Unavailable
        self.sent += batch
        self.held = Held(self.held.generation, batch[-1].cursor)
        self.after_publish()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(SHORT_S):
            while len(self.sent) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
def wire() -> Wire:
    """What the relay publishes to."""
    return Wire()


@asynccontextmanager
async def relaying(teller: Database, keys: MemoryKeys, wire: Wire) -> AsyncGenerator[asyncio.Task[None]]:
    """A relay that runs meanwhile."""
    log = Log(teller, keys, [appointments(teller, keys)])
    task = asyncio.create_task(Relay(teller, log, published, wire, region=REGION).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def cursors(teller: Database) -> dict[str, Cursor]:
    """What relays saved."""
    async with teller.worker() as tx:
        rows = await (await tx.execute("select name, epoch, tx::text::bigint, position from cursor")).fetchall()
    return {name: Cursor(*place) for name, *place in rows}


async def saved(teller: Database, at: Cursor) -> None:
    """Waits until a relay has come to a place."""
    async with asyncio.timeout(SHORT_S):
        while at not in (await cursors(teller)).values():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_public_events_go_out_in_order_and_private_ones_only_move_the_cursor(
    teller: Database, keys: MemoryKeys, wire: Wire, act: Act
) -> None:
    stream, event = uuid4(), Booked(patient=uuid4(), therapist=uuid4())
    streams = appointments(teller, keys)
    async with relaying(teller, keys, wire):
        decided = await streams.decide(act, stream, lambda _: [event, Noted(), Moved(), Noted()])
        await saved(teller, decided.cursor)
    booked, moved = wire.sent
    assert (booked.subject, moved.subject) == ("eu.teller.booked.v1", "eu.teller.moved.v1")
    assert (booked.stream, booked.version, moved.version) == (stream, 1, 3)
    assert (booked.tenant, booked.correlation) == (act.tenant, act.correlation)
    assert booked.id != moved.id


async def test_a_new_relay_goes_on_where_the_last_one_was(teller: Database, keys: MemoryKeys, wire: Wire) -> None:
    await filled(teller, 700)
    async with relaying(teller, keys, wire):
        await wire.until(700)
        await saved(teller, wire.sent[-1].cursor)
    await filled(teller, 5)
    async with relaying(teller, keys, wire):
        await wire.until(705)
        await asyncio.sleep(0.3)
    assert len(wire.sent) == len({one.id for one in wire.sent}) == 705


async def test_a_relay_that_dies_before_it_saves_sends_again_under_the_same_ids(
    teller: Database, keys: MemoryKeys, wire: Wire
) -> None:
    await filled(teller, 10)
    async with relaying(teller, keys, wire) as task:
        wire.after_publish = task.cancel
        await wire.until(10)
        await asyncio.gather(task, return_exceptions=True)
    assert await cursors(teller) == {}
    wire.after_publish = lambda: None
    async with relaying(teller, keys, wire):
        await wire.until(20)
    assert [one.id for one in wire.sent[:10]] == [one.id for one in wire.sent[10:]]


async def test_it_tries_until_the_transport_takes_it(teller: Database, keys: MemoryKeys, wire: Wire) -> None:
    wire.failing = 4
    await filled(teller, 3)
    async with relaying(teller, keys, wire):
        await wire.until(3)


@pytest.mark.parametrize("kept", [0, 2])
async def test_what_the_transport_lost_is_sent_again(teller: Database, keys: MemoryKeys, wire: Wire, kept: int) -> None:
    await filled(teller, 5)
    async with relaying(teller, keys, wire):
        await wire.until(5)
        await saved(teller, wire.sent[-1].cursor)
    wire.held = Held("first", wire.sent[kept - 1].cursor if kept else Cursor())
    async with relaying(teller, keys, wire):
        await wire.until(10 - kept)
    assert [one.id for one in wire.sent[5:]] == [one.id for one in wire.sent[kept:5]]


async def test_a_transport_that_was_rebuilt_gets_everything(teller: Database, keys: MemoryKeys, wire: Wire) -> None:
    await filled(teller, 5)
    async with relaying(teller, keys, wire):
        await wire.until(5)
    wire.held = Held("second", Cursor())
    async with relaying(teller, keys, wire):
        await wire.until(10)
        await saved(teller, wire.sent[-1].cursor)
    assert all(name.startswith("relay/1/second") for name in await cursors(teller))


async def test_after_a_restore_everything_is_sent_again(
    teller: Database, keys: MemoryKeys, wire: Wire, telling_settings: DatabaseSettings
) -> None:
    await filled(teller, 5)
    async with relaying(teller, keys, wire):
        await wire.until(5)
    async with await psycopg.AsyncConnection.connect(address(telling_settings, "teller_owner")) as owner:
        await owner.execute("alter table event alter column epoch set default 2")
    async with relaying(teller, keys, wire):
        await wire.until(10)


async def test_one_relay_works_and_another_takes_over(
    teller: Database, telling_settings: DatabaseSettings, keys: MemoryKeys, wire: Wire
) -> None:
    other, second = Database(telling_settings, "teller"), Wire()
    await other.open()
    tenant = TenantId(UUID(int=5))
    async with relaying(teller, keys, wire) as task:
        await filled(teller, 1, tenant)
        await wire.until(1)
        async with relaying(other, keys, second):
            await filled(teller, 1, tenant)
            await wire.until(2)
            assert second.sent == []
            task.cancel()
            await filled(teller, 1, tenant)
            await second.until(1)
    await other.close()


async def test_it_goes_on_after_its_session_was_ended(teller: Database, keys: MemoryKeys, wire: Wire) -> None:
    async with relaying(teller, keys, wire):
        await filled(teller, 1)
        await wire.until(1)
        async with teller.worker() as tx:
            await tx.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename = 'teller_worker' and pid <> pg_backend_pid() and datname = current_database()"
            )
        await filled(teller, 1)
        await wire.until(2)
