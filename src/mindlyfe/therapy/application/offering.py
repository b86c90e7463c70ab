"""The worker of the waiting list: ends what is over, and offers what is free to who comes first."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

import structlog
from msgspec.structs import replace

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError, Unavailable
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import SYSTEM, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.telemetry import by_platform
from mindlyfe.therapy.application.ports import Engagements, PublishedHours
from mindlyfe.therapy.contract import AppointmentId, SlotTaken, TherapistFull
from mindlyfe.therapy.contract.bookings import RoomTaken
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.availability import Availability
from mindlyfe.therapy.domain.booking import Wish, book
from mindlyfe.therapy.domain.clocks import instant
from mindlyfe.therapy.domain.holding import end, offer
from mindlyfe.therapy.domain.matching import Candidate, Opening, Trace, answer_by, available, match, openings, ranked
from mindlyfe.therapy.domain.placed import Booked
from mindlyfe.therapy.domain.slots import FREE, Engaged, search

EVERY: Final = timedelta(minutes=5)
"""A list is gone through so often without cause: new hours, a calendar elsewhere that became free."""
LEASE: Final = timedelta(minutes=1)
"""Whoever goes through a list and dies is followed by another after this."""
AHEAD: Final = timedelta(days=42)
"""Slots further away are offered when they come nearer."""
REST_S: Final = 1.0
BREATHE: Final = 50
"""After so many slots others have their turn."""
AT_ONCE: Final = 50
GONE: Final = (SlotTaken, TherapistFull, RoomTaken)
"""What says that the slot is not free for anybody."""
_log: Final = structlog.get_logger("offering")


class Over(NamedTuple):
    """A slot that is kept too long, or for nobody."""

    tenant: TenantId
    hold: AppointmentId
    waits: bool


class Keeping(Protocol):
    """What is kept, and who waits."""

    async def over(self, now: datetime, most: int) -> Sequence[Over]:
        """Of all clinics, some that are to end."""
        ...

    async def candidates(self, tenant: TenantId, now: datetime) -> Sequence[Candidate]:
        """Everybody of a clinic who waits for offers."""
        ...


class Rounds(Protocol):
    """When lists are gone through."""

    async def claim(self, now: datetime, until: datetime) -> Sequence[TenantId]:
        """The clinics whose list is due; nobody else goes through it until then."""
        ...

    async def done(self, tenant: TenantId, claimed: datetime, again: datetime | None) -> None:
        """It was; unless something happened meanwhile it is due again then, or when somebody waits."""
        ...

    async def look(self, tenant: TenantId, at: datetime) -> None:
        """Something changed in the clinic: look soon."""
        ...


class Therapists(Protocol):
    """Who can be met in a clinic."""

    async def meeting(self, tenant: TenantId) -> Sequence[PersonId]:
        """Everybody with hours."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """Holds nothing in memory from one turn to the next; two of them never offer a slot twice: the calendar decides."""

    streams: Streams[Appointment, Change]
    keeping: Keeping
    rounds: Rounds
    therapists: Therapists
    published: PublishedHours
    engagements: Engagements
    clock: Clock
    ids: Ids

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if await self.turn() == 0:
                await asyncio.sleep(REST_S)

    async def turn(self) -> int:
        """End what is over, then go through the lists that are due. How much there was to do."""
        now = self.clock()
        over = [await self._end(each, now) for each in await self.keeping.over(now, AT_ONCE)]
        due = await self.rounds.claim(now, now + LEASE)
        for tenant in due:
            waits = await self._go_through(tenant, now)
            await self.rounds.done(tenant, now + LEASE, now + EVERY if waits else None)
        return sum(over) + len(due)

    async def _end(self, over: Over, now: datetime) -> bool:
        """Whether it went as it should: one patient's trouble is not to hold up the others."""
        try:
            await self.streams.decide(by_platform(over.tenant), over.hold, lambda s: end(s, waits=over.waits, now=now))
        except DomainError as refusal:
            _log.warning("not ended", hold=str(over.hold), code=refusal.code)
            return False
        await self.rounds.look(over.tenant, now)
        return True

    async def _go_through(self, tenant: TenantId, now: datetime) -> bool:
        """Offer what is free, soonest first. Whether anybody waits."""
        order = Order(await self.keeping.candidates(tenant, now))
        if not order.waiting:
            return False
        wanted = [one for one in await self.therapists.meeting(tenant) if order.wants(one)]
        hours = {one: each.availability for one, each in (await self.published.of_all(tenant, wanted)).items()}
        ahead = search(now, now + AHEAD, now)
        engaged = dict(await self.engagements.engaged(tenant, wanted, ahead.since, ahead.until))
        for number, opening in enumerate(openings(hours.values(), engaged, ahead)):
            if not order.anybody:
                break
            if number % BREATHE == 0:
                await asyncio.sleep(0)
            taken = await self._offer(tenant, opening, hours[opening.therapist], engaged, order)
            if taken is not None:
                engaged[opening.therapist] = engaged.get(opening.therapist, FREE).besides(opening.at, taken)
        return True

    async def _offer(
        self,
        tenant: TenantId,
        opening: Opening,
        hours: Availability,
        engaged: Mapping[PersonId, Engaged],
        order: "Order",
    ) -> Booked | None:
        """Offer it to the first who can be offered it, or whom nothing refuses. What is kept for them then."""
        now = self.clock()
        while found := match(opening, order.of(opening.therapist), now):
            chosen, trace = found
            until = answer_by(now, opening, chosen.wishes.zone)
            if until is None:
                return None
            wish = Wish(patient=chosen.patient, starts_at=instant(opening.at), schedule=opening.schedule, by=SYSTEM)
            try:
                (then,) = book(None, hours, engaged.get(opening.therapist, FREE), wish, now)
                assert isinstance(then, Booked)
                await self._keep(tenant, then, until, trace)
            except Unavailable:
                raise
            except GONE:
                return None
            except DomainError as refusal:
                _log.info("not offered", wait=str(chosen.wait), code=refusal.code)
                order.leave_out(chosen)
            else:
                order.offered(chosen)
                return then
        return None

    async def _keep(self, tenant: TenantId, then: Booked, until: datetime, trace: Trace) -> None:
        await self.streams.decide(by_platform(tenant), self.ids(), lambda s: offer(s, then, until=until, trace=trace))


class Order:
    """Who waits, in the order for each therapist, as offers are made."""

    def __init__(self, waiting: Sequence[Candidate]) -> None:
        self.waiting = list(waiting)
        self._orders: dict[PersonId, list[Candidate]] = {}

    @property
    def anybody(self) -> bool:
        """Whether anybody could be offered anything."""
        return any(available(one) for one in self.waiting)

    def wants(self, therapist: PersonId) -> bool:
        """Whether anybody waits for the therapist, or for anybody."""
        return any(one.therapists is None or therapist in one.therapists for one in self.waiting)

    def of(self, therapist: PersonId) -> Sequence[Candidate]:
        """The order for a therapist's slots."""
        if therapist not in self._orders:
            self._orders[therapist] = ranked(self.waiting, therapist)
        return self._orders[therapist]

    def offered(self, chosen: Candidate) -> None:
        """They have an offer now."""
        self.waiting = [replace(one, has_offer=True) if one == chosen else one for one in self.waiting]
        self._orders.clear()

    def leave_out(self, chosen: Candidate) -> None:
        """Something refuses them; the next round looks again."""
        self.waiting = [one for one in self.waiting if one != chosen]
        self._orders.clear()
