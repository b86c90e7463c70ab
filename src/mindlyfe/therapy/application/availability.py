"""What a therapist does with their hours, and a patient with the slots they give."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import derived
from mindlyfe.kernel.messages import Act, Instant, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.ports import BookedTimes, Published, PublishedHours
from mindlyfe.therapy.contract import PublishHours, RangeTooLong
from mindlyfe.therapy.contract import Window as WeeklyWindow
from mindlyfe.therapy.domain.availability import Hours, HoursPublished, Window, publish
from mindlyfe.therapy.domain.slots import reach, slots

LONGEST_SEARCH: Final = timedelta(days=62)


class Slot(msgspec.Struct, frozen=True):
    """A start the therapist offers and nobody has taken, UTC, and how long the appointment takes."""

    starts_at: Instant
    minutes: int


def availability(tenant: TenantId, therapist: PersonId) -> UUID:
    """The stream of a therapist's hours in one clinic."""
    return derived("availability", tenant, therapist)


@dataclass(frozen=True, slots=True)
class Availability:
    """Publishing hours and searching slots."""

    streams: Streams[Hours, HoursPublished]
    published: PublishedHours
    booked: BookedTimes
    clock: Clock

    async def publish(self, command: PublishHours, who: Principal, act: Act, expected: int | None) -> int:
        """Replace the caller's own hours; returns the version.

        Raises UnknownZone, WindowTooShort, WindowsOverlap, VersionConflict.
        """
        wish = HoursPublished(
            therapist=who.id,
            zone=command.zone,
            windows=tuple(_window(each) for each in command.weekly),
            minutes=command.minutes,
            notice_minutes=command.notice_minutes,
            horizon_days=command.horizon_days,
        )
        stream = availability(who.tenant, who.id)
        decided = await self.streams.decide(act, stream, lambda hours: publish(hours, wish), expected=expected)
        return decided.version

    async def own(self, who: Principal) -> Published:
        """The caller's own hours. Raises NotFound."""
        return await self._of(who.tenant, who.id)

    async def slots(self, therapist: PersonId, start: datetime, end: datetime, who: Principal) -> list[Slot]:
        """The therapist's free slots that start from `start` until before `end`. Raises RangeTooLong, NotFound."""
        if not timedelta(0) < end - start <= LONGEST_SEARCH:
            raise RangeTooLong
        hours = (await self._of(who.tenant, therapist)).hours
        now = self.clock()
        since, until = reach(hours, start, end, now)
        busy = await self.booked.busy(who.tenant, therapist, since, until) if since < until else ()
        return [Slot(at, hours.minutes) for at in slots(hours, busy, start, end, now)]

    async def _of(self, tenant: TenantId, therapist: PersonId) -> Published:
        found = await self.published.of(tenant, therapist)
        if found is None:
            raise NotFound("this therapist has published no hours")
        return found


def _window(wire: WeeklyWindow) -> Window:
    return Window(weekday=wire.weekday, opens=_minute(wire.opens), closes=_minute(wire.closes))


def _minute(wall: str) -> int:
    hour, minute = wall.split(":")
    return int(hour) * 60 + int(minute)
