"""Slots, against the model that walks the minutes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.therapy.domain.walking import (
    CHANGES,
    DAY,
    LONG_AGO,
    MINUTE,
    available,
    engaged,
    schedule_of,
    schedules,
    times_off,
    walked,
)

from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.contract.availability import Lack
from mindlyfe.therapy.domain.availability import Availability, Otherwise, Schedule, Window
from mindlyfe.therapy.domain.booking import REFUSED
from mindlyfe.therapy.domain.clocks import instant
from mindlyfe.therapy.domain.slots import FREE, LACKS, Engaged, free, lack, offering, search

ALL_DAY = [Window(weekday=d, opens=0, closes=1440) for d in range(1, 8)]


def found(
    availability: Availability, taken: Engaged, start: datetime, end: datetime, now: datetime
) -> list[tuple[datetime, int]]:
    numbers = {each.id: number for number, each in enumerate(availability.schedules)}
    return [(instant(at), numbers[each.id]) for at, each in free(availability, taken, search(start, end, now))]


def starts(schedule: Schedule, start: datetime, end: datetime, taken: Engaged = FREE) -> list[datetime]:
    return [at for at, _ in found(available(schedule), taken, start, end, LONG_AGO)]


@st.composite
def clinics(draw: st.DrawFn) -> tuple[Availability, date]:
    """One or two schedules in zones of their own, and a day at which the first one's zone changes its clocks."""
    zone, other = (draw(st.sampled_from(sorted(CHANGES))) for _ in range(2))
    day = draw(st.sampled_from(CHANGES[zone]))
    offered = [draw(schedules(zone, day))]
    if draw(st.booleans()):
        offered.append(draw(schedules(other, day, number=2)))
    return available(*offered, time_off=draw(st.lists(times_off(day), max_size=2))), day


meetings = st.lists(st.tuples(st.integers(-900, 2000), st.integers(1, 240)), max_size=6)


@given(clinics(), meetings, meetings)
@settings(max_examples=120, deadline=None)
def test_slots_are_those_of_the_minute_by_minute_model(
    clinic: tuple[Availability, date], held: list[tuple[int, int]], busy: list[tuple[int, int]]
) -> None:
    availability, day = clinic
    noon = datetime.combine(day, time(12), UTC)
    taken = engaged(*(sorted((noon + a * MINUTE, noon + (a + n) * MINUTE) for a, n in each) for each in (held, busy)))
    start, end = noon - timedelta(hours=30), noon + timedelta(hours=30)
    assert found(availability, taken, start, end, LONG_AGO) == walked(availability, taken, start, end, LONG_AGO)


@given(clinics(), st.integers(-2000, 2000), st.integers(0, 900), st.integers(1, 2))
@settings(max_examples=40, deadline=None)
def test_notice_and_horizon_are_those_of_the_model(
    clinic: tuple[Availability, date], now_at: int, notice: int, horizon: int
) -> None:
    availability, day = clinic
    noon = datetime.combine(day, time(12), UTC)
    rules = [
        schedule_of(each.zone, *each.windows, id=each.id, notice_minutes=notice, horizon_days=horizon)
        for each in availability.schedules
    ]
    now, start, end = noon + now_at * MINUTE, noon - timedelta(hours=30), noon + timedelta(hours=30)
    assert found(available(*rules), FREE, start, end, now) == walked(available(*rules), FREE, start, end, now)


@given(clinics(), meetings)
@settings(max_examples=80, deadline=None)
def test_a_start_is_given_exactly_when_the_search_shows_it(
    clinic: tuple[Availability, date], held: list[tuple[int, int]]
) -> None:
    availability, day = clinic
    noon = datetime.combine(day, time(12), UTC)
    taken = engaged(sorted((noon + a * MINUTE, noon + (a + n) * MINUTE) for a, n in held))
    shown = found(availability, taken, noon - DAY, noon + DAY, LONG_AGO)
    ids = [each.id for each in availability.schedules]
    for at, number in shown:
        given_by = offering(availability, taken, at, LONG_AGO, ids[number])
        assert isinstance(given_by, Schedule)
        assert given_by.id == ids[number]
        second = offering(availability, taken, at + timedelta(seconds=1), LONG_AGO, ids[number])
        assert second == "not-offered"
    for minute in range(-600, 600, 45):
        at = noon + minute * MINUTE
        is_given = isinstance(offering(availability, taken, at, LONG_AGO), Schedule)
        assert is_given == any(at == other for other, _ in shown)


@given(clinics())
@settings(max_examples=60, deadline=None)
def test_without_a_step_of_its_own_no_slot_of_a_schedule_overlaps_another(clinic: tuple[Availability, date]) -> None:
    availability, day = clinic
    noon = datetime.combine(day, time(12), UTC)
    for schedule in availability.schedules:
        if schedule.step_minutes is None:
            shown = starts(schedule, noon - 2 * DAY, noon + 2 * DAY)
            assert all(a + schedule.minutes * MINUTE <= b for a, b in pairwise(shown))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def test_a_spring_gap_shortens_the_window() -> None:
    schedule, day = schedule_of("Europe/London", Window(weekday=7, opens=0, closes=240)), date(2026, 3, 29)
    assert starts(schedule, at(day, 0), at(day, 12)) == [at(day, 0), at(day, 1), at(day, 2)]


def test_a_window_inside_the_gap_offers_nothing() -> None:
    schedule, day = schedule_of("Europe/London", Window(weekday=7, opens=60, closes=120)), date(2026, 3, 29)
    assert starts(schedule, at(day, 0), at(day, 12)) == []
    assert len(starts(schedule, at(day, 0) + 7 * DAY, at(day, 12) + 7 * DAY)) == 1


def test_an_autumn_fold_lengthens_the_window() -> None:
    schedule, day = schedule_of("Europe/London", Window(weekday=7, opens=60, closes=180)), date(2026, 10, 25)
    assert starts(schedule, at(day, 0), at(day, 12)) == [at(day, 0), at(day, 1), at(day, 2)]


def test_half_an_hour_is_repeated_on_lord_howe() -> None:
    schedule, day = schedule_of("Australia/Lord_Howe", Window(weekday=7, opens=0, closes=180)), date(2026, 4, 5)
    shown = starts(schedule, at(day - DAY, 0), at(day, 12))
    assert shown == [at(day - DAY, 13), at(day - DAY, 14), at(day - DAY, 15)]


def test_the_day_that_samoa_skipped_offers_nothing() -> None:
    schedule = schedule_of("Pacific/Apia", Window(weekday=5, opens=0, closes=1440))
    assert starts(schedule, at(date(2011, 12, 28), 0), at(date(2012, 1, 2), 0)) == []


def test_buffers_keep_clear_of_appointments_and_not_of_the_edge_of_the_hours() -> None:
    day = date(2026, 6, 1)
    schedule = schedule_of("UTC", Window(weekday=1, opens=540, closes=840), before_minutes=10, after_minutes=20)
    taken = engaged(held=[(at(day, 11), at(day, 12))])
    assert starts(schedule, at(day, 0), at(day, 23)) == [at(day, hour) for hour in range(9, 14)]
    assert starts(schedule, at(day, 0), at(day, 23), taken) == [at(day, 9), at(day, 13)]


def test_a_date_has_hours_of_its_own_or_none() -> None:
    day = date(2026, 6, 1)
    others = (Otherwise(day=day, hours=((600, 660),)), Otherwise(day=day + DAY, hours=()))
    schedule = schedule_of("UTC", *ALL_DAY, days=others)
    assert starts(schedule, at(day, 0), at(day, 0) + 2 * DAY) == [at(day, 10)]
    assert len(starts(schedule, at(day, 0), at(day, 0) + 3 * DAY)) == 25


def test_notice_and_horizon_bound_the_search() -> None:
    schedule = schedule_of("UTC", *ALL_DAY, notice_minutes=90, horizon_days=1)
    now = at(date(2026, 6, 1), 0)
    shown = [one for one, _ in found(available(schedule), FREE, now - DAY, datetime.max.replace(tzinfo=UTC), now)]
    assert (shown[0], shown[-1], len(shown)) == (now + timedelta(hours=2), now + timedelta(hours=23), 22)


def test_a_start_lacks_what_it_lacks() -> None:
    schedule = schedule_of(
        "UTC", Window(weekday=1, opens=0, closes=1440), notice_minutes=90, horizon_days=10, per_day=1
    )
    now, two = at(date(2026, 6, 1), 0), timedelta(hours=2)
    expected: dict[datetime, Lack] = {
        now - MINUTE: "in-the-past",
        datetime.min.replace(tzinfo=UTC): "in-the-past",
        now + timedelta(hours=1): "too-soon",
        now + 14 * DAY: "beyond-horizon",
        datetime.max.replace(tzinfo=UTC): "beyond-horizon",
        now + DAY: "not-offered",
        now + two + timedelta(microseconds=1): "not-offered",
        now + two - timedelta(microseconds=1): "not-offered",
    }
    for start, why in expected.items():
        assert lack(schedule, available(schedule), FREE, start, now) == why
        assert offering(available(schedule), FREE, start, now) == why
    assert offering(available(schedule), engaged(busy=[(now + two, now + 2 * two)]), now + two, now) == "taken"
    assert offering(available(schedule), engaged(held=[(now, now + MINUTE)]), now + two, now) == "full"
    assert isinstance(offering(available(schedule), FREE, now + two, now), Schedule)


def test_the_best_of_several_schedules_answers() -> None:
    now = at(date(2026, 6, 1), 0)
    late = schedule_of("UTC", *ALL_DAY, notice_minutes=600, id=ScheduleId(UUID(int=2)))
    early = schedule_of("UTC", *ALL_DAY)
    both = available(late, early)
    assert offering(both, FREE, now + timedelta(hours=1), now) == early
    assert offering(both, FREE, now + timedelta(hours=1), now, late.id) == "too-soon"
    assert offering(both, FREE, now + timedelta(hours=1), now, ScheduleId(UUID(int=9))) == "not-offered"
    busy = engaged(busy=[(now, now + DAY)])
    assert offering(both, busy, now + timedelta(hours=1), now) == "taken"


@pytest.mark.parametrize("why", get_args(Lack.__value__))
def test_every_lack_is_a_refusal(why: Lack) -> None:
    assert why in LACKS
    assert REFUSED[why]().code
