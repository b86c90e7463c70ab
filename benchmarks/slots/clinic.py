"""Therapists as they are: hours in several zones, other dates, time off, buffers, limits, appointments, imports."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.contract.availability import TimeOffId
from mindlyfe.therapy.domain.availability import Availability, Otherwise, Schedule, TimeOff, Window
from mindlyfe.therapy.domain.clocks import seconds
from mindlyfe.therapy.domain.slots import Engaged

NOW: Final = datetime(2026, 9, 28, 9, 17, tzinfo=UTC)
"""The clocks change within the months to come, in most of the zones, on different days."""
TODAY: Final = date(2026, 9, 28)
DAY: Final = timedelta(days=1)
ZONES: Final = ("Europe/London", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
HOUR_S: Final = 3_600

type Therapist = tuple[Availability, Engaged]


def therapists(count: int) -> list[Therapist]:
    """So many, the same ones each time."""
    rng = random.Random(4)
    return [therapist(rng, number) for number in range(count)]


def therapist(rng: random.Random, number: int) -> Therapist:
    """Four or five days a week, morning and afternoon; half the days taken; a holiday; a calendar elsewhere."""
    who, zone = PersonId(UUID(int=number + 1)), rng.choice(ZONES)
    days_open = rng.sample(range(1, 6), rng.choice((4, 5)))
    hours = ((rng.choice((480, 510, 540)), 780), (rng.choice((810, 840)), rng.choice((1020, 1080))))
    schedule = Schedule(
        id=ScheduleId(UUID(int=number + 1)),
        zone=zone,
        windows=tuple(sorted(Window(weekday=d, opens=a, closes=b) for d in days_open for a, b in hours)),
        days=tuple(_otherwise(rng, day) for day in sorted(rng.sample(range(90), 4))),
        minutes=50,
        step_minutes=rng.choice((None, 30, 15)),
        before_minutes=rng.choice((0, 5)),
        after_minutes=10,
        notice_minutes=24 * 60,
        horizon_days=90,
        per_day=rng.choice((None, 7)),
        per_week=rng.choice((None, 30)),
    )
    first = TODAY + rng.randrange(80) * DAY
    off = TimeOff(
        id=TimeOffId(UUID(int=1)),
        zone=zone,
        first=first,
        opens=0,
        last=first + rng.randrange(1, 10) * DAY,
        closes=1440,
        colleague=None,
    )
    return Availability(therapist=who, schedules=(schedule,), time_off=(off,)), _engaged(rng, schedule)


def _otherwise(rng: random.Random, shift: int) -> Otherwise:
    return Otherwise(day=TODAY + shift * DAY, hours=rng.choice(((), ((600, 900),))))


def _engaged(rng: random.Random, schedule: Schedule) -> Engaged:
    """Appointments at hours of the day that are likely, none over another, and imported times anywhere."""
    begin, room = seconds(NOW), (schedule.before_minutes * 60, 3_000 + schedule.after_minutes * 60)
    starts = sorted(
        {begin - begin % HOUR_S + (day * 24 + rng.randrange(6, 18)) * HOUR_S for day in range(69) for _ in "12"}
    )
    held = [(at - room[0], at + room[1]) for at in starts]
    busy = sorted((begin + rng.randrange(60 * 24) * HOUR_S, rng.choice((1_800, 3_600, 9_000))) for _ in range(60))
    return Engaged(held=held, starts=starts, busy=[(at, at + length) for at, length in busy])
