"""Notifications as tests hold it: with its surroundings, and what tests do with them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from tests.notifications.scheduling import carried_out

from mindlyfe.identity.contract import Links, Organisations, Recipients
from mindlyfe.identity.contract.handovers import Handovers
from mindlyfe.kernel.clock import Clock, system_clock
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.flags import Flags
from mindlyfe.kernel.heard import tag
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import SYSTEM, Act, Cursor, Event, MessageId, PersonId, Recorded, Role, TenantId
from mindlyfe.kernel.module import Module, Platform
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.reactor import Reactor
from mindlyfe.kernel.telemetry import started
from mindlyfe.kernel.testing.doorway import Doorway
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.platforms import lent
from mindlyfe.kernel.testing.post_office import PostOffice
from mindlyfe.kernel.transport.port import Envelope
from mindlyfe.notifications import wiring
from mindlyfe.notifications.contract import Channel, Priority
from mindlyfe.notifications.domain.delivery import Requested, request
from mindlyfe.notifications.testing import NINE, Neighbours, Watch
from mindlyfe.therapy.contract import AppointmentBookedV1, AppointmentId, Appointments
from mindlyfe.therapy.contract.calendars import Invitations
from mindlyfe.therapy.contract.holds import WaitingOffers


@dataclass
class Office:
    """Notifications, and what is around it."""

    doorway: Doorway
    module: Module
    database: Database
    keys: MemoryKeys
    neighbours: Neighbours
    post: PostOffice
    reactor: Reactor
    settings: Settings
    flags: Flags
    watch: Watch
    secret: str = "a-secret"
    """What receipts are signed with."""
    tenant: TenantId = field(default_factory=lambda: TenantId(uuid4()))

    async def tell(
        self,
        *events: Event,
        correlation: str = "",
        tenant: TenantId | None = None,
        stream: UUID | None = None,
        version: int = 1,
        carried_out: bool = True,
    ) -> None:
        """Somebody publishes `events`, the transport delivers them twice, and what is to be done at once is."""
        batch = [
            Envelope(
                id=MessageId(uuid4()),
                subject=f"eu.{tag(type(event))}",
                tenant=tenant or self.tenant,
                stream=stream or uuid4(),
                version=version,
                at=NINE,
                correlation=correlation or started(),
                body=msgspec.Raw(msgspec.json.encode(event)),
            )
            for event in events
        ]
        for _ in range(2):
            assert await self.reactor.deliver(batch) == {}
        if carried_out:
            await self.carried_out()

    async def carried_out(self) -> None:
        """All that runs of workflows do by now is done."""
        scheduler = self.start(worker="scheduler")
        try:
            await carried_out(self)
        finally:
            await self.kill(scheduler)

    async def book(self) -> AppointmentBookedV1:
        """An appointment is booked: two deliveries."""
        event = AppointmentBookedV1(
            appointment=AppointmentId(uuid4()),
            patient=PersonId(uuid4()),
            therapist=PersonId(uuid4()),
            starts_at=NINE,
            minutes=50,
        )
        await self.tell(event)
        return event

    async def request(
        self, recipient: PersonId, channel: Channel = "email", priority: Priority = "normal", **more: Any
    ) -> UUID:
        """Something is to be said to somebody, whoever decided it."""
        streams, *_ = self.module.streams
        delivery = uuid4()
        about: dict[str, Any] = {"kind": "registration-repeated", "about": recipient, "at": self.watch(), **more}
        wish = Requested(recipient=recipient, channel=channel, priority=priority, **about)
        act = Act(tenant=self.tenant, actor=SYSTEM, correlation=started())
        await streams.decide(act, delivery, lambda state: request(state, wish))
        return delivery

    async def get(self, path: str, *roles: Role, **who: Any) -> httpx.Response:
        """GET as somebody with these roles; `who` may name the person and another tenant."""
        return await self.doorway.client.get(path, headers=self.bearer(*roles, **who))

    async def ask(
        self, path: str, *roles: Role, headers: dict[str, str] | None = None, body: Any = None, **who: Any
    ) -> httpx.Response:
        """POST, likewise."""
        return await self.doorway.client.post(path, headers=self.bearer(*roles, **who) | (headers or {}), json=body)

    async def put(
        self, path: str, *roles: Role, json: Any, headers: dict[str, str] | None = None, **who: Any
    ) -> httpx.Response:
        """PUT, likewise."""
        return await self.doorway.client.put(path, json=json, headers=self.bearer(*roles, **who) | (headers or {}))

    def bearer(self, *roles: Role, **who: Any) -> dict[str, str]:
        return self.doorway.bearer(*roles, **{"tenant": self.tenant, "aal": 2} | who)

    async def deliveries(self) -> list[dict[str, Any]]:
        """All of the clinic that go out, newest first: not those into an inbox, which most mails have beside them."""
        answer = (await self.get("/v1/deliveries?limit=200", "clinic-admin")).raise_for_status()
        return [one for one in answer.json()["items"] if one["channel"] != "in-app"]

    async def of(self, person: UUID) -> dict[str, Any]:
        """The delivery to this person."""
        [found] = [one for one in await self.deliveries() if one["recipient"] == str(person)]
        return found

    async def until(self, person: UUID, status: str, attempts: int) -> dict[str, Any]:
        """The delivery, once it stands like this."""
        async with asyncio.timeout(10):
            while True:
                found = await self.of(person)
                if (found["status"], found["attempts"]) == (status, attempts):
                    return found
                await asyncio.sleep(0.05)

    async def until_mails(self, count: int) -> None:
        """Returns once so many mails came in."""
        async with asyncio.timeout(10):
            while len(self.post.mails) < count:  # noqa: ASYNC110 - the server runs in this loop, too
                await asyncio.sleep(0.02)

    async def held(self, person: UUID) -> dict[str, Any]:
        """The delivery, once it waits for another hour."""
        async with asyncio.timeout(10):
            while (found := await self.of(person))["next_attempt_at"] <= found["requested_at"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return found

    async def settled(self) -> None:
        """Returns when nothing is due and nobody is at anything."""
        async with asyncio.timeout(10):
            while await self._busy():  # noqa: ASYNC110 - PostgreSQL has no event for it
                await asyncio.sleep(0.05)

    async def _busy(self) -> bool:
        async with self.database.worker() as tx:
            due = "select from delivery where status = 'waiting' and next_attempt_at <= clock_timestamp()"
            found = await tx.execute(f"select exists ({due}) or exists (select from lease)")
            return await found.fetchone() == (True,)

    async def pass_(self, seconds: float) -> None:
        """As if so much time had passed for all that waits."""
        time = (timedelta(seconds=seconds),)
        async with self.database.worker() as tx:
            await tx.execute("update delivery set next_attempt_at = next_attempt_at - %s", time)
            await tx.execute("update lease set until = until - %s", time)

    async def cut_connections(self) -> None:
        """The server ends every session of ours, as when it restarts."""
        async with self.database.worker() as tx:
            own = "select pid from pg_stat_activity where usename = current_user and pid <> pg_backend_pid()"
            await tx.execute(f"select pg_terminate_backend(pid) from ({own}) as mine")

    async def recorded(self, of: str = "delivery.") -> list[Recorded[Any]]:
        """All events whose tag begins so, in order."""
        found = (await Log(self.database, self.keys, self.module.streams).read(Cursor(), 10_000)).recorded
        return [r for r in found if tag(type(r.event)).startswith(of)]

    def start(self, module: Module | None = None, worker: str = "sender") -> asyncio.Future[None]:
        """Start a sender, or another worker."""
        return asyncio.ensure_future((module or self.module).workers[worker]())

    @staticmethod
    async def kill(sender: asyncio.Future[None]) -> None:
        """End it, whatever it is at: the second time it does not finish what it began."""
        for _ in range(2):
            sender.cancel()
            await asyncio.sleep(0.01)
        with suppress(asyncio.CancelledError):
            await sender

    @asynccontextmanager
    async def sending(self, module: Module | None = None) -> AsyncGenerator[None]:
        """Inside, a sender runs."""
        sender = self.start(module)
        try:
            yield
        finally:
            await self.kill(sender)

    @asynccontextmanager
    async def another(self) -> AsyncGenerator[Module]:
        """Notifications in a second process, almost."""
        database = Database(self.settings.database, "notifications")
        await database.open()
        try:
            yield wiring.build(platform(database, self.settings, self.keys, self.neighbours, self.watch))
        finally:
            await database.close()

    def told(self, **settings: Any) -> Module:
        """Notifications in this process, with other settings."""
        other = msgspec.structs.replace(self.settings, **settings)
        return wiring.build(platform(self.database, other, self.keys, self.neighbours, self.watch))


def platform(
    database: Database, settings: Settings, keys: MemoryKeys, neighbours: Neighbours, clock: Clock = system_clock
) -> Platform:
    """What the neighbours lend."""
    answers: dict[type[Any], object] = dict.fromkeys(
        (Recipients, Links, Organisations, Appointments, WaitingOffers, Handovers), neighbours
    )
    answers[Invitations] = neighbours.invitations
    return lent(database, answers, settings=settings, keys=keys, clock=clock)
