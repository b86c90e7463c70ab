"""What is written as iCalendar says, to two libraries that read it, the instants of our own calendar."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.therapy.domain.walking import CHANGES, DAY, MINUTE

from mindlyfe.therapy.adapters.writing import feed, invitation, uid
from mindlyfe.therapy.domain.clocks import instant
from mindlyfe.therapy.domain.line import Line, Member, Occurrence, Parties
from mindlyfe.therapy.domain.series import Rhythm, starts

SERIES = UUID(int=99)
AT = datetime(2026, 3, 25, 9, tzinfo=UTC)
LONDON = "Europe/London"
PARTIES = Parties(organizer="no-reply@clinic.example", attendee="amina@example.org")
ZONES = sorted(CHANGES.keys() - {"Pacific/Apia"})
"""Apia left a whole day out in 2011: no zone of Python's is set by so much, and no readers agree on a rule over it."""
type Said = tuple[datetime, int, str]


def line(starts_at: datetime = AT, number: int = 1, zone: str = LONDON, **more: object) -> Line:
    values: dict[str, object] = {
        "id": UUID(int=number),
        "starts_at": starts_at,
        "minutes": 50,
        "zone": zone,
        "status": "CONFIRMED",
        "sequence": 0,
        "updated_at": AT,
        "summary": "Appointment",
    }
    return Line(**(values | more))  # type: ignore[arg-type]


def series(first: datetime, every_days: int, count: int, zone: str = LONDON) -> list[Line]:
    """As our own calendar gives it."""
    given_ = [instant(at) for at in starts(Rhythm(first=first, every_days=every_days, count=count), zone)]
    rule: dict[str, object] = {"series": SERIES, "first": first, "every_days": every_days, "zone": zone}
    return [
        line(at, number, zone, member=Member(number=number, original=at, **rule))  # type: ignore[arg-type]
        for number, at in enumerate(given_, 1)
    ]


def said(lines: Sequence[Line]) -> list[Said]:
    return sorted((one.starts_at, one.minutes, one.status) for one in lines)


def read(document: bytes) -> list[Said]:
    calendar = icalendar.Calendar.from_ical(document)
    since, until = datetime(2005, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    found: list[Any] = recurring_ical_events.of(calendar).between(since, until)
    return sorted(
        (_moment(one["DTSTART"]), (one["DTEND"].dt - one["DTSTART"].dt) // MINUTE, str(one["STATUS"])) for one in found
    )


def _moment(when: Any) -> datetime:
    moment: datetime = when.dt.astimezone(UTC)
    return moment


def by_its_own_zones(document: bytes) -> bytes:
    """The same document, whose zones nobody knows but from what it says of them itself."""
    own = b"Own%d-" % hash(document)  # a reader remembers zones by name
    rows = document.replace(b"\r\n ", b"").split(b"\r\n")
    return b"\r\n".join(row.replace(b"TZID=", b"TZID=" + own).replace(b"TZID:", b"TZID:" + own) for row in rows)


@st.composite
def calendars(draw: st.DrawFn) -> list[Line]:
    """A series across a change of clocks; of its occurrences some were never booked, moved, cancelled or both."""
    zone = draw(st.sampled_from(ZONES))
    day = draw(st.sampled_from(CHANGES[zone]))
    every, before = draw(st.sampled_from([1, 2, 5, 7, 14])), draw(st.integers(0, 3))
    midnight = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    first = midnight - before * every * DAY + draw(st.integers(0, 287)) * 5 * MINUTE
    booked = series(first, every, draw(st.integers(2, 9)), zone)
    there = [one for one in booked if draw(st.integers(0, 5))]
    return [_changed(draw, one) for one in there] or booked[:1]


def _changed(draw: st.DrawFn, one: Line) -> Line:
    moved = draw(st.sampled_from([0, 0, 0, 1]))
    if moved:
        later = draw(st.integers(-2_000, 2_000)) * 5 * MINUTE
        one = replace(one, starts_at=one.starts_at + later, sequence=1, minutes=draw(st.sampled_from([25, 50])))
    return replace(one, status="CANCELLED", sequence=one.sequence + 1) if not draw(st.integers(0, 4)) else one


@given(calendars())
@settings(max_examples=200, deadline=None)
def test_a_series_is_read_as_it_is(lines: list[Line]) -> None:
    document = feed(lines, name="Appointments")
    assert read(document) == said(lines)
    assert feed(list(reversed(lines)), name="Appointments") == document


@given(calendars())
@settings(max_examples=60, deadline=None)
def test_who_knows_no_zones_reads_the_same_from_what_the_document_says_of_them(lines: list[Line]) -> None:
    assert read(by_its_own_zones(feed(lines, name="Appointments"))) == said(lines)


def events(document: bytes) -> Iterator[Any]:
    yield from icalendar.Calendar.from_ical(document).walk("VEVENT")


def test_a_series_is_one_rule_with_its_exceptions_under_one_uid() -> None:
    first, missing, moved, cancelled, last = series(AT, 14, 5)
    moved = replace(moved, starts_at=moved.starts_at + DAY, sequence=1)
    cancelled = replace(cancelled, status="CANCELLED", sequence=1)
    whole, *rest = events(feed([last, moved, first, cancelled], name="Appointments"))
    assert whole["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=5;INTERVAL=2"
    assert whole["DTSTART"].to_ical() == b"20260325T090000"
    assert whole["DTSTART"].params["TZID"] == LONDON
    assert whole["EXDATE"].dts[0].dt == missing.starts_at
    assert [(str(each["STATUS"]), each["SEQUENCE"], each["RECURRENCE-ID"].dt) for each in rest] == [
        ("CONFIRMED", 1, moved.starts_at - DAY),
        ("CANCELLED", 1, cancelled.starts_at),
    ]
    assert {str(each["UID"]) for each in (whole, *rest)} == {uid(SERIES)}


def test_what_clocks_skip_stands_for_itself() -> None:
    """01:30 on the Sunday when clocks go from 01:00 to 02:00 is 02:00; no rule of walls says so to everybody."""
    sunday = datetime(2026, 3, 22, 1, 30, tzinfo=UTC)
    single, whole = sorted(events(feed(series(sunday, 7, 3), name="")), key=lambda one: "RRULE" in one)
    assert str(single["UID"]) == uid(UUID(int=2))
    assert single["DTSTART"].dt == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert whole["EXDATE"].to_ical() == b"20260329T013000"


def test_a_time_that_clocks_show_twice_is_the_one_that_is_meant() -> None:
    again = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    (one,) = events(feed([line(again)], name=""))
    assert one["DTSTART"].to_ical() == b"20261025T013000Z"


def test_a_calendar_without_appointments_is_one() -> None:
    assert read(feed([], name="Appointments")) == []


@pytest.mark.parametrize(("status", "method"), [("CONFIRMED", "REQUEST"), ("CANCELLED", "CANCEL")])
def test_an_invitation_is_for_one_occurrence_and_says_nothing_of_health(status: str, method: str) -> None:
    third = replace(series(AT, 7, 4)[2], status=status, sequence=2)
    asked, document = invitation(third, PARTIES, Occurrence(series=SERIES, original=third.starts_at))
    calendar = icalendar.Calendar.from_ical(document)
    (one,) = events(document)
    assert (asked, str(calendar["METHOD"])) == (method, method)
    assert (str(one["UID"]), one["SEQUENCE"], one["RECURRENCE-ID"].dt) == (uid(SERIES), 2, third.starts_at)
    assert (str(one["ORGANIZER"]), str(one["ATTENDEE"])) == (
        "mailto:no-reply@clinic.example",
        "mailto:amina@example.org",
    )
    assert one["ATTENDEE"].params == {"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    assert not {"DESCRIPTION", "LOCATION", "RRULE"} & one.keys()


def test_an_appointment_of_no_series_is_invited_to_by_its_own_uid() -> None:
    _, document = invitation(line(number=7), PARTIES)
    (one,) = events(document)
    assert (str(one["UID"]), one["DTSTART"].dt, one.get("RECURRENCE-ID")) == (uid(UUID(int=7)), AT, None)
    assert one["DURATION"].dt == timedelta(minutes=50)
