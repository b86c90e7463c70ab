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
    ScheduleId,
    SlotTaken,
    TherapistAway,
    TherapistFull,
    TooSoon,
)
from mindlyfe.therapy.contract.availability import TimeOffId
from mindlyfe.therapy.domain.appointment import (
    Appointment,
    Booked,
    Cancelled,
    Change,
    Limit,
    evolve,
)
from mindlyfe.therapy.domain.attending import cancel
from mindlyfe.therapy.domain.availability import Availability, Schedule, TimeOff, Window
from mindlyfe.therapy.domain.booking import Wish, book
from mindlyfe.therapy.domain.slots import FREE, Engaged

PATIENT, THERAPIST, OTHER = (PersonId(UUID(int=n)) for n in (1, 2, 3))
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
START = datetime(2026, 6, 8, 9, tzinfo=UTC)
SCHEDULE = Schedule(
    id=ScheduleId(UUID(int=4)),
    zone="Europe/London",
    windows=(Window(weekday=1, opens=600, closes=780),),
    minutes=50,
    before_minutes=10,
    after_minutes=5,
    notice_minutes=120,
    horizon_days=30,
    kind="on-site",
    place="12 Harbour Street",
)
HOURS = Availability(therapist=THERAPIST, schedules=(SCHEDULE,))
BOOKED = Booked(
    patient=PATIENT,
    therapist=THERAPIST,
    starts_at=START,
    minutes=50,
    schedule=SCHEDULE.id,
    kind="on-site",
    place="12 Harbour Street",
    before_minutes=10,
    after_minutes=5,
)
CANCELLED = Cancelled(patient=PATIENT, therapist=THERAPIST, by=PATIENT, reason="a cold", late=False)


def given(*changes: Change) -> Appointment:
    state: Appointment | None = None
    for change in changes:
        state = evolve(state, change)
    assert state
    return state


def wish(starts_at: datetime = START, patient: PersonId = PATIENT, schedule: ScheduleId | None = None) -> Wish:
    return Wish(patient=patient, starts_at=starts_at, schedule=schedule)


def test_a_slot_is_booked() -> None:
    assert book(None, HOURS, FREE, wish(), NOW) == [BOOKED]
    assert book(None, HOURS, FREE, wish(schedule=SCHEDULE.id), NOW) == [BOOKED]
    state = given(BOOKED)
    assert (state.schedule, state.kind, state.place) == (SCHEDULE.id, "on-site", "12 Harbour Street")


def test_the_limits_of_its_day_and_week_go_with_a_booking() -> None:
    limited = replace(SCHEDULE, per_day=3, per_week=9)
    (booked,) = book(None, replace(HOURS, schedules=(limited,)), FREE, wish(), NOW)
    assert isinstance(booked, Booked)
    midnight = datetime(2026, 6, 7, 23, tzinfo=UTC)
    assert booked.limits == (
        Limit(since=midnight, until=midnight + timedelta(days=1), most=3),
        Limit(since=midnight, until=midnight + timedelta(days=7), most=9),
    )


def test_what_takes_the_time_is_told_apart() -> None:
    at = int(START.timestamp())
    off = TimeOff(
        id=TimeOffId(UUID(int=5)),
        zone="UTC",
        first=START.date(),
        opens=0,
        last=START.date(),
        closes=1440,
        colleague=None,
    )
    with pytest.raises(SlotTaken):
        book(None, HOURS, Engaged(busy=[(at - 600, at - 300)]), wish(), NOW)
    with pytest.raises(TherapistAway):
        book(None, replace(HOURS, time_off=(off,)), FREE, wish(), NOW)
    with pytest.raises(TherapistFull):
        book(None, replace(HOURS, schedules=(replace(SCHEDULE, per_day=1),)), Engaged(starts=[at]), wish(), NOW)
    with pytest.raises(NotOffered):
        book(None, HOURS, FREE, wish(schedule=ScheduleId(UUID(int=9))), NOW)
    assert book(None, HOURS, Engaged(busy=[(at - 900, at - 600)]), wish(), NOW) == [BOOKED]


def test_the_start_is_kept_in_utc() -> None:
    elsewhere = START.astimezone(tz=datetime.fromisoformat("2026-06-08T00:00+05:45").tzinfo)
    (booked,) = book(None, HOURS, FREE, wish(elsewhere), NOW)
    assert msgspec.json.encode(booked) == msgspec.json.encode(BOOKED)


@pytest.mark.parametrize("state", [given(BOOKED), given(BOOKED, CANCELLED)])
def test_an_appointment_is_booked_once(state: Appointment) -> None:
    with pytest.raises(AlreadyBooked):
        book(state, HOURS, FREE, wish(), NOW)


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
        book(None, HOURS, FREE, wish(starts_at), NOW)


def test_only_a_therapist_with_hours_is_booked() -> None:
    with pytest.raises(NotFound):
        book(None, None, FREE, wish(), NOW)
    with pytest.raises(NotFound):
        book(None, replace(HOURS, schedules=()), FREE, wish(), NOW)


def test_nobody_books_themselves() -> None:
    with pytest.raises(NotOffered):
        book(None, HOURS, FREE, wish(patient=THERAPIST), NOW)


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
