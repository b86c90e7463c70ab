"""What a therapist does with their schedules: the first one, others beside it, and dates that are otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.clinic import ClinicRooms
from mindlyfe.therapy.application.ports import Published, PublishedHours
from mindlyfe.therapy.contract import PublishHours, ScheduleId
from mindlyfe.therapy.contract import Window as WeeklyWindow
from mindlyfe.therapy.contract.availability import Override, ScheduleSaved, SetOverrides
from mindlyfe.therapy.domain.availability import (
    Availability,
    Change,
    HoursPublished,
    Otherwise,
    Window,
    first_schedule,
)
from mindlyfe.therapy.domain.publishing import close, override, publish, republish

SAID: Final = (
    "zone",
    "minutes",
    "notice_minutes",
    "horizon_days",
    "step_minutes",
    "before_minutes",
    "after_minutes",
    "per_day",
    "per_week",
    "kind",
    "place",
    "name",
    "confirms",
    "answer_hours",
    "late_hours",
    "offer_minutes",
    "room",
)
"""What a schedule takes from the command as it is."""


def availability(tenant: TenantId, therapist: PersonId) -> UUID:
    """The stream of a therapist's availability in one clinic."""
    return derived("availability", tenant, therapist)


@dataclass(frozen=True, slots=True)
class Schedules:
    """Publishing hours. Every version is of all that the therapist has published."""

    streams: Streams[Availability, Change]
    published: PublishedHours
    rooms: ClinicRooms
    ids: Ids

    async def publish(self, command: PublishHours, who: Principal, act: Act, expected: int | None) -> ScheduleSaved:
        """Replace the caller's first schedule, or begin it.

        Raises UnknownRoom, UnknownZone, WindowTooShort, WindowsOverlap, PlaceMissing, TooManySchedules,
        VersionConflict.
        """
        await self.rooms.known(who.tenant, command.room)
        return await self._decide(
            first_schedule(who.id), who, act, expected, lambda state: publish(state, _hours(command, who.id, None))
        )

    async def begin(self, command: PublishHours, who: Principal, act: Act) -> ScheduleSaved:
        """Another schedule. Asked again under the same key, the same one. Raises what `publish` raises."""
        await self.rooms.known(who.tenant, command.room)
        schedule = ScheduleId(self.ids() if act.once is None else derived("schedule", who.tenant, who.id, act.once))
        wish = _hours(command, who.id, schedule)
        return await self._decide(schedule, who, act, None, lambda state: publish(state, wish))

    async def change(
        self, schedule: ScheduleId, command: PublishHours, who: Principal, act: Act, expected: int | None
    ) -> ScheduleSaved:
        """Replace what a schedule says. Raises NotFound, and what `publish` raises."""
        if found(await self.own(who)).availability.schedule(schedule) is None:
            raise NotFound
        await self.rooms.known(who.tenant, command.room)
        wish = _hours(command, who.id, schedule)
        return await self._decide(schedule, who, act, expected, lambda state: republish(state, wish))

    async def override(
        self, schedule: ScheduleId, command: SetOverrides, who: Principal, act: Act, expected: int | None
    ) -> ScheduleSaved:
        """Set the dates that are otherwise. Raises NotFound, OverridesClash, WindowTooShort, WindowsOverlap, …"""
        days = [_otherwise(each) for each in command.overrides]
        return await self._decide(schedule, who, act, expected, lambda state: override(state, schedule, days))

    async def close(self, schedule: ScheduleId, who: Principal, act: Act) -> None:
        """Offer it no longer. Raises NotFound."""
        await self._decide(schedule, who, act, None, lambda state: close(state, schedule))

    async def own(self, who: Principal) -> Published | None:
        """All that the caller has published."""
        return await self.published.of(who.tenant, who.id)

    async def _decide(
        self,
        schedule: ScheduleId,
        who: Principal,
        act: Act,
        expected: int | None,
        decision: Callable[[Availability | None], Sequence[Change]],
    ) -> ScheduleSaved:
        decided = await self.streams.decide(act, availability(who.tenant, who.id), decision, expected=expected)
        return ScheduleSaved(schedule, decided.version)


def minute(wall: str) -> int:
    """Since midnight, of `09:30`."""
    hour, minutes = wall.split(":")
    return int(hour) * 60 + int(minutes)


def found(published: Published | None) -> Published:
    """Raises NotFound."""
    if published is None or not published.availability.schedules:
        raise NotFound("this therapist has published no hours")
    return published


def _hours(command: PublishHours, therapist: PersonId, schedule: ScheduleId | None) -> HoursPublished:
    windows = tuple(_window(each) for each in command.weekly)
    rules = {name: getattr(command, name) for name in SAID}
    return HoursPublished(therapist=therapist, schedule=schedule, windows=windows, **rules)


def _window(wire: WeeklyWindow) -> Window:
    return Window(weekday=wire.weekday, opens=minute(wire.opens), closes=minute(wire.closes))


def _otherwise(wire: Override) -> Otherwise:
    return Otherwise(day=wire.day, hours=tuple((minute(each.opens), minute(each.closes)) for each in wire.hours))
