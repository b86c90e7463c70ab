"""When mail may be sent, by the wall clock of its reader, and under which name."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.contract.profiles import BestHours
from mindlyfe.notifications.contract import Kind
from mindlyfe.notifications.domain.reaching import COURTESIES, UNHURRIED, moment_to_send, sender_name

AT_ONCE = {
    "safety-task",
    "address-verification",
    "registration-repeated",
    "staff-invitation",
    "patient-invitation",
    "recovery",
    "password-changed",
    "factors-changed",
    "address-change",
    "address-change-notice",
    "address-changed",
    "address-in-use",
    "break-glass-used",
    "accounts-merged",
    "account-merged-away",
    "erasure-carried-out",
}
"""What guards an account or a record, what somebody waits for at the screen, and what can be said only now."""
MORNING = BestHours(from_="10:00", to="12:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_each_kind_was_thought_about() -> None:
    assert not AT_ONCE & UNHURRIED
    assert set(get_args(Kind.__value__)) == AT_ONCE | UNHURRIED
    assert not COURTESIES & AT_ONCE - {"erasure-carried-out", "safety-task"}


@pytest.mark.parametrize(
    ("now", "zone", "sent"),
    [
        # before, within, at the end (which is outside), after
        ("2026-11-25T09:59:59+00:00", "Europe/London", "2026-11-25T10:00:00+00:00"),
        ("2026-11-25T10:00:00+00:00", "Europe/London", "2026-11-25T10:00:00+00:00"),
        ("2026-11-25T11:59:59+00:00", "Europe/London", "2026-11-25T11:59:59+00:00"),
        ("2026-11-25T12:00:00+00:00", "Europe/London", "2026-11-26T10:00:00+00:00"),
        # the wall clock is the reader's: Kathmandu is 5 h 45 min ahead
        ("2026-11-25T09:00:00+00:00", "Asia/Kathmandu", "2026-11-26T04:15:00+00:00"),
        ("2026-11-25T05:00:00+00:00", "Asia/Kathmandu", "2026-11-25T05:00:00+00:00"),
        # summer time begins and ends between now and then
        ("2026-03-28T13:00:00+00:00", "Europe/London", "2026-03-29T09:00:00+00:00"),
        ("2026-10-24T13:00:00+01:00", "Europe/London", "2026-10-25T10:00:00+00:00"),
        ("2026-03-07T13:00:00-05:00", "America/New_York", "2026-03-08T14:00:00+00:00"),
    ],
)
def test_ten_to_twelve(now: str, zone: str, sent: str) -> None:
    assert moment_to_send(at(now), [MORNING], zone) == at(sent)


@pytest.mark.parametrize(
    ("window", "now", "sent"),
    [
        # 01:15 is left out on 29 March 2026, so it is a week later
        (BestHours(from_="01:15", to="01:45", weekdays=frozenset({7})), "2026-03-28T12:00Z", "2026-04-05T00:15Z"),
        # only its first half is left out
        (BestHours(from_="01:30", to="03:00", weekdays=frozenset({7})), "2026-03-28T12:00Z", "2026-03-29T01:30Z"),
        # 01:15 comes twice on 25 October: the first, and for who missed it the second
        (BestHours(from_="01:15", to="01:45"), "2026-10-24T23:00Z", "2026-10-25T00:15Z"),
        (BestHours(from_="01:15", to="01:45"), "2026-10-25T00:50Z", "2026-10-25T01:15Z"),
        # until midnight, and on one day of the week
        (BestHours(from_="22:00", to="24:00"), "2026-11-25T23:59:59Z", "2026-11-25T23:59:59Z"),
        (BestHours(from_="09:00", to="10:00", weekdays=frozenset({1})), "2026-11-25T09:30Z", "2026-11-30T09:00Z"),
    ],
)
def test_edges_of_days_and_clocks(window: BestHours, now: str, sent: str) -> None:
    assert moment_to_send(at(now), [window], "Europe/London") == at(sent)


def test_the_nearest_of_several() -> None:
    evening = BestHours(from_="18:00", to="19:00", weekdays=frozenset({3}))
    assert moment_to_send(at("2026-11-25T13:00Z"), [MORNING, evening], "Europe/London") == at("2026-11-25T18:00Z")


def test_without_hours_it_is_now() -> None:
    assert moment_to_send(at("2026-11-25T03:00Z"), [], "Europe/London") == at("2026-11-25T03:00Z")


def test_what_would_come_too_late_does_not_wait() -> None:
    now, hours = at("2026-11-25T13:00Z"), [MORNING]
    assert moment_to_send(now, hours, "Europe/London", before=at("2026-11-26T10:00Z")) == now
    assert moment_to_send(now, hours, "Europe/London", before=at("2026-11-26T10:01Z")) == at("2026-11-26T10:00Z")


@st.composite
def windows(draw: st.DrawFn) -> BestHours:
    start = draw(st.integers(0, 1438))
    end = draw(st.integers(start + 1, 1440))
    days = draw(st.frozensets(st.integers(1, 7)))
    return BestHours(from_=f"{start // 60:02}:{start % 60:02}", to=f"{end // 60:02}:{end % 60:02}", weekdays=days)


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - naive bounds
    hours=st.lists(windows(), min_size=1, max_size=3),
    zone=st.sampled_from(["Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_it_is_always_within_the_hours_and_never_skips_a_day_of_them(
    now: datetime, hours: list[BestHours], zone: str
) -> None:
    sent = moment_to_send(now, hours, zone)
    local = sent.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M}"
    assert any(
        one.from_ <= clock < one.to and (not one.weekdays or local.isoweekday() in one.weekdays) for one in hours
    )
    assert now <= sent <= now + timedelta(days=15)
    if any(not one.weekdays for one in hours):
        assert sent <= now + timedelta(hours=49)


@pytest.mark.parametrize(
    ("chosen", "discreet", "shown"),
    [("Sam", True, "Sam"), ("Sam", False, "Sam"), ("", True, ""), ("", False, "Harbour Clinic")],
)
def test_the_clinic_is_named_only_to_who_wants_it(chosen: str, discreet: bool, shown: str) -> None:
    assert sender_name(chosen, discreet=discreet, clinic="Harbour\n Clinic") == shown
