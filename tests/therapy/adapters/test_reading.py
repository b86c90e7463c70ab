"""Calendars as people have them, and as they should not be."""

from datetime import UTC, datetime

import pytest

from mindlyfe.therapy.adapters.reading import Task, busy_of, read
from mindlyfe.therapy.application.ports import FeedFailed
from mindlyfe.therapy.domain.clocks import instant, seconds

SINCE, UNTIL = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
TASK = Task(zone="Europe/London", all_day_busy=True, since=seconds(SINCE), until=seconds(UNTIL))
BERLIN = """BEGIN:VTIMEZONE
TZID:Berlin of ours
BEGIN:STANDARD
DTSTART:20251026T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20250330T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


def document(*events: str, before: str = "") -> bytes:
    inside = "".join(
        f"BEGIN:VEVENT\nUID:{n}@elsewhere\nDTSTAMP:20260101T000000Z\n{event}\nEND:VEVENT\n"
        for n, event in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//elsewhere//EN\n{before}{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def shown(text: bytes, task: Task = TASK) -> list[str]:
    return [f"{instant(a):%m-%d %H:%M}/{instant(b):%m-%d %H:%M}" for a, b in busy_of(text, task)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART:20261005T090000Z\nDTEND:20261005T100000Z", ["10-05 09:00/10-05 10:00"]),
        ("DTSTART:20261005T090000Z\nDURATION:PT45M", ["10-05 09:00/10-05 09:45"]),
        ("DTSTART;TZID=Europe/Berlin:20261005T090000\nDURATION:PT1H", ["10-05 07:00/10-05 08:00"]),
        ("DTSTART:20261005T090000\nDTEND:20261005T100000", ["10-05 08:00/10-05 09:00"]),
        ("DTSTART:20261025T003000\nDTEND:20261025T013000", ["10-24 23:30/10-25 01:30"]),
        ("DTSTART;VALUE=DATE:20261024\nDTEND;VALUE=DATE:20261026", ["10-23 23:00/10-26 00:00"]),
        ("DTSTART;VALUE=DATE:20261005", ["10-04 23:00/10-05 23:00"]),
        ("DTSTART:20261005T090000Z", []),
        ("DTSTART:20261005T090000Z\nDTEND:20261005T080000Z", ["10-05 08:00/10-05 09:00"]),
        ("DTSTART:20261005T090000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20261005T090000Z\nDURATION:PT1H\nSTATUS:CANCELLED", []),
        ("DTSTART:20261005T090000Z\nDURATION:PT1H\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("DTSTART:20250105T090000Z\nDURATION:PT1H", []),
        ("DTSTART:20260930T230000Z\nDURATION:PT2H", ["09-30 23:00/10-01 01:00"]),
    ],
)
def test_an_event_takes_its_time(event: str, expected: list[str]) -> None:
    assert shown(document(event)) == expected


def test_a_zone_of_the_calendars_own_is_heeded() -> None:
    event = "DTSTART;TZID=Berlin of ours:20261024T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2"
    assert shown(document(event, before=BERLIN)) == ["10-24 07:00/10-24 08:00", "10-25 08:00/10-25 09:00"]


def test_a_series_keeps_its_exceptions() -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=5\nEXDATE;TZID=Europe/London:20261019T090000"
    series = f"DTSTART;TZID=Europe/London:20261012T090000\nDURATION:PT1H\n{rule}"
    moved = (
        "RECURRENCE-ID;TZID=Europe/London:20261026T090000\nDTSTART;TZID=Europe/London:20261027T150000\nDURATION:PT2H"
    )
    both = document(series, moved).replace(b"UID:1@", b"UID:0@")
    assert shown(both) == [
        "10-12 08:00/10-12 09:00",
        "10-27 15:00/10-27 17:00",
        "11-02 09:00/11-02 10:00",
        "11-09 09:00/11-09 10:00",
    ]


def test_times_that_touch_are_one_and_whole_days_are_free_when_wanted() -> None:
    hours = ["DTSTART:20261005T090000Z\nDURATION:PT1H", "DTSTART:20261005T100000Z\nDURATION:PT1H"]
    day = "DTSTART;VALUE=DATE:20261005"
    free = Task(zone=TASK.zone, all_day_busy=False, since=TASK.since, until=TASK.until)
    assert shown(document(*hours, day), free) == ["10-05 09:00/10-05 11:00"]


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        (b"", "not-a-calendar"),
        (b"<html>Sign in</html>", "not-a-calendar"),
        (b"\xff\xfe\x00", "not-a-calendar"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "not-a-calendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "not-a-calendar"),
        (document("DTSTART:20261005T090000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY"), "too-much"),
        (document("DTSTART:20261005T090000Z\nDURATION:PT1S\nRRULE:FREQ=MINUTELY"), "too-much"),
    ],
)
def test_what_is_no_calendar_is_told(text: bytes, trouble: str) -> None:
    with pytest.raises(FeedFailed) as failed:
        busy_of(text, TASK)
    assert failed.value.trouble == trouble


async def test_it_is_read_in_a_process_of_its_own() -> None:
    text = document("DTSTART:20261005T090000Z\nDURATION:PT1H")
    found = await read(text, TASK.zone, TASK.since, TASK.until, all_day_busy=True)
    assert found == busy_of(text, TASK)
    with pytest.raises(FeedFailed, match="not-a-calendar"):
        await read(b"x", TASK.zone, TASK.since, TASK.until, all_day_busy=True)
