"""The slots that hours give, exact when clocks change. Pure; every time is UTC.

A window is open from the first moment at which the clocks of the zone show its beginning or later, until the first at
which they show its end or later. So it is one stretch of time in any case: a spring gap shortens it, an autumn fold
lengthens it, and two windows of a day never overlap.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from mindlyfe.therapy.contract import BeyondHorizon, InThePast, NotOffered, TooSoon
from mindlyfe.therapy.domain.availability import Hours, zone_of

DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)

type Busy = tuple[datetime, datetime]
"""Taken from … until before …"""


def slots(hours: Hours, busy: Sequence[Busy], start: datetime, end: datetime, now: datetime) -> list[datetime]:
    """The free starts from `start` until before `end`, soonest first. `busy` is in order and may overlap."""
    start, end = reach(hours, start, end, now)
    return list(_free(offered(hours, start, end), hours.length, busy)) if start < end else []


def reach(hours: Hours, start: datetime, end: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The part of [start, end) that notice and horizon leave; empty when it ends before it starts."""
    return max(start, now + hours.notice), min(end, now + hours.horizon)


def bookable(hours: Hours, starts_at: datetime, now: datetime) -> datetime:
    """The start, in UTC, if the hours offer it now. Raises InThePast, TooSoon, BeyondHorizon, NotOffered."""
    if starts_at < now:
        raise InThePast
    if starts_at < now + hours.notice:
        raise TooSoon
    if starts_at >= now + hours.horizon:
        raise BeyondHorizon
    for at in offered(hours, starts_at, starts_at + SECOND):
        if at == starts_at:
            return at
    raise NotOffered


def offered(hours: Hours, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every start in [start, end), free or not, soonest first."""
    zone, length = zone_of(hours.zone), hours.length
    # One day more on either side: where clocks go back over midnight, a date comes twice.
    day, last = start.astimezone(zone).date() - DAY, end.astimezone(zone).date() + DAY
    while day <= last:
        for window in hours.windows:
            if window.weekday == day.isoweekday():
                at, closes = moment(day, window.opens, zone), moment(day, window.closes, zone)
                while at + length <= closes:
                    if start <= at < end:
                        yield at
                    at += length
        day += DAY


def moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first moment at which clocks in `zone` show `minute` (0–1440) of `day`, or later. UTC."""
    wall = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    first, second = _offset(wall), _offset(wall.replace(fold=1))
    utc = wall.replace(tzinfo=UTC)
    if first >= second:  # shown once, or twice: then the first time counts
        return utc - first
    # Never shown: the clocks skip from the first offset to the second, somewhere in these seconds.
    before = utc - second
    skipped = range(int((second - first) / SECOND))
    return before + SECOND * bisect_left(
        skipped, True, key=lambda s: _offset((before + s * SECOND).astimezone(zone)) == second
    )


def _offset(at: datetime) -> timedelta:
    offset = at.utcoffset()
    assert offset is not None
    return offset


def _free(starts: Iterator[datetime], length: timedelta, busy: Sequence[Busy]) -> Iterator[datetime]:
    taken = iter(busy)
    next_: Busy | None = next(taken, None)
    for at in starts:
        while next_ and next_[1] <= at:
            next_ = next(taken, None)
        if not next_ or at + length <= next_[0]:
            yield at
