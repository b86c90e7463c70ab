"""What a step does, with nothing but the facts it is given."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindlyfe.kernel.messages import PersonId
from mindlyfe.notifications.contract.workflows import (
    Before,
    Condition,
    Delay,
    Digest,
    Send,
    Source,
    Step,
    Throttle,
    Until,
)
from mindlyfe.notifications.domain.run import Asked, Change, Ended, LeftOut, Run, Waits, evolve
from mindlyfe.notifications.domain.steps import Facts, next_step, next_wall
from mindlyfe.notifications.domain.workflow import SHIPPED

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MAIL = Facts(channels=frozenset({"email"}))
[SHIPPED_REMINDER] = SHIPPED["appointment-reminder"]


def running(moment: datetime | None = None, place: int = 0, at: datetime = NOON) -> Run:
    return Run(
        workflow="appointment-reminder",
        recipient=PersonId(UUID(int=2)),
        about=UUID(int=3),
        source=Source(UUID(int=3), 1, NOON),
        moment=moment,
        round=1,
        items=1,
        place=place,
        due_at=at,
    )


def taken(run: Run, steps: tuple[Step, ...], facts: Facts, now: datetime) -> tuple[Run, list[Change]]:
    """All that is done until it waits or ends."""
    changes: list[Change] = []
    while run.due_at is not None and run.due_at <= now:
        changes.append(next_step(run, steps, facts, now))
        run = evolve(run, changes[-1])
    return run, changes


def asked(moment: datetime, booked_at: datetime) -> list[datetime]:
    """When the shipped reminders of an appointment are asked for, by somebody who is always awake."""
    run, found, now = running(moment, at=booked_at), list[datetime](), booked_at
    while run.due_at is not None:
        now = max(now, run.due_at)
        run, changes = taken(run, SHIPPED_REMINDER.steps, MAIL, now)
        found += [now for change in changes if isinstance(change, Asked)]
    return found


@pytest.mark.parametrize(
    ("booked_before", "reminded_before"),
    [(72, [48, 24, 1]), (48, [24, 1]), (30, [24, 1]), (3, [1]), (1, []), (0.5, []), (-1, [])],
)
def test_a_reminder_whose_moment_has_passed_is_not_sent_late(booked_before: float, reminded_before: list[int]) -> None:
    moment = NOON + 100 * HOUR
    assert asked(moment, moment - booked_before * HOUR) == [moment - hours * HOUR for hours in reminded_before]


@given(minutes=st.integers(-600, 6_000))
@settings(max_examples=100)
def test_reminders_are_those_of_the_three_moments_that_are_to_come(minutes: int) -> None:
    moment = NOON + timedelta(minutes=minutes)
    moments = [moment - hours * HOUR for hours in (48, 24, 1)]
    assert asked(moment, NOON) == [one for one in moments if one > NOON]


def test_who_slept_through_two_reminders_sends_the_nearer_one_only() -> None:
    moment = NOON + 48.5 * HOUR
    run, _ = taken(running(moment), SHIPPED_REMINDER.steps, MAIL, NOON)
    run, changes = taken(run, SHIPPED_REMINDER.steps, MAIL, moment - 0.5 * HOUR)
    assert [change.step for change in changes if isinstance(change, LeftOut)] == ["send-48-h", "send-24-h"]
    assert [change.step for change in changes if isinstance(change, Asked)] == ["send-1-h"]


def test_who_slept_until_it_had_begun_sends_nothing() -> None:
    moment = NOON + 1.5 * HOUR
    run, _ = taken(running(moment), SHIPPED_REMINDER.steps, MAIL, NOON)
    _, changes = taken(run, SHIPPED_REMINDER.steps, MAIL, moment)
    assert changes == [LeftOut(step="send-1-h", why="late", then=6), Ended(at=moment)]


@pytest.mark.parametrize(
    ("step", "until"),
    [
        (Delay(key="rest", minutes=90), NOON + 1.5 * HOUR),
        (Digest(key="gather", minutes=30), NOON + 0.5 * HOUR),
        (Until(key="morning", at="08:00"), datetime(2026, 12, 2, 2, 15, tzinfo=UTC)),
        (Before(key="earlier", minutes=60), NOON + 9 * HOUR),
    ],
)
def test_it_waits(step: Step, until: datetime) -> None:
    facts = Facts(zone="Asia/Kathmandu")
    assert next_step(running(NOON + 10 * HOUR), (step,), facts, NOON) == Waits(then=1, until=until)


def test_a_throttle_lets_pass_or_ends_it() -> None:
    step = Throttle(key="calm", most=1, minutes=60)
    assert next_step(running(), (step,), Facts(), NOON) == LeftOut(step="calm", why="admitted", then=1)
    assert next_step(running(), (step,), Facts(admitted=False), NOON) == Ended(why="throttled", at=NOON)


@pytest.mark.parametrize(
    ("was", "holds", "sends"), [("failed", True, False), ("sent", True, True), ("sent", False, False)]
)
def test_a_condition_looks_at_what_came_of_an_earlier_step(was: str, holds: bool, sends: bool) -> None:
    condition = msgspec.convert({"step": "first", "was": was, "holds": holds}, Condition)
    step = Send(key="second", channels=("email",), when=(condition,))
    facts = Facts(channels=frozenset({"email"}), outcomes={"first": frozenset({"asked", "sent"})})
    assert isinstance(next_step(running(), (step,), facts, NOON), Asked) == sends


def test_channels_that_are_not_wanted_are_left_out() -> None:
    step = Send(key="tell", channels=("sms", "email", "sms"))
    assert next_step(running(), (step,), MAIL, NOON) == Asked(step="tell", channels=("email",), then=1)
    assert next_step(running(), (step,), Facts(), NOON) == LeftOut(step="tell", why="not-wanted", then=1)


@pytest.mark.parametrize(
    ("now", "at", "zone", "then"),
    [
        ("2026-03-28T12:00Z", "01:30", "Europe/London", "2026-03-29T01:30Z"),
        ("2026-10-24T12:00Z", "01:30", "Europe/London", "2026-10-25T00:30Z"),
        ("2026-06-01T08:00Z", "09:00", "Europe/London", "2026-06-02T08:00Z"),
        ("2026-06-01T07:59Z", "09:00", "Europe/London", "2026-06-01T08:00Z"),
    ],
)
def test_the_wall_clock_is_the_recipients(now: str, at: str, zone: str, then: str) -> None:
    assert next_wall(datetime.fromisoformat(now), at, zone) == datetime.fromisoformat(then)
