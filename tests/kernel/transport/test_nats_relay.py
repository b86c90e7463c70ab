"""From a commit in one context to one effect in another, through JetStream, whatever is killed on the way."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import msgspec
import nats as client_library

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.inbox import Inbox
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.relay import Relay
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import REGION, Bookings, appointments, filled, published
from mindlyfe.kernel.transport.nats import Nats
from mindlyfe.stack.testing.broker import Broker

TENANT: Final = TenantId(UUID(int=11))
PROCESS: Final = """
import asyncio, os
from mindlyfe.kernel.config import load
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.relay import Relay
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import REGION, appointments, published
from mindlyfe.kernel.transport.nats import Nats

class Dying(Nats):
    async def publish(self, batch):
        await super().publish(batch)
        os.kill(os.getpid(), 9)

async def main():
    settings = load()
    database = Database(settings.database, "teller")
    await database.open()
    async with Dying(settings.nats, region=REGION) as transport:
        log = Log(database, MemoryKeys(), [appointments(database, MemoryKeys())])
        await Relay(database, log, published, transport, region=REGION).run()

asyncio.run(main())
"""


@asynccontextmanager
async def running(teller: Database, listener: Database, broker: Broker) -> AsyncGenerator[None]:
    """A relay and an inbox, each with a connection of its own."""
    keys = MemoryKeys()
    async with Nats(broker.settings, region=REGION) as out, Nats(broker.settings, region=REGION) as into:
        relay = Relay(teller, Log(teller, keys, [appointments(teller, keys)]), published, out, region=REGION)
        inbox = Inbox(listener, into, region=REGION, hears={}, follows=[Bookings()])
        loops = [asyncio.create_task(relay.run()), asyncio.create_task(inbox.run())]
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)


async def applied(listener: Database, count: int) -> None:
    """Waits until so many events have taken effect, and makes sure that each did once."""
    async with asyncio.timeout(60):
        while True:
            async with listener.app(TENANT) as tx:
                found = await (await tx.execute("select count(*), coalesce(max(applied), 0) from booking")).fetchone()
            assert found is not None
            assert found[1] <= 1
            if found[0] == count:
                return
            await asyncio.sleep(0.1)


async def test_every_event_takes_effect_once(teller: Database, listener: Database, broker: Broker) -> None:
    await filled(teller, 3_000, TENANT)
    async with running(teller, listener, broker):
        await applied(listener, 3_000)


async def test_the_broker_is_killed_again_and_again(teller: Database, listener: Database, broker: Broker) -> None:
    async def fill() -> None:
        for _ in range(40):
            await filled(teller, 50, TENANT)
            await asyncio.sleep(0.05)

    async with running(teller, listener, broker):
        filling = asyncio.create_task(fill())
        for pause_s in (0.2, 0.5, 0.9):
            await asyncio.sleep(pause_s)
            await broker.restart()
        await filling
        await applied(listener, 2_000)


async def test_the_broker_loses_everything(teller: Database, listener: Database, broker: Broker) -> None:
    async with running(teller, listener, broker):
        await filled(teller, 1_000, TENANT)
        await applied(listener, 1_000)
        broker.lose()
        broker.start()
        await filled(teller, 1_000, TENANT)
        await applied(listener, 2_000)


async def test_a_relay_killed_after_publishing_gives_duplicates_one_effect_and_no_stall(
    teller: Database, listener: Database, broker: Broker, telling_settings: DatabaseSettings
) -> None:
    await filled(teller, 700, TENANT)
    environment = dict(os.environ)
    for section, settings in (("DATABASE", telling_settings), ("NATS", broker.settings)):
        for name, value in msgspec.structs.asdict(settings).items():
            environment[f"MINDLYFE_{section}__{name.upper()}"] = str(value)
    for _ in range(2):
        dying = await asyncio.create_subprocess_exec(sys.executable, "-c", PROCESS, env=environment)
        assert await asyncio.wait_for(dying.wait(), 60) == -signal.SIGKILL
    async with running(teller, listener, broker):
        await filled(teller, 1, TENANT)
        await applied(listener, 701)
    assert await kept(broker) >= 500 + 500 + 701


async def kept(broker: Broker) -> int:
    """How many messages the stream holds."""
    password = broker.settings.password_file.read_text().strip()
    client = await client_library.connect(broker.settings.url, user=broker.settings.user, password=password)
    messages = (await client.jetstream().stream_info("EU-TELLER")).state.messages
    await client.close()
    return messages
