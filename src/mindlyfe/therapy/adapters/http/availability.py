"""A therapist's own hours, and the slots they give to others."""

from typing import Annotated

import msgspec
from litestar import Router

from mindlyfe.kernel.errors import NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, put
from mindlyfe.kernel.messages import Act, Instant, PersonId, Principal
from mindlyfe.therapy.application.availability import Availability, Slot
from mindlyfe.therapy.application.ports import Published
from mindlyfe.therapy.contract import PublishHours, RangeTooLong, UnknownZone, Window, WindowsOverlap, WindowTooShort

From = Annotated[Instant, msgspec.Meta(description="Slots start at this time or later.")]
To = Annotated[Instant, msgspec.Meta(description="Slots start before this time; at most 62 days after `from`.")]


class HoursSaved(msgspec.Struct, frozen=True):
    """The hours stand at this version."""

    therapist: PersonId
    version: int


class HoursView(msgspec.Struct, frozen=True, kw_only=True):
    """The hours in force, by the wall clock of their zone."""

    zone: str
    weekly: list[Window]
    minutes: int
    notice_minutes: int
    horizon_days: int
    version: int


def routes(availability: Availability) -> list[Router]:
    """Publish and read hours, search slots."""

    @put(needs="availability:publish", refuses=(UnknownZone, WindowTooShort, WindowsOverlap, VersionConflict))
    async def publish(data: PublishHours, who: Principal, act: Act, expected: int | None) -> HoursSaved:
        """Publish the hours at which the caller can be met. They replace the earlier ones; appointments stay."""
        return HoursSaved(who.id, await availability.publish(data, who, act, expected))

    @get(needs="availability:read", refuses=(NotFound,))
    async def own(who: Principal) -> HoursView:
        """The caller's own hours."""
        return _view(await availability.own(who))

    @get("/{therapist:uuid}/slots", needs="slots:read", refuses=(NotFound, RangeTooLong), scope="Slot.s")
    async def slots(therapist: PersonId, from_: From, to: To, who: Principal) -> Page[Slot]:
        """The therapist's free slots in a range, soonest first, all in one page. Notice and horizon are heeded."""
        return Page(await availability.slots(therapist, from_, to, who))

    return [
        Router("/v1/availability", route_handlers=[publish, own], tags=["Availability"]),
        Router("/v1/therapists", route_handlers=[slots], tags=["Availability"]),
    ]


def _view(published: Published) -> HoursView:
    hours = published.hours
    return HoursView(
        zone=hours.zone,
        weekly=[Window(weekday=w.weekday, opens=_wall(w.opens), closes=_wall(w.closes)) for w in hours.windows],
        minutes=hours.minutes,
        notice_minutes=hours.notice_minutes,
        horizon_days=hours.horizon_days,
        version=published.version,
    )


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
