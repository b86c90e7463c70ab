"""Carries merges out, each step on record. It may die anywhere: what it did is done again to the same end.

The order is what makes it safe. First the duplicate belongs to the clinic no longer, so that nothing new is written for
it. Then its treatment goes on as the survivor's: that begins before this one ends. Then every context is told, and
asked until each holds nothing as the duplicate's. Last, when no request of the duplicate's is under way any more, all
are asked once more; whoever found something meanwhile is told again.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import structlog

from mindlyfe.identity.application.acts import care_stream, member_stream
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.ports import Caseloads
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import CareView
from mindlyfe.identity.domain.account import depart
from mindlyfe.identity.domain.care import Started, pass_on, take_over
from mindlyfe.identity.domain.joining import Span, uncovered
from mindlyfe.identity.domain.merge import Merge, complete, confirm, existing, lapse, retired, settled, tell
from mindlyfe.identity.domain.standing import become
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import REGION, SYSTEM, Act, PersonId, TenantId
from mindlyfe.kernel.personal import PersonData
from mindlyfe.kernel.telemetry import by_platform

REST_S: Final = 0.5
_log: Final = structlog.get_logger("merges")


class DueMerges(Protocol):
    """The read model."""

    async def due(self, now: datetime) -> list[tuple[TenantId, UUID]]:
        """Tenant and stream of those that run, or were not decided in time, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """The worker."""

    streams: IdentityStreams
    merges: DueMerges
    caseloads: Caseloads
    sources: Mapping[str, PersonData]
    endings: Endings
    clock: Clock
    bell: asyncio.Event

    async def run(self) -> None:
        """Look for work when the bell rings, and twice a second, until cancelled: another process may have the bell."""
        while True:
            self.bell.clear()
            await self.turn()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.bell.wait(), REST_S)

    async def turn(self) -> None:
        """Bring every merge as far as it goes now. What fails is tried again in the next turn."""
        for tenant, stream in await self.merges.due(self.clock()):
            try:
                await self._advance(tenant, stream)
            except Exception as failure:  # noqa: BLE001 - one merge's trouble
                _log.warning("merge waits", merge=str(stream), exc_info=failure)

    async def _advance(self, tenant: TenantId, stream: UUID) -> None:
        merge, act, now = await self._load(tenant, stream), by_platform(tenant), self.clock()
        if merge.status == "proposed":
            await self.streams.merges.decide(act, stream, lambda state: lapse(state, now))
            return
        if merge.retired_at is None:
            await self._retire(act, merge, now)
            await self.streams.merges.decide(act, stream, lambda state: retired(state, now))
        await self._move_care(act, stream, merge)
        if merge.told_at is None:
            await self.streams.merges.decide(act, stream, lambda state: tell(state, now))
        merge = await self._load(tenant, stream)
        for context in merge.awaited:
            if await self._followed(context, tenant, merge):
                await self.streams.merges.decide(act, stream, lambda state, context=context: confirm(state, context))  # type: ignore[misc]
        await self._conclude(act, stream, now)

    async def _retire(self, act: Act, merge: Merge, now: datetime) -> None:
        """End the duplicate's membership here and nowhere else, and its sessions for this clinic."""
        duplicate, survivor = merge.proposed.duplicate, merge.proposed.survivor
        with contextlib.suppress(Erased):
            await self.streams.members.decide(
                act, member_stream(act.tenant, duplicate), lambda state: become(state, survivor, now)
            )
        with contextlib.suppress(Erased):
            await self.streams.accounts.decide(act.within(REGION), duplicate, lambda state: depart(state, act.tenant))
        await self.endings.end(act, duplicate, organisation=act.tenant)

    async def _move_care(self, act: Act, stream: UUID, merge: Merge) -> None:
        """Let the survivor's begin where the duplicate's ends: none is ended before that."""
        assert merge.decided_at is not None
        duplicate, at = merge.proposed.duplicate, merge.decided_at
        for care in await self.caseloads.running(act.tenant, duplicate):
            if care.patient != duplicate or care.until == care.since:
                continue
            with contextlib.suppress(Erased):
                await self._begin(act, stream, care, merge.proposed.survivor, at)
            with contextlib.suppress(Erased):
                await self.streams.care.decide(
                    act, care_stream(act.tenant, care.id), lambda state: pass_on(state, by=SYSTEM, at=at)
                )

    async def _begin(self, act: Act, stream: UUID, care: CareView, survivor: PersonId, at: datetime) -> None:
        theirs = await self.caseloads.running(act.tenant, survivor)
        taken: list[Span] = [
            (one.since, one.until) for one in theirs if (one.patient, one.clinician) == (survivor, care.clinician)
        ]
        for since, until in uncovered((max(at, care.since), care.until), taken):
            new = derived("merged-care", stream, care.id, since.isoformat())
            wish = Started(care=new, patient=survivor, clinician=care.clinician, since=since, until=until)
            await self.streams.care.decide(
                act,
                care_stream(act.tenant, new),
                lambda state, wish=wish: take_over(state, wish),  # type: ignore[misc]
            )

    async def _conclude(self, act: Act, stream: UUID, now: datetime) -> None:
        """The end, when all followed and stay so; who has something left is told again, after a while."""
        merge = await self._load(act.tenant, stream)
        if merge.awaited:
            await self.streams.merges.decide(act, stream, lambda state: tell(state, now))
        elif settled(merge, now):
            left = [one for one in merge.proposed.contexts if not await self._followed(one, act.tenant, merge)]
            step = tell if left else complete
            await self.streams.merges.decide(act, stream, lambda state: step(state, now))

    async def _followed(self, context: str, tenant: TenantId, merge: Merge) -> bool:
        return await self.sources[context].moved(tenant=tenant, person=merge.proposed.duplicate)

    async def _load(self, tenant: TenantId, stream: UUID) -> Merge:
        return existing((await self.streams.merges.load(tenant, stream))[0])
