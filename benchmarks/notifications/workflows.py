"""From an event to the mail server through a run of a workflow; and very many reminders that are due in one minute."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any, Final
from uuid import UUID, uuid4

import aiosmtplib
import msgspec

from benchmarks.notifications.sink import arrived
from mindlyfe.kernel.heard import tag
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import SYSTEM, Act, MessageId, PersonId, TenantId
from mindlyfe.kernel.module import Module
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.reactor import Reactor
from mindlyfe.kernel.telemetry import started
from mindlyfe.kernel.transport.port import Envelope
from mindlyfe.notifications.application.runs import run_id
from mindlyfe.notifications.contract.escalations import Cover, Escalations
from mindlyfe.notifications.contract.workflows import Source
from mindlyfe.notifications.domain.rota import RotaSet, set_rota
from mindlyfe.notifications.domain.run import Began, Change, Run, Waits
from mindlyfe.notifications.testing import Neighbours
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.bookings import AppointmentRequestedV1

TENANT: Final = TenantId(UUID(int=4))
DUTY: Final = PersonId(UUID(int=77))
PER_S: Final = 50
MINUTE: Final = timedelta(minutes=1)
CONNECTIONS: Final = 32


def requested() -> tuple[Envelope, str]:
    """Somebody asks a therapist for an appointment; and the id of the mail that comes of it."""
    therapist, message = PersonId(uuid4()), MessageId(uuid4())
    event = AppointmentRequestedV1(
        appointment=AppointmentId(uuid4()),
        patient=PersonId(uuid4()),
        therapist=therapist,
        starts_at=datetime.now(UTC) + timedelta(days=9),
        minutes=50,
    )
    envelope = Envelope(
        id=message,
        subject=f"eu.{tag(AppointmentRequestedV1)}",
        tenant=TENANT,
        stream=event.appointment,
        version=1,
        at=datetime.now(UTC),
        correlation=started(),
        body=msgspec.Raw(msgspec.json.encode(event)),
    )
    run = run_id(TENANT, "appointment-requested", therapist, message)
    return envelope, str(derived("delivery", run, 1, "tell", "email"))


class Clinic:
    """Notifications before a mail server, with all its workers."""

    def __init__(self, module: Module, database: Database, played: Neighbours, mails: Path) -> None:
        self.module, self.played, self._mails = module, played, mails
        self.reactor = Reactor(database, "eu", module.hears)

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Inside, scheduler, sender and ladders run."""
        tasks = [asyncio.ensure_future(self.module.workers[name]()) for name in ("scheduler", "sender", "ladders")]
        async with AsyncExitStack() as leaving:
            for task in tasks:
                leaving.callback(task.cancel)
            yield
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, names: Sequence[str]) -> dict[str, float]:
        """When each of these mails arrived, once all have."""
        wanted = set(names)
        while True:
            came = {name: at for name, at in reversed(arrived(self._mails)) if name in wanted}
            if len(came) == len(wanted):
                return came
            await asyncio.sleep(0.25)


async def triggered(clinic: Clinic, count: int, peer_per_s: float) -> None:
    """Events as fast as they are heard, to mails at the server."""
    told = [requested() for _ in range(count)]
    async with clinic.working():
        begun, cpu = time.time(), time.process_time()
        for start in range(0, count, 100):
            assert await clinic.reactor.deliver([envelope for envelope, _ in told[start : start + 100]]) == {}
        took = max((await clinic.until([name for _, name in told])).values()) - begun
        spent = (time.process_time() - cpu) / count * 1e3
    rate = count / took
    print(
        f"{count:,} events: {rate:,.0f} a second from event to mail and notice (aim 300/s), "
        f"{rate / peer_per_s:.2f} of the peer; {spent:.1f} ms of CPU each",
        flush=True,
    )


async def paced(clinic: Clinic, seconds: int) -> None:
    """Events at an even pace: from the event to the server."""
    asked: dict[str, float] = {}
    async with clinic.working():
        begun = time.time()
        for number in range(PER_S * seconds):
            await asyncio.sleep(max(0.0, begun + number / PER_S - time.time()))
            envelope, name = requested()
            asked[name] = time.time()
            assert await clinic.reactor.deliver([envelope]) == {}
        came = await clinic.until(list(asked))
    cuts = quantiles((came[name] - at for name, at in asked.items()), n=100)
    print(
        f"{PER_S} events a second: median {cuts[49] * 1e3:,.0f} ms, p99 {cuts[98] * 1e3:,.0f} ms (aim 2 s)", flush=True
    )


async def reminded(clinic: Clinic, count: int) -> None:
    """Reminders due in the minute that has just passed; and a safety task that comes while they go out."""
    seeding = time.time()
    names = [name for start in range(0, count, 500) for name in await _waiting(clinic, min(500, count - start))]
    print(f"  {count:,} appointments with a reminder each, in {time.time() - seeding:.0f} s", flush=True)
    async with clinic.working():
        begun = time.time()
        await asyncio.sleep(2)
        overtook = await _overtaken(clinic)
        took = max((await clinic.until(names)).values()) - begun
    print(
        f"{count:,} reminders of one minute: {took:,.0f} s, {count / took:,.0f} a second (aim 6 min for 100,000)\n"
        f"  a safety task among them: {overtook * 1e3:,.0f} ms from its opening to the mail (aim 2 s)",
        flush=True,
    )


async def _waiting(clinic: Clinic, count: int) -> list[str]:
    """So many runs that wait for the last minute; the ids of their mails."""
    streams: Any = next(one for one in clinic.module.streams if one.name == "run")
    now, act = datetime.now(UTC), Act(tenant=TENANT, actor=SYSTEM, correlation=started())
    found: list[str] = []

    async def one() -> None:
        appointment, patient = AppointmentId(uuid4()), PersonId(uuid4())
        due = now - random.random() * MINUTE
        moment = due + timedelta(hours=1)
        clinic.played.diary[appointment] = {"starts_at": moment}
        stream = run_id(TENANT, "appointment-reminder", patient, appointment)
        began = Began(
            workflow="appointment-reminder",
            edition="shipped/1",
            recipient=patient,
            about=appointment,
            moment=moment,
            source=Source(appointment, 1, now),
            at=now,
        )
        await streams.decide(act, stream, partial(_begun, began, Waits(then=5, until=due)))
        found.append(str(derived("delivery", stream, 1, "send-1-h", "email")))

    await asyncio.gather(*(one() for _ in range(count)))
    return found


def _begun(began: Began, waits: Waits, state: Run | None) -> Sequence[Change]:
    return [] if state else [began, waits]


async def _overtaken(clinic: Clinic) -> float:
    """Seconds from opening a safety task to the mail to who is on duty."""
    ladders: Any = clinic.module.answers[Escalations]
    opened = time.time()
    escalation = await ladders.open(
        tenant=TENANT,
        cause=uuid4(),
        subject=PersonId(uuid4()),
        by=SYSTEM,
        minutes=15,
        outcome_minutes=60,
        again_minutes=30,
    )
    call = derived("call", escalation, 1, DUTY)
    name = str(derived("delivery", run_id(TENANT, "safety-task", DUTY, call), 1, "tell", "email"))
    return (await clinic.until([name]))[name] - opened


async def on_duty(clinic: Clinic) -> None:
    """Somebody is, always."""
    ladders: Any = clinic.module.answers[Escalations]
    streams: Any = ladders.rota.streams
    now = datetime.now(UTC)
    cover = Cover(person=DUTY, since=now - MINUTE, until=now + timedelta(days=1))
    wish = RotaSet(zone="UTC", weekly=(), covers=(cover,), away=(), by=SYSTEM, at=now)
    act = Act(tenant=TENANT, actor=SYSTEM, correlation=started())
    await streams.decide(act, derived("rota", TENANT), lambda state: set_rota(state, wish))


async def peer(port: int, count: int) -> float:
    """Mails a second that aiosmtplib alone hands to the same server, on kept connections."""
    waiting = iter(range(count))

    async def connection() -> None:
        server = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
        await server.connect()
        for number in waiting:
            head = f"From: a@bench.example\r\nTo: b@bench.example\r\nMessage-ID: <peer-{number}@bench.example>\r\n"
            await server.sendmail("a@bench.example", ["b@bench.example"], f"{head}\r\n{'x' * 2_000}\r\n")
        await server.quit()

    begun = time.time()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    rate = count / (time.time() - begun)
    print(f"aiosmtplib alone, 2 kB each: {rate:,.0f} a second", flush=True)
    return rate
