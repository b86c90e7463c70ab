"""What becomes of the times of who left, without I/O."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.domain.appointment import Appointment, Cancelled, evolve
from mindlyfe.therapy.domain.availability import Availability, Otherwise, Schedule, Window
from mindlyfe.therapy.domain.availability import evolve as evolve_hours
from mindlyfe.therapy.domain.leaving import REASON, closed, freed

NOW = datetime.fromisoformat("2026-06-01T06:00:00Z")
BOOKED = Appointment(
    patient=PersonId(uuid4()), therapist=PersonId(uuid4()), starts_at=NOW + timedelta(days=2), minutes=50
)
SCHEDULE = Schedule(
    id=ScheduleId(uuid4()),
    zone="Europe/London",
    windows=(Window(weekday=1, opens=540, closes=600),),
    days=(Otherwise(day=date(2026, 6, 7), hours=((600, 660),)),),
    minutes=50,
    notice_minutes=60,
    horizon_days=30,
)
HOURS = Availability(
    therapist=BOOKED.therapist, schedules=(SCHEDULE, msgspec.structs.replace(SCHEDULE, id=ScheduleId(uuid4()), days=()))
)


def test_what_has_not_begun_is_cancelled_in_the_clinics_name() -> None:
    [change] = freed(BOOKED, now=NOW)
    assert change == Cancelled(patient=BOOKED.patient, therapist=BOOKED.therapist, by=SYSTEM, reason=REASON, late=False)
    assert freed(evolve(BOOKED, change), now=NOW) == []


def test_the_reason_says_nothing_of_who_left() -> None:
    for word in ("left", "leave", "member", "patient", "therapist"):
        assert word not in REASON.lower()


@pytest.mark.parametrize("starts_in", [timedelta(0), timedelta(minutes=-10), timedelta(days=-3)])
def test_what_has_begun_or_is_over_stays(starts_in: timedelta) -> None:
    assert freed(msgspec.structs.replace(BOOKED, starts_at=NOW + starts_in), now=NOW) == []


def test_what_never_was_stays_nothing() -> None:
    assert freed(None, now=NOW) == []
    assert closed(None) == []


def test_hours_close_once_and_keep_their_shape() -> None:
    shut = HOURS
    for change in closed(HOURS):
        shut = evolve_hours(shut, change)
    assert shut.schedules == tuple(msgspec.structs.replace(each, windows=(), days=()) for each in HOURS.schedules)
    assert closed(shut) == []
