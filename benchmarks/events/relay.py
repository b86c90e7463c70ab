"""How many events a second go from their commit, through the relay and JetStream, to a consumer's committed effect."""

import asyncio
import secrets
import time
from pathlib import Path

from mindlyfe.kernel.config import DatabaseSettings, NatsSettings
from mindlyfe.kernel.inbox import Inbox
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.relay import Relay
from mindlyfe.kernel.testing.databases import dropped, prepared
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.telling import REGION, Bookings, appointments, contexts, filled, published
from mindlyfe.kernel.transport.nats import Nats
from mindlyfe.stack.testing.broker import Broker


async def relayed_per_s(administrator: str, passwords: Path, directory: Path, *, events: int = 60_000) -> float:
    """Events per second, all committed before the relay starts; read model and inbox rows in batch transactions.

    `administrator` is the address of a PostgreSQL server whose roles have their passwords in `passwords`; a database is
    made in it and dropped again. `directory` is made: a NATS server that always syncs runs in it.
    """
    name = f"relay_{secrets.token_hex(4)}"
    settings = await asyncio.to_thread(_prepared, administrator, passwords, directory, name)
    try:
        with Broker(directory / "nats") as broker:
            return await _measured(settings, broker.settings, events)
    finally:
        await asyncio.to_thread(dropped, administrator, settings)


def _prepared(administrator: str, passwords: Path, directory: Path, name: str) -> DatabaseSettings:
    directory.mkdir(parents=True)
    directory.chmod(0o755)
    return prepared(administrator, contexts(directory / "none"), passwords, name=name)


async def _measured(settings: DatabaseSettings, nats: NatsSettings, events: int) -> float:
    teller, listener, keys, bookings = (
        Database(settings, "teller"),
        Database(settings, "listener"),
        MemoryKeys(),
        Bookings(),
    )
    await teller.open()
    await listener.open()
    async with Nats(nats, region=REGION) as transport:
        relay = Relay(teller, Log(teller, keys, [appointments(teller, keys)]), published, transport, region=REGION)
        inbox = Inbox(listener, transport, region=REGION, hears={}, follows=[bookings])
        await filled(teller, events)
        loops = [asyncio.create_task(inbox.run()), asyncio.create_task(relay.run())]
        try:
            return await _rate(listener, bookings, events)
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await teller.close()
            await listener.close()


async def _rate(listener: Database, bookings: Bookings, events: int) -> float:
    """From the first effect to the last commit; starting, and the events of that first batch, are not counted."""
    while not bookings.applied:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    start, first = time.perf_counter(), bookings.applied
    while bookings.applied < events or await _committed(listener) < events:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    return (events - first) / (time.perf_counter() - start)


async def _committed(listener: Database) -> int:
    async with listener.worker() as tx:
        row = await (await tx.execute("select count(*) from booking")).fetchone()
    return row[0] if row else 0
