"""Handovers of caseloads: previewed, ordered, watched."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mindlyfe.identity.application.acts import handover_stream, member_stream
from mindlyfe.identity.application.ports import Caseloads
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.handovers import Handed, HandedCare, HandOver, HandoverPreview, HandoverView, Outcome
from mindlyfe.identity.domain.handover import Handover, Lot, Ordered, able, chosen, foreseen, order, repeated
from mindlyfe.identity.domain.member import Member
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import PersonId, Principal, TenantId


@dataclass(frozen=True, slots=True)
class OrderedHandovers:
    """What administrators order; `HandingOver` carries it out."""

    streams: IdentityStreams
    caseloads: Caseloads
    clock: Clock
    ordered: Callable[[], None]
    """Called when there is something to carry out."""

    async def preview(self, c: HandOver, who: Principal) -> HandoverPreview:
        """What it would do. Raises NotFound, SameClinician, NoReceiver, HandoverBackdated, NotInCaseload."""
        at, lots = await self._lots(c, who)
        received = await lots_of(self.caseloads, who.tenant, c.receiver)
        outcomes: dict[UUID, Outcome] = {lot.care: foreseen(lot, at, received) for lot in lots}
        moves = sum(outcome == "moved" for outcome in outcomes.values())
        return HandoverPreview(len(lots), moves, _relations(lots, outcomes))

    async def order(self, handover: UUID, c: HandOver, who: Principal) -> HandoverView:
        """Order it under an id that the caller made; the same again changes nothing.

        Raises NotFound, SameClinician, NoReceiver, HandoverBackdated, NotInCaseload, HandoverRuns.
        """
        stream, patients = handover_stream(who.tenant, handover), None if c.patients is None else tuple(c.patients)
        state, _ = await self.streams.handovers.load(who.tenant, stream)
        if state is not None:
            repeated(state, giver=c.giver, receiver=c.receiver, patients=patients, at=c.at)
            return await self.one(handover, who)
        at, lots = await self._lots(c, who)
        wish = Ordered(
            handover=handover, giver=c.giver, receiver=c.receiver, at=at, patients=patients, lots=lots, by=who.id
        )
        await self.streams.handovers.decide(who.act, stream, lambda state: order(state, wish))
        self.ordered()
        return await self.one(handover, who)

    async def one(self, handover: UUID, who: Principal) -> HandoverView:
        """It and how far it is. Raises NotFound."""
        state, version = await self._existing(who.tenant, handover)
        return HandoverView(
            id=handover,
            giver=state.ordered.giver,
            receiver=state.ordered.receiver,
            at=state.ordered.at,
            status="finished" if state.finished else "running",
            total=len(state.ordered.lots),
            done=len(state.settled),
            moved=state.moved,
            relations=_relations(state.ordered.lots, state.settled),
            version=version,
        )

    async def handed(self, *, tenant: TenantId, handover: UUID) -> Handed:
        """How many relationships moved. Raises NotFound."""
        state, _ = await self._existing(tenant, handover)
        return Handed(state.moved, state.ordered.at)

    async def _existing(self, tenant: TenantId, handover: UUID) -> tuple[Handover, int]:
        state, version = await self.streams.handovers.load(tenant, handover_stream(tenant, handover))
        if state is None:
            raise NotFound
        return state, version

    async def _lots(self, c: HandOver, who: Principal) -> tuple[datetime, tuple[Lot, ...]]:
        now = self.clock()
        at = c.at or now
        giver, receiver = [await known(self.streams, who.tenant, person) for person in (c.giver, c.receiver)]
        able(giver, receiver, at=at, now=now)
        return at, chosen(await lots_of(self.caseloads, who.tenant, c.giver), at, c.patients)


async def lots_of(caseloads: Caseloads, tenant: TenantId, clinician: PersonId) -> list[Lot]:
    """All whom a clinician treats, or is to treat."""
    running = await caseloads.running(tenant, clinician)
    mine = [one for one in running if one.clinician == clinician]
    return [Lot(care=one.id, patient=one.patient, since=one.since, until=one.until) for one in mine]


async def known(streams: IdentityStreams, tenant: TenantId, person: PersonId) -> Member | None:
    """A member, past ones too."""
    try:
        return (await streams.members.load(tenant, member_stream(tenant, person)))[0]
    except Erased:
        return None


def _relations(lots: tuple[Lot, ...], outcomes: Mapping[UUID, Outcome]) -> list[HandedCare]:
    return [HandedCare(one.care, one.patient, one.since, one.until, outcomes.get(one.care)) for one in lots]
