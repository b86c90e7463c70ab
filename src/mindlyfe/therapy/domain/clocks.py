"""What the clocks of a zone show, exact when they change: days as numbers, times in seconds since 1970, UTC.

A window of a day is open from the first moment at which the clocks show its beginning or later, until the first at
which they show its end or later. So it is one stretch of time in any case: a spring gap shortens it, an autumn fold
lengthens it, and two windows of a day never overlap.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
SECOND: Final = timedelta(seconds=1)
DAY_S: Final = 86_400
_WALL: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what clocks show belongs to no zone


def seconds(at: datetime) -> int:
    """Whole seconds since 1970, of the moment or the next one."""
    return -((EPOCH - at) // SECOND)


def instant(at: int) -> datetime:
    """The moment, UTC."""
    return EPOCH + timedelta(seconds=at)


def numbered(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - EPOCH_DAY


def weekday(day: int) -> int:
    """Of a numbered day: Monday is 0."""
    return (day + 3) % 7


class Clocks:
    """The clocks of one zone. Remembers the days it was asked for."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._steady: dict[int, int | None] = {}

    def steady(self, day: int) -> int | None:
        """When the day begins, if its clocks show each minute once from midnight to midnight; else None."""
        try:
            return self._steady[day]
        except KeyError:
            found = self._steady[day] = self._begins(day)
            return found

    def moment(self, day: int, minute: int) -> int:
        """The first moment at which they show `minute` (0-1440) of the day, or later."""
        begins = self.steady(day)
        return self._exact(day, minute) if begins is None else begins + minute * 60

    def day_of(self, at: int) -> int:
        """The day whose first moment is the last one up to `at`."""
        day = at // DAY_S + 1
        while self.moment(day, 0) > at:
            day -= 1
        return day

    def _begins(self, day: int) -> int | None:
        # Clocks of one zone change at most once in several days: what both ends show, holds in between.
        wall = _WALL + timedelta(days=day)
        offsets = {self._offset(at, fold) for at in (wall, wall + timedelta(days=1)) for fold in (0, 1)}
        return day * DAY_S - offsets.pop() // SECOND if len(offsets) == 1 else None

    def _exact(self, day: int, minute: int) -> int:
        wall = _WALL + timedelta(days=day, minutes=minute)
        first, second = self._offset(wall, 0), self._offset(wall, 1)
        shown = day * DAY_S + minute * 60
        if first >= second:  # shown once, or twice: then the first time counts
            return shown - first // SECOND
        # Never shown: the clocks skip from the first offset to the second, somewhere in these seconds.
        before = shown - second // SECOND
        skipped = range((second - first) // SECOND)
        return before + bisect_left(skipped, True, key=lambda later: self._at(before + later) == second)

    def _offset(self, wall: datetime, fold: int) -> timedelta:
        offset = wall.replace(tzinfo=self._zone, fold=fold).utcoffset()
        assert offset is not None
        return offset

    def _at(self, at: int) -> timedelta:
        offset = instant(at).astimezone(self._zone).utcoffset()
        assert offset is not None
        return offset


@lru_cache(maxsize=1024)
def clocks_of(zone: ZoneInfo) -> Clocks:
    """Those of the zone; remembered, since a search asks for the same days again and again."""
    return Clocks(zone)
