"""The slots that schedules give and nothing takes, exact when clocks change. Pure; in seconds since 1970, UTC."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol, get_args

import msgspec

from mindlyfe.therapy.contract import RoomId, ScheduleId
from mindlyfe.therapy.contract.availability import Lack
from mindlyfe.therapy.domain.availability import Availability, Otherwise, Schedule, TimeOff, Window, zone_of
from mindlyfe.therapy.domain.clocks import DAY_S, SECOND, clocks_of, instant, numbered, seconds, weekday

type Stretch = tuple[int, int]
"""From … until before …"""
LACKS: Final[tuple[Lack, ...]] = get_args(Lack.__value__)


class Takes(Protocol):
    """What says how long an appointment is, what is kept free around it, and in which room it is."""

    @property
    def minutes(self) -> int: ...
    @property
    def before_minutes(self) -> int: ...
    @property
    def after_minutes(self) -> int: ...
    @property
    def room(self) -> RoomId | None: ...


class Engaged(msgspec.Struct, frozen=True, kw_only=True):
    """What takes a therapist's time, as far as a search can touch it."""

    held: Sequence[Stretch] = ()
    """Appointments, each with what is kept free around it."""
    starts: Sequence[int] = ()
    """When those appointments start: the limits count them."""
    busy: Sequence[Stretch] = ()
    """Times imported from calendars elsewhere."""
    rooms: Mapping[RoomId, Sequence[Stretch]] = MappingProxyType({})
    """When rooms of the therapist's schedules are in use, by whomever."""

    def besides(self, at: int, taken: Takes) -> "Engaged":
        """The same with one more appointment, which starts `at` a time."""
        ends, rooms = at + taken.minutes * 60, dict(self.rooms)
        if taken.room is not None:
            rooms[taken.room] = [*rooms.get(taken.room, ()), (at, ends)]
        held = (at - taken.before_minutes * 60, ends + taken.after_minutes * 60)
        return msgspec.structs.replace(self, held=[*self.held, held], starts=[*self.starts, at], rooms=rooms)


FREE: Final = Engaged()


class Search(msgspec.Struct, frozen=True):
    """Looks for starts from `since` until before `until`, as things stand `now`."""

    since: int
    until: int
    now: int

    def within(self, schedule: Schedule) -> Stretch:
        """The part that notice and horizon leave; empty when it ends before it starts."""
        earliest = self.now + schedule.notice_minutes * 60
        return max(self.since, earliest), min(self.until, self.now + schedule.horizon_days * DAY_S)


def search(start: datetime, end: datetime, now: datetime) -> Search:
    """Starts in [start, end)."""
    return Search(seconds(start), seconds(end), seconds(now))


def free(availability: Availability, engaged: Engaged, wanted: Search) -> list[tuple[int, Schedule]]:
    """The free starts of all schedules, soonest first, with the one that offers each."""
    found = [
        (at, schedule) for schedule in availability.schedules for at in starts(schedule, availability, engaged, wanted)
    ]
    if len(availability.schedules) > 1:
        found.sort(key=lambda one: one[0])
    return found


def starts(schedule: Schedule, availability: Availability, engaged: Engaged, wanted: Search) -> list[int]:
    """The free starts of one schedule, soonest first."""
    since, until = wanted.within(schedule)
    if since >= until:
        return []
    blocked = merged(_blocked(schedule, availability.time_off, engaged, since, until))
    found: list[int] = []
    for offered in _left(openings(schedule, since, until), blocked):
        found.extend(offered)
    return found


def lack(schedule: Schedule, availability: Availability, engaged: Engaged, start: datetime, now: datetime) -> Lack:
    """Why the schedule does not give this start; asked when it is not given."""
    if start < now + schedule.notice:
        return "in-the-past" if start < now else "too-soon"
    if start >= now + schedule.horizon:
        return "beyond-horizon"
    at = seconds(start)
    if instant(at) != start or not any(at in offered for offered in openings(schedule, at, at + 1)):
        return "not-offered"
    ends = at + schedule.minutes * 60
    if any(a < ends and at < b for a, b, _ in absences(availability.time_off, at, ends)):
        return "away"
    return "full" if any(a <= at < b for a, b in _full(schedule, engaged.starts)) else "taken"


def offering(
    availability: Availability, engaged: Engaged, start: datetime, now: datetime, wanted: ScheduleId | None = None
) -> Schedule | Lack:
    """The schedule that gives this very start, of all or the `wanted` one; or what it lacks, at the best of them."""
    asked = [each for each in availability.schedules if wanted in {None, each.id}]
    lacks: list[Lack] = ["not-offered"]
    for schedule in asked:
        found = lack(schedule, availability, engaged, start, now)
        if found == "taken" and starts(schedule, availability, engaged, search(start, start + SECOND, now)):
            return schedule
        lacks.append(found)
    return max(lacks[1:] or lacks, key=LACKS.index)


def openings(schedule: Schedule, since: int, until: int) -> Iterator[range]:
    """Every start in [since, until), free or not: a range for each window, in order."""
    clocks = clocks_of(zone_of(schedule.zone))
    weekly, days = _by_weekday(schedule.windows), _by_day(schedule.days)
    step, length = (schedule.step_minutes or schedule.minutes) * 60, schedule.minutes * 60
    # One day more on either side: where clocks go back over midnight, a date comes twice.
    for day in range(clocks.day_of(since) - 1, clocks.day_of(until) + 2):
        windows = days.get(day) if day in days else weekly[weekday(day)]
        if not windows:
            continue
        begins = clocks.steady(day)
        for opens, closes in windows:
            if begins is None:
                first, last = clocks.moment(day, opens), clocks.moment(day, closes) - length
            else:
                first, last = begins + opens * 60, begins + closes * 60 - length
            if first < since:
                first += -((first - since) // step) * step
            if last >= until:
                last = until - 1
            if first <= last:
                yield range(first, last + 1, step)


def absences(time_off: Iterable[TimeOff], since: int, until: int) -> Iterator[tuple[int, int, TimeOff]]:
    """The times off that touch [since, until), from … until before …, cut some days around it."""
    for each in time_off:
        clocks = clocks_of(zone_of(each.zone))
        earliest, latest = since // DAY_S - 2, until // DAY_S + 2
        first, last = numbered(each.first), numbered(each.last)
        if last < earliest or first > latest:
            continue
        begins = clocks.moment(first, each.opens) if first >= earliest else earliest * DAY_S
        ends = clocks.moment(last, each.closes) if last <= latest else latest * DAY_S
        if begins < until and ends > since:
            yield begins, ends, each


def _blocked(
    schedule: Schedule, time_off: Sequence[TimeOff], engaged: Engaged, since: int, until: int
) -> Iterator[Stretch]:
    """Where no slot may start. Buffers keep clear of what is taken, not of the edge of hours or of time off."""
    length = schedule.minutes * 60
    lead, tail = length + schedule.after_minutes * 60, schedule.before_minutes * 60
    for taken in (engaged.held, engaged.busy):
        for begins, ends in taken:
            if ends + tail > since and begins - lead < until:
                yield begins - lead + 1, ends + tail
    for begins, ends in engaged.rooms.get(schedule.room, ()) if schedule.room else ():
        yield begins - length + 1, ends
    for begins, ends, _ in absences(time_off, since, until + length):
        yield begins - length + 1, ends
    yield from _full(schedule, engaged.starts)


def _full(schedule: Schedule, booked: Sequence[int]) -> Iterator[Stretch]:
    """The days and weeks that have as many appointments as the schedule allows."""
    if schedule.per_day is None and schedule.per_week is None:
        return
    clocks = clocks_of(zone_of(schedule.zone))
    for most, size in ((schedule.per_day, 1), (schedule.per_week, 7)):
        if most is not None:
            counted = Counter(first_day(clocks.day_of(at), size) for at in booked)
            for day, count in counted.items():
                if count >= most:
                    yield clocks.moment(day, 0), clocks.moment(day + size, 0)


def first_day(day: int, size: int) -> int:
    """Of the day itself, or of its week from Monday."""
    return day if size == 1 else day - weekday(day)


def merged(blocked: Iterable[Stretch]) -> list[Stretch]:
    """In order, none touching another."""
    found: list[Stretch] = []
    for begins, ends in sorted(blocked):
        if found and begins <= found[-1][1]:
            if ends > found[-1][1]:
                found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def _left(offered: Iterable[range], blocked: Sequence[Stretch]) -> Iterator[range]:
    """What is left of ranges in order when stretches in order are cut out."""
    if not blocked:
        yield from offered
        return
    number, count = 0, len(blocked)
    for one in offered:
        first, last, step = one.start, one.stop - 1, one.step
        while number < count and blocked[number][1] <= first:
            number += 1
        at = number
        while first <= last and at < count and blocked[at][0] <= last:
            begins, ends = blocked[at]
            if first < begins:
                yield range(first, begins, step)
            if first < ends:
                first += -((first - ends) // step) * step
            at += 1
        if first <= last:
            yield range(first, last + 1, step)


@lru_cache(maxsize=4096)
def _by_weekday(windows: tuple[Window, ...]) -> tuple[tuple[Stretch, ...], ...]:
    return tuple(tuple((w.opens, w.closes) for w in windows if w.weekday == number) for number in range(1, 8))


def _by_day(days: Sequence[Otherwise]) -> dict[int, tuple[Stretch, ...]]:
    return {numbered(each.day): each.hours for each in days}
