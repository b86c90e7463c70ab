"""One appointment: given what happened, when somebody wants something, then …"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import (
    AlreadyBooked,
    AlreadyStarted,
    BeyondHorizon,
    InThePast,
    NotBooked,
    NotOffered,
    TooSoon,
)
from mindlyfe.therapy.domain.appointment import Appointment, Booked, Cancelled, Change, book, cancel, evolve
from mindlyfe.therapy.domain.availability import Hours, Window

PATIENT, THERAPIST, OTHER = (PersonId(UUID(int=n)) for n in (1, 2, 3))
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
START = datetime(2026, 6, 8, 9, tzinfo=UTC)
HOURS = Hours(
    therapist=THERAPIST,
    zone="UTC",
    windows=(Window(weekday=1, opens=540, closes=720),),
    minutes=50,
    notice_minutes=120,
    horizon_days=30,
)
BOOKED = Booked(patient=PATIENT, therapist=THERAPIST, starts_at=START, minutes=50)
CANCELLED = Cancelled(patient=PATIENT, therapist=THERAPIST, by=PATIENT, reason="a cold", late=False)


def given(*changes: Change) -> Appointment:
    state: Appointment | None = None
    for change in changes:
        state = evolve(state, change)
    assert state
    return state


def test_a_slot_is_booked() -> None:
    assert book(None, HOURS, patient=PATIENT, starts_at=START, now=NOW) == [BOOKED]


def test_the_start_is_kept_in_utc() -> None:
    elsewhere = START.astimezone(tz=datetime.fromisoformat("2026-06-08T00:00+05:45").tzinfo)
    (booked,) = book(None, HOURS, patient=PATIENT, starts_at=elsewhere, now=NOW)
    assert msgspec.json.encode(booked) == msgspec.json.encode(BOOKED)


@pytest.mark.parametrize("state", [given(BOOKED), given(BOOKED, CANCELLED)])
def test_an_appointment_is_booked_once(state: Appointment) -> None:
    with pytest.raises(AlreadyBooked):
        book(state, HOURS, patient=PATIENT, starts_at=START, now=NOW)


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [
        (START + timedelta(minutes=1), NotOffered),
        (START + timedelta(days=1), NotOffered),
        (NOW - timedelta(days=7) + timedelta(hours=1), InThePast),
        (NOW + timedelta(hours=1), TooSoon),
        (START + timedelta(days=28), BeyondHorizon),
    ],
)
def test_only_offered_slots_are_booked(starts_at: datetime, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        book(None, HOURS, patient=PATIENT, starts_at=starts_at, now=NOW)


def test_only_a_therapist_with_hours_is_booked() -> None:
    with pytest.raises(NotFound):
        book(None, None, patient=PATIENT, starts_at=START, now=NOW)


def test_nobody_books_themselves() -> None:
    with pytest.raises(NotOffered):
        book(None, HOURS, patient=THERAPIST, starts_at=START, now=NOW)


@pytest.mark.parametrize(("before", "late"), [(timedelta(hours=24), False), (timedelta(hours=23, minutes=59), True)])
def test_a_cancellation_is_late_within_a_day(before: timedelta, late: bool) -> None:
    assert cancel(given(BOOKED), by=PATIENT, reason="a cold", now=START - before) == [replace(CANCELLED, late=late)]


def test_a_cancelled_appointment_is_not_cancelled_again() -> None:
    state = given(BOOKED, replace(CANCELLED, late=True))
    assert (state.status, state.reason, state.late) == ("cancelled", "a cold", True)
    with pytest.raises(NotBooked):
        cancel(state, by=PATIENT, reason="", now=NOW)


def test_what_has_begun_is_not_cancelled() -> None:
    with pytest.raises(AlreadyStarted):
        cancel(given(BOOKED), by=THERAPIST, reason="", now=START)
