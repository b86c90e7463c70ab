"""A model of slots that walks the minutes one by one: slow, and nothing like the code it checks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.contract.availability import TimeOffId
from mindlyfe.therapy.domain.availability import Availability, Otherwise, Schedule, TimeOff, Window
from mindlyfe.therapy.domain.clocks import seconds
from mindlyfe.therapy.domain.slots import Engaged

THERAPIST = PersonId(UUID(int=7))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
CHANGES = {
    "Europe/London": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "America/Havana": [date(2026, 3, 8), date(2026, 11, 1)],
    "America/Asuncion": [date(2023, 10, 1), date(2024, 3, 24)],
    "America/St_Johns": [date(2011, 3, 13), date(2010, 11, 7)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "Pacific/Chatham": [date(2026, 4, 5), date(2026, 9, 27)],
    "Asia/Kolkata": [date(2026, 5, 1)],
    "Asia/Kathmandu": [date(2026, 5, 1)],
    "Asia/Beirut": [date(2026, 3, 29), date(2026, 10, 25)],
    "Pacific/Apia": [date(2011, 12, 30)],
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],
    "UTC": [date(2026, 1, 1)],
}
"""Zones, and days at which their clocks change or do something else worth a look."""


def schedule_of(zone: str, *windows: Window, **more: object) -> Schedule:
    """A schedule of hours; without more, an appointment takes an hour and can be booked at any time."""
    rules: dict[str, object] = {"minutes": 60, "notice_minutes": 0, "horizon_days": 36_500}
    given: dict[str, object] = {"id": ScheduleId(UUID(int=1)), "zone": zone, "windows": windows}
    return Schedule(**(given | rules | more))  # type: ignore[arg-type]


def available(*schedules: Schedule, time_off: Sequence[TimeOff] = ()) -> Availability:
    return Availability(therapist=THERAPIST, schedules=schedules, time_off=tuple(time_off))


def engaged(held: Sequence[tuple[datetime, datetime]] = (), busy: Sequence[tuple[datetime, datetime]] = ()) -> Engaged:
    """Appointments without room around them, and imported times."""
    return Engaged(
        held=[(seconds(a), seconds(b)) for a, b in held],
        starts=[seconds(a) for a, _ in held],
        busy=[(seconds(a), seconds(b)) for a, b in busy],
    )


class Walls:
    """The latest time that the clocks of a zone have shown, minute by minute."""

    def __init__(self, zone: str, since: datetime, until: datetime) -> None:
        self._seen: dict[datetime, datetime] = {}
        known, at = ZoneInfo(zone), since - 2 * DAY
        latest = at.astimezone(known).replace(tzinfo=None)
        while at < until:
            latest = max(latest, at.astimezone(known).replace(tzinfo=None))
            self._seen[at] = latest
            at += MINUTE

    def __getitem__(self, at: datetime) -> datetime:
        return self._seen[at]

    def __iter__(self) -> Iterator[tuple[datetime, datetime]]:
        return iter(self._seen.items())


def hours_on(schedule: Schedule, day: date) -> Sequence[tuple[int, int]]:
    for other in schedule.days:
        if other.day == day:
            return other.hours
    return [(w.opens, w.closes) for w in schedule.windows if w.weekday == day.isoweekday()]


def offered(schedule: Schedule, walls: Walls) -> Iterator[datetime]:
    """Every start, free or not."""
    runs: list[tuple[tuple[date, tuple[int, int]] | None, list[datetime]]] = []
    for at, wall in walls:
        minute = wall.hour * 60 + wall.minute
        window = next(((wall.date(), h) for h in hours_on(schedule, wall.date()) if h[0] <= minute < h[1]), None)
        if not runs or runs[-1][0] != window:
            runs.append((window, []))
        runs[-1][1].append(at)
    for window, minutes in runs:
        if window:
            last = len(minutes) - schedule.minutes
            yield from (minutes[n] for n in range(0, last + 1, schedule.step_minutes or schedule.minutes))


def walked(
    availability: Availability, taken: Engaged, start: datetime, end: datetime, now: datetime
) -> list[tuple[datetime, int]]:
    """The free starts, each with the number of its schedule."""
    found: list[tuple[datetime, int]] = []
    for number, schedule in enumerate(availability.schedules):
        walls = Walls(schedule.zone, start - 8 * DAY, end + 9 * DAY)
        blocked = _minutes([*taken.held, *taken.busy])
        gone = {at for off in availability.time_off for at in _away(off, start, end)}
        booked = [walls[datetime.fromtimestamp(at, UTC)].date() for at in taken.starts]
        days, weeks = Counter(booked), Counter(day.isocalendar()[:2] for day in booked)
        for at in offered(schedule, walls):
            day = walls[at].date()
            room = range(-schedule.before_minutes, schedule.minutes + schedule.after_minutes)
            if (
                start <= at < end
                and now + schedule.notice <= at < now + schedule.horizon
                and not any(at + n * MINUTE in blocked for n in room)
                and not any(at + n * MINUTE in gone for n in range(schedule.minutes))
                and days[day] < (schedule.per_day or 1_000)
                and weeks[day.isocalendar()[:2]] < (schedule.per_week or 1_000)
            ):
                found.append((at, number))
    return sorted(found)


def _minutes(stretches: Sequence[tuple[int, int]]) -> set[datetime]:
    return {datetime.fromtimestamp(at, UTC) for a, b in stretches for at in range(a, b, 60)}


def _away(off: TimeOff, start: datetime, end: datetime) -> Iterator[datetime]:
    begins = datetime.combine(off.first, time()) + off.opens * MINUTE
    ends = datetime.combine(off.last, time()) + off.closes * MINUTE
    for at, wall in Walls(off.zone, start, end + DAY):
        if begins <= wall < ends:
            yield at


def windows(draw: st.DrawFn, most: int = 6) -> list[tuple[int, int]]:
    """Hours of a day that do not overlap, on quarters of an hour."""
    edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=most)))
    return [(15 * a, 15 * b) for a, b in zip(edges[::2], edges[1::2], strict=False)]


@st.composite
def schedules(draw: st.DrawFn, zone: str, day: date, number: int = 1) -> Schedule:
    """A schedule that is open around a day."""
    open_on = draw(st.sets(st.sampled_from([(day + i * DAY).isoweekday() for i in (-1, 0, 1)]), min_size=1))
    weekly = [Window(weekday=w, opens=a, closes=b) for w in open_on for a, b in windows(draw)]
    others = draw(st.sets(st.sampled_from([day + i * DAY for i in (-1, 0, 1)]), max_size=2))
    closed = st.just(list[tuple[int, int]]())
    days = [Otherwise(day=d, hours=tuple(draw(closed) if draw(st.booleans()) else windows(draw, 4))) for d in others]
    buffers = st.sampled_from([0, 0, 5, 15, 40])
    return schedule_of(
        zone,
        *sorted(weekly),
        id=ScheduleId(UUID(int=number)),
        days=tuple(sorted(days)),
        minutes=draw(st.sampled_from([5, 20, 25, 30, 45, 50, 60, 90])),
        step_minutes=draw(st.sampled_from([None, None, 10, 15, 60])),
        before_minutes=draw(buffers),
        after_minutes=draw(buffers),
        per_day=draw(st.sampled_from([None, None, 1, 2])),
        per_week=draw(st.sampled_from([None, None, 2, 4])),
    )


@st.composite
def times_off(draw: st.DrawFn, day: date) -> TimeOff:
    """Away around a day, by the clocks of any zone."""
    first = day + draw(st.integers(-2, 1)) * DAY
    last = first + draw(st.integers(0, 2)) * DAY
    opens = draw(st.integers(0, 1439))
    closes = draw(st.integers(opens + 1 if first == last else 0, 1440))
    zone = draw(st.sampled_from(sorted(CHANGES)))
    id_ = TimeOffId(UUID(int=1))
    return TimeOff(id=id_, zone=zone, first=first, opens=opens, last=last, closes=closes, colleague=None)
