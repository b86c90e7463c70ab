"""Breaking the glass, ending it, and judging it."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import structlog

from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.surviving import surviving
from mindlyfe.identity.contract.break_glass import (
    BreakGlass,
    GlassOpen,
    GlassReview,
    GlassSaved,
    GlassView,
    ReviewGlass,
)
from mindlyfe.identity.domain.break_glass import (
    LASTS,
    REVIEWED_WITHIN,
    Opened,
    Reviewed,
    break_,
    end,
    may_break,
    review,
    visible,
)
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound, Unavailable
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import Principal

LOOKS_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Breaking:
    """One glass at a time."""

    streams: IdentityStreams
    clock: Clock
    ids: Ids

    async def open(self, c: BreakGlass, who: Principal) -> GlassOpen:
        """Open a patient's record to the caller for two hours. Raises NotFound, OwnGlass, GlassBroken, Erased."""
        try:
            patient, _ = await surviving(self.streams, who.tenant, c.patient)
        except Erased:
            raise NotFound from None
        member = may_break(patient, who.id)
        now = self.clock()
        wish = Opened(patient=member.person, clinician=who.id, reason=c.reason.strip(), at=now, until=now + LASTS)
        decided = await self.streams.glasses.decide(who.act, self.ids(), lambda state: break_(state, wish))
        glass, version = await self.streams.glasses.load(who.tenant, decided.stream)
        return GlassOpen(decided.stream, glass.until if glass else wish.until, version)

    async def end(self, glass: UUID, who: Principal, expected: int | None) -> GlassSaved:
        """Close it before its time. Raises NotFound, GlassClosed, VersionConflict."""
        now = self.clock()
        decided = await self.streams.glasses.decide(
            who.act, glass, lambda state: end(state, by=who.id, roles=who.roles, now=now), expected=expected
        )
        return GlassSaved(glass, decided.version)

    async def review(self, glass: UUID, c: ReviewGlass, who: Principal, expected: int | None) -> GlassSaved:
        """Judge it. Raises NotFound, OwnGlass, AlreadyReviewed, NoticeUnexplained, VersionConflict."""
        wish = Reviewed(
            patient=who.id,  # the decision puts the patient's: nobody else knows it
            by=who.id,
            outcome=c.outcome,
            words=c.words.strip(),
            notice=c.notice,
            withheld_because=c.withheld_because.strip() if c.notice == "withhold" else "",
            at=self.clock(),
        )
        decided = await self.streams.glasses.decide(
            who.act, glass, lambda state: review(state, wish=wish), expected=expected
        )
        return GlassSaved(glass, decided.version)

    async def one(self, glass: UUID, who: Principal) -> GlassView:
        """It, for who broke it and for privacy officers. Raises NotFound."""
        try:
            state, version = await self.streams.glasses.load(who.tenant, glass)
        except Erased:
            raise NotFound from None
        found = visible(state, who.id, who.roles)
        return GlassView(
            id=glass,
            patient=found.patient,
            clinician=found.clinician,
            reason=found.reason,
            opened_at=found.opened_at,
            until=found.until,
            review_by=found.opened_at + REVIEWED_WITHIN,
            review=_judged(found.review) if found.review else None,
            version=version,
        )


def _judged(judged: Reviewed) -> GlassReview:
    return GlassReview(
        by=judged.by,
        at=judged.at,
        outcome=judged.outcome,
        words=judged.words,
        notice=judged.notice,
        withheld_because=judged.withheld_because,
    )


class Waiting(Protocol):
    """The read model."""

    async def overdue(self, now: datetime) -> int:
        """How many wait for longer than they may."""
        ...


class OverdueReviews:
    """Looks every minute for reviews that are late: a number for the metrics, and a warning."""

    def __init__(self, waiting: Waiting, clock: Clock) -> None:
        self._waiting, self._clock = waiting, clock
        self.count = 0.0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            with contextlib.suppress(Unavailable):
                self.count = await self._waiting.overdue(self._clock())
            if self.count:
                structlog.get_logger("break-glass").warning("reviews are overdue", reviews=int(self.count))
            await asyncio.sleep(LOOKS_EVERY_S)
