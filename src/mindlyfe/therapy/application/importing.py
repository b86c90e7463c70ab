"""The worker that imports busy times: it asks every feed now and then, and keeps the last good copy of each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from msgspec.structs import replace

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.ports import Due, FeedFailed, Fetches, Health, Reads
from mindlyfe.therapy.contract.feeds import Trouble
from mindlyfe.therapy.domain.clocks import DAY_S, seconds
from mindlyfe.therapy.domain.feed import Change, Feed
from mindlyfe.therapy.domain.slots import Stretch

EVERY: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=4)
"""Between two tries of a feed that fails again and again."""
READ_ANEW: Final = timedelta(hours=12)
"""What has not changed is read again after this: recurring events come nearer."""
BEFORE_S: Final = DAY_S
AHEAD_S: Final = 740 * DAY_S
"""No schedule is booked further ahead."""
AT_ONCE: Final = 4
REST_S: Final = 5.0
_log: Final = structlog.get_logger("feeds")


class FeedHealth(Protocol):
    """What is known of the feeds."""

    async def due(self, now: datetime, most: int) -> Sequence[Due]:
        """Those that are to be asked now."""
        ...

    async def note(self, tenant: TenantId, health: Health, busy: Sequence[Stretch] | None) -> None:
        """How a try went, and what it brought."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """Runs in one process of a context at a time."""

    streams: Streams[Feed, Change]
    health: FeedHealth
    fetches: Fetches
    reads: Reads
    clock: Clock

    async def run(self) -> None:
        """Ask those that are due, until cancelled."""
        while True:
            if await self.turn() == 0:
                await asyncio.sleep(REST_S)

    async def turn(self) -> int:
        """Ask some that are due. How many."""
        due = await self.health.due(self.clock(), AT_ONCE)
        await asyncio.gather(*(self._ask(each) for each in due))
        return len(due)

    async def _ask(self, due: Due) -> None:
        now, busy = self.clock(), None
        try:
            health, busy = await self._brought(due, now)
        except Exception as failure:  # noqa: BLE001 - one feed's trouble is not to hold up the others
            trouble: Trouble = failure.trouble if isinstance(failure, FeedFailed) else "not-a-calendar"
            pause = min(EVERY * 2 ** min(due.failures, 6), LONGEST)
            health = replace(_noted(due, now + pause, now), failures=due.failures + 1, trouble=trouble)
            _log.info("feed failed", feed=str(due.feed), trouble=trouble, error=type(failure).__name__)
        await self.health.note(due.tenant, health, busy)

    async def _brought(self, due: Due, now: datetime) -> tuple[Health, Sequence[Stretch] | None]:
        """What a good try brought: other busy times, or that they are still the same. Raises FeedFailed."""
        feed, _ = await self.streams.load(due.tenant, due.feed)
        if feed is None or feed.removed:
            return _noted(due, now + LONGEST, now), []
        known = due.etag if due.read_at and now - due.read_at < READ_ANEW else ""
        fetched = await self.fetches.fetch(feed.url, known)
        if fetched.body is None:
            return replace(_noted(due, now + EVERY, now), good_at=now), None
        at = seconds(now)
        busy = await self.reads(fetched.body, feed.zone, at - BEFORE_S, at + AHEAD_S, all_day_busy=feed.all_day_busy)
        good = _noted(due, now + EVERY, now)
        return replace(good, good_at=now, read_at=now, etag=fetched.etag), busy


def _noted(due: Due, next_at: datetime, now: datetime) -> Health:
    return Health(feed=due.feed, therapist=due.therapist, now=now, next_at=next_at)
