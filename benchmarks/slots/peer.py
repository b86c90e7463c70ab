"""The same by the usual libraries: `dateutil` recurs the hours, `recurring-ical-events` the imported times."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]
from dateutil.rrule import WEEKLY, rrule

from benchmarks.slots.clinic import DAY, NOW, Therapist
from mindlyfe.therapy.domain.availability import Schedule

MINUTE = timedelta(minutes=1)


def calendar(one: Therapist) -> icalendar.Calendar:
    """The imported times as a calendar elsewhere holds them."""
    made = icalendar.Calendar()
    for number, (begins, ends) in enumerate(one[1].busy):
        event = icalendar.Event()
        event.add("uid", str(number))
        event.add("dtstart", datetime.fromtimestamp(begins, UTC))
        event.add("dtend", datetime.fromtimestamp(ends, UTC))
        made.add_component(event)
    return made


def slots(one: Therapist, elsewhere: icalendar.Calendar, start: datetime, end: datetime) -> list[datetime]:
    """The free starts, soonest first: slot after slot, each held against everything that could take it."""
    (schedule,), engaged = one[0].schedules, one[1]
    zone = ZoneInfo(schedule.zone)
    taken = [(datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for a, b in engaged.held]
    events: list[Any] = recurring_ical_events.of(elsewhere).between(start - DAY, end + DAY)
    taken += [(event["DTSTART"].dt, event["DTEND"].dt) for event in events]
    booked = [datetime.fromtimestamp(at, UTC).astimezone(zone).date() for at in engaged.starts]
    days, weeks = Counter(booked), Counter(day.isocalendar()[:2] for day in booked)
    away = [
        (_wall(datetime.combine(off.first, datetime.min.time()), off.opens, zone),
         _wall(datetime.combine(off.last, datetime.min.time()), off.closes, zone))
        for off in one[0].time_off
    ]  # fmt: skip
    length = schedule.minutes * MINUTE
    found: list[datetime] = []
    for opens, closes in _windows(schedule, zone, start, end):
        at = opens
        while at + length <= closes:
            day = at.astimezone(zone).date()
            since, until = at - schedule.before_minutes * MINUTE, at + length + schedule.after_minutes * MINUTE
            if (
                start <= at < end
                and NOW + schedule.notice <= at < NOW + schedule.horizon
                and not any(a < until and since < b for a, b in taken)
                and not any(a < at + length and at < b for a, b in away)
                and days[day] < (schedule.per_day or 1_000)
                and weeks[day.isocalendar()[:2]] < (schedule.per_week or 1_000)
            ):
                found.append(at)
            at += (schedule.step_minutes or schedule.minutes) * MINUTE
    return sorted(found)


def _windows(schedule: Schedule, zone: ZoneInfo, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    first, last = (each.astimezone(zone).replace(tzinfo=None, hour=0, minute=0) for each in (start - DAY, end + DAY))
    others = {each.day: each.hours for each in schedule.days}
    found: list[tuple[datetime, datetime]] = []
    for window in schedule.windows:
        rule: Any = rrule(WEEKLY, byweekday=window.weekday - 1, dtstart=first, until=last)
        midnights = [midnight for midnight in rule if midnight.date() not in others]
        found += [(_wall(one, window.opens, zone), _wall(one, window.closes, zone)) for one in midnights]
    for day, hours in others.items():
        midnight = datetime.combine(day, datetime.min.time())
        if first <= midnight <= last:
            found += [(_wall(midnight, opens, zone), _wall(midnight, closes, zone)) for opens, closes in hours]
    return found


def _wall(midnight: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """By day, when no clocks change: what a straightforward program does at night, too."""
    return (midnight + minute * MINUTE).replace(tzinfo=zone).astimezone(UTC)
