"""Carries handovers out, a relationship at a time. It may die anywhere: what it did is done again to the same end."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

import structlog

from mindlyfe.identity.application.acts import care_stream
from mindlyfe.identity.application.handovers import known, lots_of
from mindlyfe.identity.application.ports import Caseloads
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.handovers import Outcome
from mindlyfe.identity.domain.care import Started, pass_on, take_over
from mindlyfe.identity.domain.handover import Lot, Ordered, finish, foreseen, receiving, settle, standing
from mindlyfe.identity.domain.refusals import CareRuns
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, ByMessage, MessageId, TenantId
from mindlyfe.kernel.telemetry import traceparent

REST_S: Final = 0.5
_log: Final = structlog.get_logger("handovers")


class Unfinished(Protocol):
    """The read model."""

    async def unfinished(self) -> list[tuple[TenantId, UUID]]:
        """Tenant and stream of each, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HandingOver:
    """The worker. The receiver begins before the giver ends: nobody is without care in between."""

    streams: IdentityStreams
    handovers: Unfinished
    caseloads: Caseloads
    bell: asyncio.Event

    async def run(self) -> None:
        """Look for work when the bell rings, and twice a second, until cancelled: another process may have the bell."""
        while True:
            self.bell.clear()
            await self.turn()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), REST_S)

    async def turn(self) -> None:
        """Go on with all that are unfinished. What fails is tried again in the next turn."""
        for tenant, stream in await self.handovers.unfinished():
            try:
                await self._carry_out(tenant, stream)
            except Exception as failure:  # noqa: BLE001 - one handover's trouble
                _log.warning("handover waits", handover=str(stream), exc_info=failure)

    async def _carry_out(self, tenant: TenantId, stream: UUID) -> None:
        state, _ = await self.streams.handovers.load(tenant, stream)
        if state is None:
            return
        ordered = state.ordered
        act = Act(tenant=tenant, actor=ordered.by, correlation=traceparent())
        able = receiving(await known(self.streams, tenant, ordered.receiver))
        for lot in state.waiting:
            once = ByMessage("identity.handover", MessageId(derived("handed", stream, lot.care)))
            step = Act(tenant=tenant, actor=ordered.by, correlation=act.correlation, once=once)
            outcome = await self._move(step, ordered, lot, taken(stream, lot)) if able else "no-receiver"
            await self.streams.handovers.decide(
                step.step("settled"),
                stream,
                lambda s, care=lot.care, outcome=outcome: settle(s, care, outcome),  # type: ignore[misc]
            )
        await self.streams.handovers.decide(act, stream, finish)

    async def _move(self, act: Act, ordered: Ordered, lot: Lot, new: UUID) -> Outcome:
        """Move one. What stands now counts, not what stood when it was ordered."""
        tenant = act.tenant
        try:
            theirs, _ = await self.streams.care.load(tenant, care_stream(tenant, lot.care))
            begun, _ = await self.streams.care.load(tenant, care_stream(tenant, new))
            if theirs is None:
                return "ended"
            now = standing(theirs)
            outcome: Outcome = "moved"
            if begun is None:
                outcome = foreseen(now, ordered.at, await lots_of(self.caseloads, tenant, ordered.receiver))
            if outcome == "moved":
                await self._begin(act, ordered, now, new)
            if outcome in {"moved", "treats-already"}:
                goes_on = new if outcome == "moved" else None
                await self.streams.care.decide(
                    act.step("ended"),
                    care_stream(tenant, lot.care),
                    lambda state: pass_on(state, by=ordered.by, at=ordered.at, to=ordered.receiver, new=goes_on),
                )
        except Erased:
            return "erased"
        except CareRuns:
            return "overlaps"  # somebody agreed on it this very moment
        return outcome

    async def _begin(self, act: Act, ordered: Ordered, theirs: Lot, new: UUID) -> None:
        wish = Started(
            care=new,
            patient=theirs.patient,
            clinician=ordered.receiver,
            since=max(ordered.at, theirs.since),
            until=theirs.until,
        )
        stream = care_stream(act.tenant, new)
        await self.streams.care.decide(act.step("begun"), stream, lambda state: take_over(state, wish))


def taken(stream: UUID, lot: Lot) -> UUID:
    """The id of the relationship that goes on with this one."""
    return derived("taken-over", stream, lot.care)
