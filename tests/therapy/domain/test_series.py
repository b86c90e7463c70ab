"""A series: the same time by the clock each time, each occurrence as if those before it were booked."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.therapy.domain.walking import CHANGES, DAY, LONG_AGO, MINUTE, Walls, available, engaged, schedule_of

from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.domain.availability import Otherwise, Window
from mindlyfe.therapy.domain.clocks import instant
from mindlyfe.therapy.domain.series import Rhythm, occurrences, starts
from mindlyfe.therapy.domain.slots import FREE

HOUR = timedelta(hours=1)
OFFICE = [Window(weekday=d, opens=540, closes=1020) for d in range(1, 6)]
NINE = datetime(2026, 9, 28, 8, tzinfo=UTC)
"""A Monday, 09:00 in London; the clocks go back on 25 October."""


@given(st.sampled_from(sorted(CHANGES)), st.integers(0, 1439), st.integers(1, 3), st.integers(0, 3), st.integers(0, 1))
@settings(max_examples=60, deadline=None)
def test_every_start_is_the_same_time_by_the_clock_or_the_first_after(
    zone: str, minute: int, every: int, before: int, which: int
) -> None:
    day = CHANGES[zone][which % len(CHANGES[zone])]
    first = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) - (before + 4) * DAY + minute * MINUTE
    wall = first.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    found = [instant(at) for at in starts(Rhythm(first=first, every_days=every, count=5), zone)]
    assert found[0] == first
    for n, at in enumerate(found[1:], 1):
        wanted = wall + n * every * DAY
        around = wanted.replace(tzinfo=UTC)
        assert at == next(moment for moment, shown in Walls(zone, around, around + 2 * DAY) if shown >= wanted)


def test_a_series_keeps_its_time_when_clocks_change() -> None:
    schedule = schedule_of("Europe/London", *OFFICE, horizon_days=90)
    rhythm = Rhythm(first=NINE, every_days=7, count=6)
    found = occurrences(available(schedule), FREE, (), rhythm, NINE - DAY)
    assert [instant(each.at) for each in found[-3:]] == [NINE + n * 7 * DAY + (n > 3) * HOUR for n in (3, 4, 5)]
    assert {each.lacks for each in found} == {None}


def test_an_occurrence_that_is_not_free_says_why() -> None:
    closed = Otherwise(day=date(2026, 10, 5), hours=())
    schedule = schedule_of("Europe/London", *OFFICE, days=(closed,), horizon_days=40)
    taken = engaged(held=[(NINE + 14 * DAY, NINE + 14 * DAY + HOUR)])
    met = [(int((NINE + 21 * DAY).timestamp()) + 1_800, int((NINE + 21 * DAY).timestamp()) + 5_400)]
    rhythm = Rhythm(first=NINE, every_days=7, count=7)
    found = occurrences(available(schedule), taken, met, rhythm, NINE - DAY)
    assert [each.lacks for each in found] == [
        None,
        "not-offered",
        "taken",
        "you-are-busy",
        None,
        None,
        "beyond-horizon",
    ]


def test_an_occurrence_counts_for_the_next_ones() -> None:
    schedule = schedule_of("Europe/London", *OFFICE, per_week=2)
    daily = Rhythm(first=NINE, every_days=1, count=9)
    found = occurrences(available(schedule), FREE, (), daily, LONG_AGO)
    assert [each.lacks for each in found] == [
        *(None, None, "full", "full", "full"),
        *("not-offered", "not-offered", None, None),
    ]


def test_the_schedule_that_gives_the_first_start_gives_the_series() -> None:
    office = schedule_of("Europe/London", *OFFICE)
    evening = schedule_of("Europe/London", Window(weekday=1, opens=1080, closes=1200), id=ScheduleId(UUID(int=2)))
    both, rhythm = available(office, evening), Rhythm(first=NINE + 9 * HOUR, every_days=7, count=2)
    assert {each.schedule for each in occurrences(both, FREE, (), rhythm, LONG_AGO)} == {evening}
    forced = occurrences(both, FREE, (), rhythm, LONG_AGO, wanted=office.id)
    assert [(each.schedule, each.lacks) for each in forced] == [(office, "not-offered")] * 2
