"""Slots, against a model that walks the minutes of the wall clock one by one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import BeyondHorizon, InThePast, NotOffered, TooSoon
from mindlyfe.therapy.domain.availability import Hours, Window
from mindlyfe.therapy.domain.slots import Busy, bookable, moment, slots

THERAPIST = PersonId(UUID(int=7))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)

CHANGES = {
    "Europe/London": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "America/Havana": [date(2026, 3, 8), date(2026, 11, 1)],
    "America/Asuncion": [date(2023, 10, 1), date(2024, 3, 24)],
    "America/St_Johns": [date(2011, 3, 13), date(2010, 11, 7)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "Asia/Kathmandu": [date(2026, 5, 1)],
    "Asia/Beirut": [date(2026, 3, 29), date(2026, 10, 25)],
    "Pacific/Apia": [date(2011, 12, 30)],
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],
    "UTC": [date(2026, 1, 1)],
}
ALWAYS = {"minutes": 60, "notice_minutes": 0, "horizon_days": 36_500}


def hours_of(zone: str, *windows: Window, **rules: int) -> Hours:
    return Hours(therapist=THERAPIST, zone=zone, windows=windows, **(ALWAYS | rules))


def clock(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


def walked(hours: Hours, busy: list[Busy], start: datetime, end: datetime) -> list[datetime]:
    """The same by brute force: minute after minute, a window is open while the latest wall time seen lies in it."""
    zone = ZoneInfo(hours.zone)
    at = start - 2 * DAY
    latest = at.astimezone(zone).replace(tzinfo=None)
    run, found, inside = 0, list[datetime](), None
    while at < end + DAY:
        latest = max(latest, at.astimezone(zone).replace(tzinfo=None))
        window = next((w for w in opened(hours, latest)), None)
        run = run + 1 if window and window == inside else int(window is not None)
        inside = window
        at += MINUTE
        if run == hours.minutes:
            found.append(at - run * MINUTE)
            run, inside = 0, window
    taken = {a + i * MINUTE for a, b in busy for i in range((b - a) // MINUTE)}
    return [s for s in found if start <= s < end and not any(s + i * MINUTE in taken for i in range(hours.minutes))]


def opened(hours: Hours, wall: datetime) -> Iterator[tuple[date, Window]]:
    minute = wall.hour * 60 + wall.minute
    for window in hours.windows:
        if window.weekday == wall.isoweekday() and window.opens <= minute < window.closes:
            yield wall.date(), window


@st.composite
def rules(draw: st.DrawFn) -> tuple[Hours, date]:
    """Hours, and a day at which their zone changes its clocks."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    day = draw(st.sampled_from(CHANGES[zone]))
    windows = list[Window]()
    for weekday in draw(st.sets(st.sampled_from([(day + i * DAY).isoweekday() for i in (-1, 0, 1)]), min_size=1)):
        edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
        windows += [
            Window(weekday=weekday, opens=15 * a, closes=15 * b) for a, b in zip(edges[::2], edges[1::2], strict=False)
        ]
    minutes = draw(st.sampled_from([5, 20, 25, 30, 45, 50, 60, 90]))
    return hours_of(zone, *sorted(windows), minutes=minutes), day


@given(rules(), st.lists(st.tuples(st.integers(-900, 2000), st.integers(1, 240)), max_size=6))
@settings(max_examples=150, deadline=None)
def test_slots_are_those_of_the_minute_by_minute_model(
    ruled: tuple[Hours, date], meetings: list[tuple[int, int]]
) -> None:
    hours, day = ruled
    noon = datetime.combine(day, time(12), UTC)
    busy = sorted((noon + at * MINUTE, noon + (at + length) * MINUTE) for at, length in meetings)
    start, end = noon - 30 * timedelta(hours=1), noon + 30 * timedelta(hours=1)
    assert slots(hours, busy, start, end, LONG_AGO) == walked(hours, busy, start, end)


@given(rules())
@settings(max_examples=150, deadline=None)
def test_no_slot_overlaps_another_and_each_is_bookable(ruled: tuple[Hours, date]) -> None:
    hours, day = ruled
    noon = datetime.combine(day, time(12), UTC)
    found = slots(hours, (), noon - 2 * DAY, noon + 2 * DAY, LONG_AGO)
    assert all(a + hours.length <= b for a, b in pairwise(found))
    for at in found:
        assert bookable(hours, at, LONG_AGO) == at
        with pytest.raises(NotOffered):
            bookable(hours, at + MINUTE, LONG_AGO)


@given(st.sampled_from(sorted(CHANGES)), st.integers(-3, 3), st.integers(0, 1440), st.integers(0, 1440))
def test_moments_are_in_the_order_of_the_wall_clock(zone: str, shift: int, one: int, other: int) -> None:
    day = CHANGES[zone][0] + shift * DAY
    low, high = sorted((one, other))
    assert moment(day, low, ZoneInfo(zone)) <= moment(day, high, ZoneInfo(zone))
    assert moment(day, 1440, ZoneInfo(zone)) == moment(day + DAY, 0, ZoneInfo(zone))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def test_a_spring_gap_shortens_the_window() -> None:
    hours, day = hours_of("Europe/London", Window(weekday=7, opens=0, closes=clock(4))), date(2026, 3, 29)
    assert slots(hours, (), at(day, 0), at(day, 12), LONG_AGO) == [at(day, 0), at(day, 1), at(day, 2)]


def test_a_window_inside_the_gap_offers_nothing() -> None:
    hours, day = hours_of("Europe/London", Window(weekday=7, opens=clock(1), closes=clock(2))), date(2026, 3, 29)
    assert slots(hours, (), at(day, 0), at(day, 12), LONG_AGO) == []
    assert len(slots(hours, (), at(day, 0) + 7 * DAY, at(day, 12) + 7 * DAY, LONG_AGO)) == 1


def test_an_autumn_fold_lengthens_the_window() -> None:
    hours, day = hours_of("Europe/London", Window(weekday=7, opens=clock(1), closes=clock(3))), date(2026, 10, 25)
    assert slots(hours, (), at(day, 0), at(day, 12), LONG_AGO) == [at(day, 0), at(day, 1), at(day, 2)]


def test_half_an_hour_is_repeated_on_lord_howe() -> None:
    hours, day = hours_of("Australia/Lord_Howe", Window(weekday=7, opens=0, closes=clock(3))), date(2026, 4, 5)
    found = slots(hours, (), at(day - DAY, 0), at(day, 12), LONG_AGO)
    assert found == [at(day - DAY, 13), at(day - DAY, 14), at(day - DAY, 15)]


def test_the_day_that_samoa_skipped_offers_nothing() -> None:
    hours = hours_of("Pacific/Apia", Window(weekday=5, opens=0, closes=1440))
    assert slots(hours, (), at(date(2011, 12, 28), 0), at(date(2012, 1, 2), 0), LONG_AGO) == []


def test_notice_and_horizon_bound_the_search() -> None:
    hours = hours_of(
        "UTC", *[Window(weekday=d, opens=0, closes=1440) for d in range(1, 8)], notice_minutes=90, horizon_days=1
    )
    now = at(date(2026, 6, 1), 0)
    found = slots(hours, (), now - DAY, datetime.max.replace(tzinfo=UTC), now)
    assert (found[0], found[-1], len(found)) == (now + timedelta(hours=2), now + timedelta(hours=23), 22)


def test_a_start_is_refused_for_a_reason() -> None:
    hours = hours_of("UTC", Window(weekday=1, opens=0, closes=1440), notice_minutes=90, horizon_days=10)
    now = at(date(2026, 6, 1), 0)
    assert bookable(hours, now + timedelta(hours=2), now) == now + timedelta(hours=2)
    for starts_at, refusal in {
        now - MINUTE: InThePast,
        datetime.min.replace(tzinfo=UTC): InThePast,
        now + timedelta(hours=1): TooSoon,
        now + 14 * DAY: BeyondHorizon,
        datetime.max.replace(tzinfo=UTC): BeyondHorizon,
        now + DAY: NotOffered,
        now + timedelta(hours=2, microseconds=1): NotOffered,
        now + timedelta(hours=2) - timedelta(microseconds=1): NotOffered,
    }.items():
        with pytest.raises(refusal):
            bookable(hours, starts_at, now)
