"""Who is offered a slot: the order, the reasons, and until when it is answered, against models of our own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.contract.waiting import WaitId, WishedTime, Wishes
from mindlyfe.therapy.domain.clocks import seconds
from mindlyfe.therapy.domain.matching import (
    TOLD,
    Candidate,
    Opening,
    Passed,
    answer_by,
    match,
    passed_over,
    ranked,
)

RUIZ, MENSAH = PersonId(UUID(int=1)), PersonId(UUID(int=2))
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
TUESDAY = datetime(2026, 6, 9, 16, tzinfo=UTC)
"""17:00 in London."""
ZONES = ("Europe/London", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca")
OPENING = Opening(
    therapist=RUIZ, schedule=ScheduleId(RUIZ), kind="video", at=seconds(TUESDAY), minutes=50, notice_minutes=0
)


def waits(number: int, **more: Any) -> Candidate:
    wishes = Wishes(zone="Europe/London", **more.pop("wishes", {}))
    id_ = UUID(int=100 + number)
    facts: dict[str, Any] = {"urgency": "routine", "since": NOW - timedelta(days=number), "patient": PersonId(id_)}
    return Candidate(wait=WaitId(id_), wishes=wishes, **facts | more)


def chosen(*candidates: Candidate) -> Candidate:
    found = match(OPENING, ranked(candidates, RUIZ), NOW)
    assert found
    return found[0]


def test_urgency_goes_before_continuity_and_that_before_time() -> None:
    longest, known = waits(9), waits(1, met=frozenset({RUIZ}))
    soon, urgent = waits(2, urgency="soon"), waits(3, urgency="urgent")
    assert chosen(longest, known, soon, urgent) == urgent
    assert chosen(longest, known, soon) == soon
    assert chosen(longest, known) == known
    assert chosen(longest, waits(1, met=frozenset({MENSAH}))) == longest, "who knows somebody else has no advantage"


def test_the_trace_names_who_came_before_and_why_not_and_nobody_after() -> None:
    first = waits(9, urgency="urgent", wishes={"kind": "on-site"})
    second, third, after = waits(8, has_offer=True), waits(7), waits(6)
    found = match(OPENING, ranked([after, third, first, second], RUIZ), NOW)
    assert found
    _, trace = found
    assert (trace.wait, trace.urgency, trace.met_before, trace.waiting) == (third.wait, "routine", False, 4)
    assert trace.passed == (
        Passed(wait=first.wait, patient=first.patient, why="other-kind"),
        Passed(wait=second.wait, patient=second.patient, why="has-an-offer"),
    )


def test_a_long_trace_is_cut_and_nobody_is_nobody() -> None:
    many = [waits(99 + number, has_offer=True) for number in range(TOLD + 5)]
    found = match(OPENING, ranked([*many, waits(1)], RUIZ), NOW)
    assert found
    assert len(found[1].passed) == TOLD
    assert match(OPENING, many, NOW) is None
    assert match(OPENING, [], NOW) is None


@pytest.mark.parametrize(
    ("why", "facts"),
    [
        ("waits-for-another", {"therapists": frozenset({MENSAH})}),
        ("other-kind", {"wishes": {"kind": "on-site"}}),
        ("has-an-offer", {"has_offer": True}),
        ("answers-none", {"unanswered": 3}),
        ("had-this-offer", {"had": frozenset({(RUIZ, OPENING.at)})}),
        ("other-dates", {"wishes": {"earliest": date(2026, 6, 10)}}),
        ("other-dates", {"wishes": {"latest": date(2026, 6, 8)}}),
        ("other-times", {"wishes": {"times": (WishedTime(weekday=2, opens="17:30", closes="20:00"),)}}),
        ("other-times", {"wishes": {"times": (WishedTime(weekday=2, opens="16:00", closes="17:49"),)}}),
        ("other-times", {"wishes": {"times": (WishedTime(weekday=3, opens="00:00", closes="24:00"),)}}),
        ("busy", {"busy": [(OPENING.at + 49 * 60, OPENING.at + 60 * 60)]}),
        ("waits-for-another", {"patient": RUIZ}),
        (None, {"busy": [(OPENING.at - 60, OPENING.at), (OPENING.at + 3000, OPENING.at + 3060)]}),
        (None, {"therapists": frozenset({RUIZ}), "unanswered": 2, "had": frozenset({(MENSAH, OPENING.at)})}),
        (None, {"wishes": {"times": (WishedTime(weekday=2, opens="17:00", closes="17:50"),), "kind": "video"}}),
        (None, {"wishes": {"earliest": date(2026, 6, 9), "latest": date(2026, 6, 9)}}),
    ],
)
def test_each_reason(why: str | None, facts: dict[str, Any]) -> None:
    assert passed_over(waits(1, **facts), OPENING, NOW) == why


def test_a_slot_of_the_next_two_days_is_for_who_wants_such() -> None:
    near = replace(OPENING, at=seconds(NOW + timedelta(hours=47)))
    assert passed_over(waits(1), near, NOW) == "short-notice"
    assert passed_over(waits(1, wishes={"short_notice": True}), near, NOW) is None
    assert passed_over(waits(1), near, NOW - timedelta(hours=1)) is None


minutes = st.integers(0, 400 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


@given(
    at=minutes,
    zone=st.sampled_from(ZONES),
    times=st.lists(st.tuples(st.integers(1, 7), st.integers(0, 23), st.integers(1, 24)), min_size=1, max_size=4),
)
def test_wished_times_are_what_the_patients_clocks_show(
    at: datetime, zone: str, times: list[tuple[int, int, int]]
) -> None:
    """Minute by minute: the whole appointment lies in one wished time, by the clocks of the zone."""
    length = 50
    wished = tuple(WishedTime(weekday=day, opens=f"{a:02}:00", closes=f"{b:02}:00") for day, a, b in times)
    candidate = waits(1, wishes={"times": wished})
    candidate = replace(candidate, wishes=replace(candidate.wishes, zone=zone))
    opening = replace(OPENING, at=seconds(at), minutes=length)
    shown = [(at + timedelta(minutes=n)).astimezone(ZoneInfo(zone)) for n in range(length)]
    if len({each.utcoffset() for each in shown}) > 1:
        return  # the clocks change meanwhile: what a window then is, the module of clocks says
    fits = any(all(one.isoweekday() == day and a <= one.hour < b for one in shown) for day, a, b in times)
    assert (passed_over(candidate, opening, at - timedelta(days=9)) is None) == fits


@given(
    now=minutes,
    ahead=st.integers(0, 60 * 60),
    stands=st.sampled_from([1, 20, 240, 2_880]),
    notice=st.sampled_from([0, 30, 60, 600, 1440]),
    zone=st.sampled_from(ZONES),
)
def test_an_offer_ends_in_no_night_and_early_enough(
    now: datetime, ahead: int, stands: int, notice: int, zone: str
) -> None:
    start = now + timedelta(minutes=ahead)
    latest = start - timedelta(minutes=max(30, notice))
    opening = replace(OPENING, at=seconds(start), notice_minutes=notice, offer_minutes=stands)
    until, least = answer_by(now, opening, zone), timedelta(minutes=min(30, stands))
    if latest - now < least:
        assert until is None
        return
    assert until
    assert now + least <= until <= latest
    wall = until.astimezone(ZoneInfo(zone))
    by_night = wall.hour >= 21 or wall.hour < 8
    assert not by_night or until == latest, "only a slot that is near makes it end by night"
    usual = min(now + timedelta(minutes=stands), latest)
    if until != usual:
        before = usual.astimezone(ZoneInfo(zone))
        assert before.hour >= 21 or before.hour < 8
        assert until == latest or (wall.hour, wall.minute) == (9, 0)


def test_an_offer_of_the_evening_is_answered_in_the_morning() -> None:
    far = replace(OPENING, at=seconds(NOW + timedelta(days=9)))
    evening = datetime(2026, 6, 1, 17, tzinfo=UTC)
    assert answer_by(evening, far, "Europe/London") == datetime(2026, 6, 2, 8, tzinfo=UTC)
    assert answer_by(evening, far, "America/Sao_Paulo") == evening + timedelta(hours=4)
    night = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert answer_by(night, far, "Europe/London") == datetime(2026, 6, 2, 8, tzinfo=UTC)
