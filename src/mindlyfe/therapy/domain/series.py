"""A series of appointments at the same time by the clock: which of its occurrences are free."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.contract.availability import Lack
from mindlyfe.therapy.domain.availability import Availability, Schedule, zone_of
from mindlyfe.therapy.domain.clocks import DAY_S, clocks_of, instant, seconds
from mindlyfe.therapy.domain.slots import Engaged, Stretch, offering


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """The first start, and how often again after how many days."""

    first: datetime
    every_days: int
    count: int


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One of a series: free, or what it lacks."""

    at: int
    schedule: Schedule
    lacks: Lack | None


def starts(rhythm: Rhythm, zone: str) -> list[int]:
    """The starts by the clocks of a zone; what they skip on a day comes as soon as it can."""
    clocks, first = clocks_of(zone_of(zone)), seconds(rhythm.first)
    day = clocks.day_of(first)
    wall = instant(first).astimezone(zone_of(zone))
    minute = wall.hour * 60 + wall.minute
    later = [clocks.moment(day + n * rhythm.every_days, minute) + wall.second for n in range(1, rhythm.count)]
    return [first, *later]


def occurrences(
    availability: Availability,
    engaged: Engaged,
    met: Sequence[Stretch],
    rhythm: Rhythm,
    now: datetime,
    *,
    wanted: ScheduleId | None = None,
) -> list[Occurrence]:
    """Each occurrence by one schedule, as if those before it were booked. `met`: when the patient has appointments.

    The schedule is the `wanted` one, else the one that gives the first start, else the therapist's first.
    """
    schedule = given_by(availability, engaged, rhythm, now, wanted)
    found: list[Occurrence] = []
    for at in starts(rhythm, schedule.zone):
        given = offering(availability, engaged, instant(at), now, schedule.id)
        lacks = None if isinstance(given, Schedule) else given
        ends = at + schedule.minutes * 60
        if lacks is None and any(a < ends and at < b for a, b in met):
            lacks = "you-are-busy"
        found.append(Occurrence(at=at, schedule=schedule, lacks=lacks))
        if lacks is None:
            engaged = engaged.besides(at, schedule)
    return found


def lasts(rhythm: Rhythm) -> int:
    """Seconds from the first start to the last, and a day."""
    return (rhythm.every_days * (rhythm.count - 1) + 1) * DAY_S


def given_by(
    availability: Availability, engaged: Engaged, rhythm: Rhythm, now: datetime, wanted: ScheduleId | None
) -> Schedule:
    """The schedule of a series."""
    if wanted is None:
        given = offering(availability, engaged, rhythm.first, now)
        return given if isinstance(given, Schedule) else availability.schedules[0]
    return availability.schedule(wanted) or availability.schedules[0]
