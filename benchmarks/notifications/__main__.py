"""`python -m benchmarks.notifications`: mails and events a second to a local server, delays, reminders."""

import argparse
import asyncio
import cProfile
import logging
import os
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
import uvloop

from benchmarks.events.server import directory, postgresql
from benchmarks.notifications import workflows
from benchmarks.notifications.sink import arrived, sink
from mindlyfe.identity.contract import Links, Organisations, Recipients
from mindlyfe.identity.contract.handovers import Handovers
from mindlyfe.kernel.config import MailSettings, Settings
from mindlyfe.kernel.messages import SYSTEM, Act, PersonId, TenantId
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.telemetry import started
from mindlyfe.kernel.testing.databases import prepared
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.platforms import lent
from mindlyfe.notifications import wiring
from mindlyfe.notifications.contract import Priority
from mindlyfe.notifications.domain.delivery import Requested, request
from mindlyfe.notifications.testing import Neighbours
from mindlyfe.therapy.contract import Appointments
from mindlyfe.therapy.contract.calendars import Invitations

MIGRATIONS: Final = Path(wiring.__file__).parent / "adapters" / "migrations"
TENANT: Final = TenantId(UUID(int=4))
PER_S, PACED_S = 50, 20


class Office:
    """Notifications on a database, before a sink; identity and therapy answer at once."""

    def __init__(self, module: Module, mails: Path) -> None:
        self.module, self._mails = module, mails

    async def ask(self, count: int, priority: Priority = "normal", due: timedelta = timedelta()) -> list[UUID]:
        """So many mails, due now unless `due` is later."""
        streams: Any = self.module.streams[0]
        act, names = Act(tenant=TENANT, actor=SYSTEM, correlation=started()), [uuid4() for _ in range(count)]

        async def one(delivery: UUID) -> None:
            person = PersonId(uuid4())
            wish = Requested(
                kind="appointment-booked",
                recipient=person,
                about=person,
                at=datetime.now(UTC) + due,
                priority=priority,
            )
            await streams.decide(act, delivery, lambda state: request(state, wish))

        for start in range(0, count, 256):
            await asyncio.gather(*(one(name) for name in names[start : start + 256]))
        return names

    async def until(self, names: list[UUID]) -> dict[str, float]:
        """When each of them arrived, once all have."""
        wanted = {str(name) for name in names}
        while True:
            came = {name: at for name, at in reversed(arrived(self._mails)) if name in wanted}
            if len(came) == len(wanted):
                return came
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def sending(self) -> AsyncGenerator[None]:
        """Inside, a sender runs."""
        sender = asyncio.ensure_future(self.module.workers["sender"]())
        try:
            yield
        finally:
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender


async def drained(office: Office, count: int) -> None:
    """All due at once: how many a second leave; and how long a critical one takes meanwhile."""
    names = await office.ask(count)
    begun, cpu = time.time(), time.process_time()
    async with office.sending():
        await asyncio.sleep(1)
        asked = time.time()
        [urgent] = await office.ask(1, "critical")
        overtook = (await office.until([urgent]))[str(urgent)] - asked
        took = max((await office.until(names)).values()) - begun
        spent = time.process_time() - cpu
    print(f"{count:,} due at once: {count / took:,.0f} a second, {spent / count * 1e3:.2f} ms of CPU each (aim 300/s)")
    print(f"  a critical one among them: {overtook * 1e3:,.0f} ms (aim 2 s)", flush=True)


async def paced(office: Office, seconds: int) -> None:
    """Evenly asked for: from the wish to the server."""
    asked: dict[str, float] = {}
    async with office.sending():
        begun = time.time()
        for number in range(PER_S * seconds):
            await asyncio.sleep(max(0.0, begun + number / PER_S - time.time()))
            at = time.time()
            [name] = await office.ask(1)
            asked[str(name)] = at
        came = await office.until([UUID(name) for name in asked])
    cuts = quantiles((came[name] - at for name, at in asked.items()), n=100)
    print(f"{PER_S} a second: median {cuts[49] * 1e3:,.0f} ms, p99 {cuts[98] * 1e3:,.0f} ms (aim 2 s)", flush=True)


async def run_by(clinic: workflows.Clinic, port: int, count: int, seconds: int, reminders: int) -> None:
    """The same through workflows, from the event on."""
    await workflows.on_duty(clinic)
    peer_per_s = await workflows.peer(port, count)
    await workflows.triggered(clinic, count, peer_per_s)
    await workflows.paced(clinic, seconds)
    await workflows.reminded(clinic, reminders)


async def run(count: int, seconds: int, profile: bool, reminders: int) -> None:
    """Measure in a directory of its own."""
    with directory() as within, postgresql(within) as server, sink(within) as (port, mails):
        settings = prepared(server.address(), {"notifications": MIGRATIONS}, within / "passwords")
        database, played = Database(settings, "notifications"), Neighbours()
        await database.open()
        try:
            answers: dict[type[Any], object] = dict.fromkeys(
                (Recipients, Links, Organisations, Appointments, Handovers), played
            )
            answers[Invitations] = played.invitations
            told = Settings(database=settings, mail=MailSettings(port=port, sender="Clinic <clinic@bench.example>"))
            office = Office(wiring.build(lent(database, answers, settings=told, keys=MemoryKeys())), mails)
            await drained(office, min(count, 500))
            if profile:
                with cProfile.Profile() as found:
                    await drained(office, count)
                found.print_stats("tottime")
                return
            await drained(office, count)
            await paced(office, seconds)
            await run_by(workflows.Clinic(office.module, database, played, mails), port, count, seconds, reminders)
            came = [name for name, _ in arrived(mails)]
            print(f"{len(came):,} mails, {len(came) - len(set(came))} of them twice")
        finally:
            await database.close()


def main() -> int:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--count", type=int, default=10_000)
    words.add_argument("--seconds", type=int, default=PACED_S)
    words.add_argument("--reminders", type=int, default=100_000)
    words.add_argument("--profile", action="store_true", help="where the time of a mail goes")
    chosen = words.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    uvloop.run(run(chosen.count, chosen.seconds, chosen.profile, chosen.reminders))
    return 0


if __name__ == "__main__":
    sys.exit(main())
