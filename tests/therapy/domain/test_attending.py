"""What follows a booking: given what happened, when somebody answers, calls off or marks it, then …"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.therapy.contract import AlreadyStarted, NotBooked
from mindlyfe.therapy.contract.bookings import (
    NotMissed,
    NotRequested,
    NotStarted,
    RequestLapsed,
    TooLateToCorrect,
)
from mindlyfe.therapy.domain.appointment import (
    AbsenceTakenBack,
    Booked,
    Cancelled,
    Change,
    Confirmed,
    Declined,
    Fulfilled,
    Missed,
    PatientMerged,
    Requested,
    evolve,
)
from mindlyfe.therapy.domain.attending import UNANSWERED, cancel, confirm, decline, fulfil, let_lapse, miss, take_back

AMINA, TIM, DESK, SURVIVOR = (PersonId(UUID(int=n)) for n in (11, 12, 13, 14))
NINE = datetime(2026, 6, 8, 9, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
PEOPLE: dict[str, Any] = {"patient": AMINA, "therapist": TIM}
BOOKED = Booked(**PEOPLE, starts_at=NINE, minutes=50)
REQUESTED = Requested(**PEOPLE, starts_at=NINE, minutes=50, lapses_at=NINE - DAY)
CONFIRMED = Confirmed(**PEOPLE, starts_at=NINE, minutes=50, by=TIM)
DECLINED = Declined(**PEOPLE, by=TIM, reason="I am full.")
MISSED = Missed(**PEOPLE, absent=AMINA, by=TIM, at=NINE)
BACK = AbsenceTakenBack(**PEOPLE, by=DESK)
FULFILLED = Fulfilled(**PEOPLE, by=SYSTEM)
CANCELLED = Cancelled(**PEOPLE, by=AMINA, reason="", late=False)


def when(decision: Any, **said: Any) -> Any:
    """The decision with all but the state."""
    return partial(decision, **said)


def test_a_request_is_answered_until_it_lapses() -> None:
    in_time = NINE - DAY - SECOND
    state = given(evolve, REQUESTED).when(when(confirm, by=TIM, now=in_time)).then(CONFIRMED)
    assert state
    assert (state.status, state.lapses_at, state.by) == ("booked", None, TIM)
    given(evolve, REQUESTED).when(when(confirm, by=TIM, now=NINE - DAY)).refused(RequestLapsed)
    state = given(evolve, REQUESTED).when(when(decline, by=TIM, reason="I am full.")).then(DECLINED)
    assert state
    assert (state.status, state.reason, state.by) == ("declined", "I am full.", TIM)
    for change in (BOOKED, CONFIRMED, DECLINED, CANCELLED):
        before = given(evolve, REQUESTED, change) if change is not BOOKED else given(evolve, BOOKED)
        before.when(when(confirm, by=TIM, now=in_time)).refused(NotRequested)
        before.when(when(decline, by=TIM, reason="")).refused(NotRequested)


def test_what_nobody_answers_lapses_once() -> None:
    lapsed = Declined(**PEOPLE, by=SYSTEM, reason=UNANSWERED)
    lapse = when(let_lapse, now=NINE - DAY)
    given(evolve, REQUESTED).when(lapse).then(lapsed)
    given(evolve, REQUESTED).when(when(let_lapse, now=NINE - DAY - SECOND)).then()
    given(evolve, REQUESTED, lapsed).when(lapse).then()
    given(evolve, REQUESTED, CONFIRMED).when(lapse).then()
    given(evolve, BOOKED).when(lapse).then()
    given(evolve).when(lapse).then()


def test_a_request_is_taken_back_and_never_late() -> None:
    taken_back = Cancelled(**PEOPLE, by=AMINA, reason="", late=False)
    given(evolve, REQUESTED).when(when(cancel, by=AMINA, reason="", now=NINE - HOUR)).then(taken_back)
    given(evolve, REQUESTED, DECLINED).when(when(cancel, by=AMINA, reason="", now=NINE - HOUR)).refused(NotBooked)
    given(evolve, REQUESTED).when(when(cancel, by=AMINA, reason="", now=NINE)).refused(AlreadyStarted)


@pytest.mark.parametrize("hours", [0, 2, 72])
def test_late_is_what_the_schedule_says(hours: int) -> None:
    booked = Booked(**PEOPLE, starts_at=NINE, minutes=50, late_hours=hours)
    for before, late in ((hours * HOUR + SECOND, False), (hours * HOUR - SECOND, True)):
        if before > timedelta(0):
            state = given(evolve, booked).when(when(cancel, by=AMINA, reason="", now=NINE - before))
            state.then(Cancelled(**PEOPLE, by=AMINA, reason="", late=late))


def test_who_does_not_come_is_marked_from_the_start_on() -> None:
    absent = when(miss, absent="patient", by=TIM)
    given(evolve, BOOKED).when(when(absent, now=NINE - SECOND)).refused(NotStarted)
    state = given(evolve, BOOKED).when(when(absent, now=NINE)).then(MISSED)
    assert state
    assert (state.status, state.absent) == ("missed", AMINA)
    given(evolve, BOOKED, MISSED).when(when(absent, now=NINE + HOUR)).then()
    given(evolve, BOOKED, MISSED).when(when(miss, absent="therapist", by=AMINA, now=NINE)).refused(NotBooked)
    theirs = Missed(**PEOPLE, absent=TIM, by=AMINA, at=NINE)
    given(evolve, BOOKED).when(when(miss, absent="therapist", by=AMINA, now=NINE)).then(theirs)
    for change in (CANCELLED, FULFILLED):
        given(evolve, BOOKED, change).when(when(absent, now=NINE)).refused(NotBooked)
    given(evolve, REQUESTED).when(when(absent, now=NINE)).refused(NotBooked)


def test_an_absence_is_taken_back_within_seven_days() -> None:
    state = given(evolve, BOOKED, MISSED).when(when(take_back, by=DESK, now=NINE + 7 * DAY)).then(BACK)
    assert state
    assert (state.status, state.absent, state.marked_at) == ("booked", None, None)
    late = when(take_back, by=DESK, now=NINE + 7 * DAY + SECOND)
    given(evolve, BOOKED, MISSED).when(late).refused(TooLateToCorrect)
    for changes in ([BOOKED], [BOOKED, MISSED, BACK], [BOOKED, CANCELLED]):
        given(evolve, *changes).when(when(take_back, by=DESK, now=NINE)).refused(NotMissed)


def test_what_took_place_is_fulfilled_even_if_it_was_said_to_be_missed() -> None:
    held = when(fulfil, by=SYSTEM, now=NINE)
    stories: list[list[Change]] = [[BOOKED], [BOOKED, MISSED], [REQUESTED, CONFIRMED]]
    for changes in stories:
        state = given(evolve, *changes).when(held).then(FULFILLED)
        assert state
        assert (state.status, state.absent) == ("fulfilled", None)
    given(evolve, BOOKED, FULFILLED).when(held).then()
    given(evolve, BOOKED).when(when(fulfil, by=SYSTEM, now=NINE - timedelta(minutes=16))).refused(NotStarted)
    given(evolve, BOOKED).when(when(fulfil, by=SYSTEM, now=NINE - timedelta(minutes=15))).then(FULFILLED)
    stories = [[REQUESTED], [BOOKED, CANCELLED], [REQUESTED, DECLINED]]
    for changes in stories:
        given(evolve, *changes).when(held).refused(NotBooked)


def test_who_missed_it_and_who_wrote_a_reason_stays_known_when_accounts_are_merged() -> None:
    merged = PatientMerged(patient=SURVIVOR, was=AMINA, therapist=TIM)
    state = evolve(evolve(evolve(None, BOOKED), MISSED), merged)
    assert (state.patient, state.absent, state.by) == (SURVIVOR, SURVIVOR, TIM)
    state = evolve(evolve(evolve(None, BOOKED), CANCELLED), merged)
    assert (state.patient, state.absent, state.by) == (SURVIVOR, None, SURVIVOR)
