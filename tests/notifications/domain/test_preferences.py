"""Three levels of preference, and quiet hours by the clock of a zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindlyfe.notifications.contract import Channel
from mindlyfe.notifications.contract.workflows import ChannelWishes, QuietHours, WorkflowWishes
from mindlyfe.notifications.domain.preferences import NONE, Preferences, quiet_until, wanted

READY: frozenset[Channel] = frozenset({"email", "sms", "in-app"})
ON: frozenset[Channel] = frozenset({"email"})


def channels(preferences: Preferences, *, critical: bool = False) -> set[str]:
    return set(wanted(preferences, "appointment-reminder", on=ON, critical=critical, ready=READY))


def only(**wishes: bool) -> tuple[WorkflowWishes, ...]:
    return (WorkflowWishes(workflow="appointment-reminder", channels=ChannelWishes(**wishes)),)


def test_the_narrower_word_holds() -> None:
    assert channels(NONE) == {"email"}
    assert channels(Preferences(channels=ChannelWishes(email=False, sms=True))) == {"sms"}
    both = Preferences(channels=ChannelWishes(email=False), workflows=only(email=True))
    assert channels(both) == {"email"}
    off = Preferences(channels=ChannelWishes(sms=True), workflows=only(email=False, sms=False))
    assert channels(off) == set()


def test_what_is_critical_asks_nobody_and_what_is_not_there_is_not_used() -> None:
    assert channels(Preferences(channels=ChannelWishes(email=False)), critical=True) == READY
    assert channels(Preferences(channels=ChannelWishes(push=True))) == {"email"}


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-12-01T21:59Z", "2026-12-01T21:59Z"),
        ("2026-12-01T22:00Z", "2026-12-02T07:00Z"),
        ("2026-12-02T06:59Z", "2026-12-02T07:00Z"),
        ("2026-12-02T07:00Z", "2026-12-02T07:00Z"),
        ("2026-12-05T06:00Z", "2026-12-05T10:00Z"),
    ],
)
def test_quiet_hours_over_midnight_and_one_after_the_other(now: str, until: str) -> None:
    """At night; and on Saturdays until ten."""
    quiet = (QuietHours(from_="22:00", to="07:00"), QuietHours(from_="06:30", to="10:00", weekdays=frozenset({6})))
    assert quiet_until(datetime.fromisoformat(now), quiet, "Europe/London") == datetime.fromisoformat(until)


def test_the_night_of_a_weekday_goes_on_into_the_next_day() -> None:
    monday = (QuietHours(from_="22:00", to="07:00", weekdays=frozenset({1})),)
    tuesday = datetime(2026, 12, 1, 3, tzinfo=UTC)
    assert quiet_until(tuesday, monday, "UTC") == tuesday + timedelta(hours=4)
    assert quiet_until(tuesday + timedelta(days=1), monday, "UTC") == tuesday + timedelta(days=1)


def test_who_is_never_to_be_disturbed() -> None:
    always = (QuietHours(from_="00:00", to="24:00"),)
    assert quiet_until(datetime(2026, 12, 1, tzinfo=UTC), always, "UTC") is None


clocks = st.tuples(st.integers(0, 23), st.sampled_from([0, 30])).map(lambda hm: f"{hm[0]:02}:{hm[1]:02}")
windows = st.builds(QuietHours, from_=clocks, to=clocks, weekdays=st.frozensets(st.integers(1, 7), max_size=3)).filter(
    lambda window: window.from_ != window.to
)


def quiet_at(moment: datetime, quiet: list[QuietHours], zone: str) -> bool:
    """By the book: each window, from the day on which it begins, read off the clock on the wall."""
    local = moment.astimezone(ZoneInfo(zone))
    clock, today, yesterday = f"{local:%H:%M}", local.isoweekday(), (local - timedelta(days=1)).isoweekday()
    for w in quiet:
        over = w.to < w.from_
        days = w.weekdays or frozenset(range(1, 8))
        if today in days and w.from_ <= clock and (over or clock < w.to):
            return True
        if over and clock < w.to and yesterday in days:
            return True
    return False


@given(
    st.lists(windows, max_size=3),
    st.integers(0, 7 * 48).map(lambda halves: datetime(2026, 10, 22, tzinfo=UTC) + timedelta(minutes=30 * halves)),
    st.sampled_from(["Europe/London", "Asia/Kathmandu", "America/New_York"]),
)
@settings(max_examples=400, deadline=None)
def test_it_ends_at_the_first_moment_that_is_not_quiet(quiet: list[QuietHours], now: datetime, zone: str) -> None:
    found = quiet_until(now, quiet, zone)
    if found is None:
        return
    assert not quiet_at(found, quiet, zone)
    moment = now
    while moment < found:
        assert quiet_at(moment, quiet, zone)
        moment += timedelta(minutes=15)
