"""An appointment gets another time: by whom, until when, and what stays."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from mindlyfe.kernel.errors import Forbidden, NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import AlreadyStarted, BeyondHorizon, NotBooked, NotOffered, ScheduleId, SlotTaken
from mindlyfe.therapy.contract.bookings import ConfirmationNeeded, NotAnswered, TooLateToMove
from mindlyfe.therapy.domain.appointment import (
    Appointment,
    Booked,
    Cancelled,
    Change,
    Missed,
    Moved,
    Requested,
    evolve,
)
from mindlyfe.therapy.domain.availability import Availability, Schedule, Window
from mindlyfe.therapy.domain.booking import Wish, book, move
from mindlyfe.therapy.domain.slots import FREE, Engaged

AMINA, TIM, SUE, DESK = (PersonId(UUID(int=n)) for n in (1, 2, 3, 4))
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
NINE = datetime(2026, 6, 8, 9, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
OFFICE = Schedule(
    id=ScheduleId(UUID(int=9)),
    zone="UTC",
    windows=(Window(weekday=1, opens=540, closes=1020),),
    minutes=60,
    notice_minutes=120,
    horizon_days=30,
)
TIMS, SUES = (Availability(therapist=one, schedules=(OFFICE,)) for one in (TIM, SUE))
CONFIRMING = replace(TIMS, schedules=(replace(OFFICE, confirms=True, answer_hours=24),))


def booked(hours: Availability = TIMS, by: PersonId = AMINA, now: datetime = NOW) -> Change:
    (change,) = book(None, hours, FREE, Wish(patient=AMINA, starts_at=NINE, by=by), now)
    return change


def state(*changes: Change) -> Appointment:
    found: Appointment | None = None
    for change in changes:
        found = evolve(found, change)
    assert found
    return found


def moved(  # what a test varies
    before: Appointment,
    to: datetime = NINE + HOUR,
    *,
    by: PersonId = AMINA,
    hours: Availability | None = TIMS,
    engaged: Engaged = FREE,
    now: datetime = NOW,
    **wish: Any,
) -> list[Change]:
    wanted = Wish(patient=AMINA, starts_at=to, by=by, **wish)
    return list(move(before, hours, engaged, wanted, now, reason="The dentist."))


def test_it_keeps_what_it_is_and_counts_how_often_it_was_moved() -> None:
    first = state(booked())
    (change,) = moved(first)
    assert isinstance(change, Moved)
    assert (change.starts_at, change.was_with, change.therapist, change.by) == (NINE + HOUR, TIM, TIM, None)
    second = evolve(first, change)
    assert (second.status, second.sequence, second.reason, second.by) == ("booked", 1, "The dentist.", AMINA)
    (again,) = moved(second, NINE, by=TIM)
    third = evolve(second, again)
    assert (third.starts_at, third.sequence, third.by) == (NINE, 2, TIM)


def test_to_the_same_time_is_no_move() -> None:
    assert moved(state(booked()), NINE) == []
    assert len(moved(state(booked()), NINE, by=DESK, hours=SUES)) == 1


def test_the_new_time_must_be_offered_and_free() -> None:
    before, ten = state(booked()), int((NINE + HOUR).timestamp())
    for to, refusal in ((NINE + HOUR / 2, NotOffered), (NINE + timedelta(days=28), BeyondHorizon)):
        with pytest.raises(refusal):
            moved(before, to)
    with pytest.raises(SlotTaken):
        moved(before, engaged=Engaged(held=[(ten, ten + 3600)]))
    for nothing in (None, replace(TIMS, schedules=())):
        with pytest.raises(NotFound):
            moved(before, hours=nothing)


def test_staff_is_bound_by_no_notice_horizon_or_confirmation() -> None:
    soon, far = NINE - HOUR, NINE + timedelta(days=364)
    for who in (TIM, DESK):
        assert isinstance(booked(CONFIRMING, by=who, now=soon), Booked)
        (change,) = moved(state(booked()), far, by=who, hours=CONFIRMING)
        assert isinstance(change, Moved)
        assert change.lapses_at is None


def test_a_patient_moves_until_it_would_be_late() -> None:
    before = state(booked())
    assert moved(before, now=NINE - timedelta(hours=24))
    with pytest.raises(TooLateToMove):
        moved(before, now=NINE - timedelta(hours=24) + SECOND)
    assert moved(replace(before, late_hours=0), NINE + 3 * HOUR, now=NINE - SECOND)
    for who in (TIM, DESK):
        assert moved(before, by=who, now=NINE - SECOND)


def test_only_the_clinic_moves_it_to_another_therapist() -> None:
    with pytest.raises(Forbidden):
        moved(state(booked()), hours=SUES)
    (change,) = moved(state(booked()), by=DESK, hours=SUES)
    assert isinstance(change, Moved)
    assert (change.was_with, change.therapist) == (TIM, SUE)


def test_a_request_stays_one_and_the_clinic_answers_it_before_it_moves_it() -> None:
    request = booked(CONFIRMING)
    assert isinstance(request, Requested)
    assert request.lapses_at == NOW + timedelta(hours=24)
    later = NOW + 5 * HOUR
    (change,) = moved(state(request), hours=CONFIRMING, now=later)
    after = evolve(state(request), change)
    assert (after.status, after.starts_at, after.lapses_at) == ("requested", NINE + HOUR, later + timedelta(hours=24))
    with pytest.raises(NotAnswered):
        moved(state(request), by=TIM, hours=CONFIRMING)


def test_a_request_lapses_at_latest_when_it_would_begin() -> None:
    request = booked(CONFIRMING, now=NINE - 3 * HOUR)
    assert isinstance(request, Requested)
    assert request.lapses_at == NINE


def test_what_is_certain_is_not_moved_to_what_is_not() -> None:
    with pytest.raises(ConfirmationNeeded):
        moved(state(booked()), hours=CONFIRMING)


def test_what_is_over_or_has_begun_stays() -> None:
    people = {"patient": AMINA, "therapist": TIM}
    cancelled = Cancelled(**people, by=AMINA, reason="", late=False)
    missed = Missed(**people, absent=AMINA, by=TIM, at=NINE)
    for over in (cancelled, missed):
        with pytest.raises(NotBooked):
            moved(state(booked(), over))
    with pytest.raises(AlreadyStarted):
        moved(state(booked()), by=TIM, now=NINE)


def test_a_type_says_how_long_it_takes_and_the_schedule_when_it_begins() -> None:
    wish = Wish(patient=AMINA, starts_at=NINE + HOUR, by=AMINA, minutes=90)
    (change,) = book(None, TIMS, FREE, wish, NOW)
    assert isinstance(change, Booked)
    assert (change.minutes, change.starts_at) == (90, NINE + HOUR)
    with pytest.raises(NotOffered):
        book(None, TIMS, FREE, replace(wish, starts_at=NINE + 7 * HOUR), NOW)
