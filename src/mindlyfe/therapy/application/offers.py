"""What people do with the slots that are offered to who waits: accept, decline, look, and ask why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Act, Principal, TenantId
from mindlyfe.kernel.policy import Action, Thing
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.ports import PublishedHours
from mindlyfe.therapy.contract.holds import OfferAnswered, OfferOver, OfferTrace, OfferView, PassedOverView
from mindlyfe.therapy.contract.waiting import OfferId
from mindlyfe.therapy.domain.appointment import Appointment, Change
from mindlyfe.therapy.domain.clocks import seconds
from mindlyfe.therapy.domain.holding import accept, decline, offered
from mindlyfe.therapy.domain.slots import absences


class Kept(Protocol):
    """The read model."""

    async def offer(self, tenant: TenantId, offer: UUID) -> OfferView | None:
        """An offer, open or over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Answers to offers: by the patient, or by the desk as they say on the telephone."""

    streams: Streams[Appointment, Change]
    kept: Kept
    hours: PublishedHours
    reach: Reach
    clock: Clock

    async def accept(self, offer: OfferId, who: Principal, act: Act, expected: int | None) -> OfferAnswered:
        """It is the patient's appointment from now on. Raises NotFound, OfferOver, VersionConflict."""
        found = await self._reached(offer, who, "write")
        await self._present(who.tenant, found)
        now = self.clock()
        version = await self._decide(offer, act, expected, lambda state: accept(state, by=who.id, now=now))
        return OfferAnswered(offer, "accepted", version)

    async def decline(self, offer: OfferId, who: Principal, act: Act, expected: int | None) -> OfferAnswered:
        """The next one may have it. Raises NotFound, OfferOver, VersionConflict."""
        await self._reached(offer, who, "write")
        now = self.clock()
        version = await self._decide(offer, act, expected, lambda state: decline(state, now=now))
        return OfferAnswered(offer, "declined", version)

    async def one(self, offer: OfferId, who: Principal) -> OfferView:
        """The offer, for its patient, its therapist, who treats the patient, and the desk. Raises NotFound."""
        return await self._reached(offer, who, "read")

    async def why(self, offer: OfferId, who: Principal) -> OfferTrace:
        """Why it went to this patient. Raises NotFound."""
        await self._reached(offer, who, "read")
        state, _ = await self.streams.load(who.tenant, offer)
        trace = offered(state).trace
        assert trace is not None
        return OfferTrace(
            offer=offer,
            wait=trace.wait,
            urgency=trace.urgency,
            met_before=trace.met_before,
            since=trace.since,
            waiting=trace.waiting,
            passed=[PassedOverView(wait=one.wait, patient=one.patient, why=one.why) for one in trace.passed],
        )

    async def _present(self, tenant: TenantId, offer: OfferView) -> None:
        """Raises OfferOver when the therapist has taken time off since, unless it is booked already."""
        published = await self.hours.of(tenant, offer.therapist)
        begins = seconds(offer.starts_at)
        ends = begins + offer.minutes * 60
        away = absences(published.availability.time_off, begins, ends) if published else ()
        if offer.outcome is None and any(since < ends and begins < until for since, until, _ in away):
            raise OfferOver("the therapist is away then")

    async def _reached(self, offer: OfferId, who: Principal, action: Action) -> OfferView:
        found = await self.kept.offer(who.tenant, offer)
        if found is None:
            raise NotFound
        await self.reach.require(who, action, Thing(who.tenant, found.patient, "logistics", (found.therapist,)))
        return found

    async def _decide(
        self,
        offer: OfferId,
        act: Act,
        expected: int | None,
        decision: Callable[[Appointment | None], Sequence[Change]],
    ) -> int:
        return (await self.streams.decide(act, offer, decision, expected=expected)).version
