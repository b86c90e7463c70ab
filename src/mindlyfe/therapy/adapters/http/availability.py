"""A therapist's own schedules."""

import msgspec
from litestar import Router

from mindlyfe.kernel.errors import NotFound, VersionConflict
from mindlyfe.kernel.http import Page, delete, get, post, put
from mindlyfe.kernel.messages import Act, PersonId, Principal
from mindlyfe.therapy.application.schedules import SAID, Schedules, found
from mindlyfe.therapy.contract import (
    Kind,
    PublishHours,
    RoomId,
    ScheduleId,
    UnknownZone,
    Window,
    WindowsOverlap,
    WindowTooShort,
)
from mindlyfe.therapy.contract.availability import (
    Override,
    OverridesClash,
    PlaceMissing,
    ScheduleSaved,
    SetOverrides,
    Span,
    TooManySchedules,
)
from mindlyfe.therapy.contract.clinic import UnknownRoom
from mindlyfe.therapy.domain.availability import Otherwise, Schedule, first_schedule

PUBLISHING = (UnknownRoom, UnknownZone, WindowTooShort, WindowsOverlap, PlaceMissing, TooManySchedules)
OVERRIDING = (NotFound, OverridesClash, WindowTooShort, WindowsOverlap, VersionConflict)


class HoursSaved(msgspec.Struct, frozen=True):
    """The hours stand at this version."""

    therapist: PersonId
    version: int


class ScheduleView(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule in force, by the wall clock of its zone."""

    id: ScheduleId
    name: str
    kind: Kind
    place: str
    zone: str
    weekly: list[Window]
    overrides: list[Override]
    minutes: int
    step_minutes: int | None
    before_minutes: int
    after_minutes: int
    notice_minutes: int
    horizon_days: int
    per_day: int | None
    per_week: int | None
    confirms: bool
    answer_hours: int
    offer_minutes: int
    late_hours: int
    room: RoomId | None
    version: int
    """Of all that the therapist has published."""


def routes(schedules: Schedules) -> Router:
    """Publish and read the first schedule."""

    @put(needs="availability:publish", refuses=(*PUBLISHING, VersionConflict))
    async def publish(data: PublishHours, who: Principal, act: Act, expected: int | None) -> HoursSaved:
        """Publish the hours at which the caller can be met. They replace the earlier ones; appointments stay."""
        return HoursSaved(who.id, (await schedules.publish(data, who, act, expected)).version)

    @get(needs="availability:read", refuses=(NotFound,))
    async def own(who: Principal) -> ScheduleView:
        """The caller's own hours: their first schedule."""
        published = found(await schedules.own(who))
        first = published.availability.schedule(first_schedule(who.id))
        if first is None:
            raise NotFound
        return _view(first, published.version)

    return Router("/v1/availability", route_handlers=[publish, own], tags=["Availability"])


def schedule_routes(schedules: Schedules) -> Router:
    """Schedules beside the first one, and the dates that are otherwise."""

    @get(needs="availability:read")
    async def listed(who: Principal) -> Page[ScheduleView]:
        """All schedules of the caller, the oldest first, in one page."""
        published = await schedules.own(who)
        if published is None:
            return Page([])
        return Page([_view(each, published.version) for each in published.availability.schedules])

    @post(needs="availability:publish", refuses=PUBLISHING)
    async def begin(data: PublishHours, who: Principal, act: Act) -> ScheduleSaved:
        """Publish another schedule: hours of its own, by video or at a place."""
        return await schedules.begin(data, who, act)

    @put("/{schedule:uuid}", needs="availability:publish", refuses=(NotFound, *PUBLISHING, VersionConflict))
    async def change(
        schedule: ScheduleId, data: PublishHours, who: Principal, act: Act, expected: int | None
    ) -> ScheduleSaved:
        """Replace what a schedule says. Dates that are otherwise stay so."""
        return await schedules.change(schedule, data, who, act, expected)

    @put("/{schedule:uuid}/overrides", needs="availability:publish", refuses=OVERRIDING)
    async def override(
        schedule: ScheduleId, data: SetOverrides, who: Principal, act: Act, expected: int | None
    ) -> ScheduleSaved:
        """Set all dates on which the schedule has other hours than its week, or none."""
        return await schedules.override(schedule, data, who, act, expected)

    @delete("/{schedule:uuid}", needs="availability:publish", refuses=(NotFound,))
    async def close(schedule: ScheduleId, who: Principal, act: Act) -> None:
        """Offer a schedule no longer. Its appointments stay."""
        await schedules.close(schedule, who, act)

    return Router("/v1/schedules", route_handlers=[listed, begin, change, override, close], tags=["Availability"])


def _view(one: Schedule, version: int) -> ScheduleView:
    return ScheduleView(
        id=one.id,
        weekly=[Window(weekday=w.weekday, opens=wall(w.opens), closes=wall(w.closes)) for w in one.windows],
        overrides=[_override(each) for each in one.days],
        version=version,
        **{name: getattr(one, name) for name in SAID},
    )


def _override(one: Otherwise) -> Override:
    return Override(day=one.day, hours=[Span(opens=wall(opens), closes=wall(closes)) for opens, closes in one.hours])


def wall(minute: int) -> str:
    """`09:30`, of minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"
