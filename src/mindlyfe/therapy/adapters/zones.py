"""Writes what a zone's clocks do as iCalendar (RFC 5545, 3.6.5), for whoever does not know the zone.

The library's own writer gives the hour after a clock went forward for the hour at which it does.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import icalendar

from mindlyfe.therapy.domain.clocks import DAY_S, instant, numbered

UNKNOWN: Final = timedelta(0)


class Observance(NamedTuple):
    """What the clocks are set by, and were before."""

    before: timedelta
    now: timedelta
    name: str
    summer: bool


@lru_cache(maxsize=256)
def vtimezone(name: str, since: date, until: date) -> icalendar.Timezone:
    """What is true of the zone from one day to the other."""
    zone = ZoneInfo(name)
    begins, ends = numbered(since) * DAY_S, numbered(until) * DAY_S
    onsets: dict[Observance, list[datetime]] = defaultdict(list)
    onsets[_observance(zone, begins, _offset(zone, begins))].append(_shown(begins, _offset(zone, begins)))
    for at in _changes(zone, begins, ends):
        before = _offset(zone, at - 1)
        onsets[_observance(zone, at, before)].append(_shown(at, before))
    written = icalendar.Timezone()
    written.add("tzid", name)
    for observance, moments in onsets.items():
        written.add_component(_written(observance, moments))
    return written


def _changes(zone: ZoneInfo, since: int, until: int) -> Iterator[int]:
    """The first seconds at which the clocks are set otherwise; a zone never does that twice within two days."""
    for day in range(since, until, DAY_S):
        later = _set(zone, day + DAY_S)
        if later != _set(zone, day):
            yield bisect_left(range(day + DAY_S), True, day, key=partial(_is, zone, later))


def _set(zone: ZoneInfo, at: int) -> tuple[timedelta, str]:
    return _offset(zone, at), _name(zone, at)


def _is(zone: ZoneInfo, found: tuple[timedelta, str], at: int) -> bool:
    return _set(zone, at) == found


def _observance(zone: ZoneInfo, at: int, before: timedelta) -> Observance:
    local = instant(at).astimezone(zone)
    return Observance(before, _offset(zone, at), _name(zone, at), bool(local.dst()))


def _shown(at: int, offset: timedelta) -> datetime:
    """What the clocks would show then, had they not been set otherwise: so an onset is written."""
    return instant(at).replace(tzinfo=None) + offset


def _offset(zone: ZoneInfo, at: int) -> timedelta:
    return instant(at).astimezone(zone).utcoffset() or UNKNOWN


def _name(zone: ZoneInfo, at: int) -> str:
    return instant(at).astimezone(zone).tzname() or ""


def _written(observance: Observance, moments: list[datetime]) -> icalendar.Component:
    kind = icalendar.TimezoneDaylight if observance.summer else icalendar.TimezoneStandard
    written = kind()
    written.add("dtstart", moments[0])
    if moments[1:]:
        written.add("rdate", moments[1:])
    written.add("tzname", observance.name)
    written.add("tzoffsetfrom", observance.before)
    written.add("tzoffsetto", observance.now)
    return written
