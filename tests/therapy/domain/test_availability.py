"""Publishing schedules, dates that are otherwise, time off: what is accepted, and what is refused."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import ScheduleId, UnknownZone, WindowsOverlap, WindowTooShort
from mindlyfe.therapy.contract.availability import (
    OverridesClash,
    PlaceMissing,
    TimeOffBackwards,
    TimeOffId,
    TooManySchedules,
    TooMuchTimeOff,
)
from mindlyfe.therapy.domain.availability import (
    Availability,
    Change,
    HoursPublished,
    Otherwise,
    OverridesSet,
    ScheduleClosed,
    TimeOff,
    TimeOffGivenUp,
    TimeOffTaken,
    Window,
    evolve,
    first_schedule,
)
from mindlyfe.therapy.domain.publishing import close, give_up, override, publish, republish, take_off

MORNING = Window(weekday=1, opens=540, closes=720)
NOON = Window(weekday=1, opens=720, closes=780)
NIGHT = Window(weekday=7, opens=1380, closes=1440)
WISH = HoursPublished(
    therapist=PersonId(UUID(int=7)),
    zone="Europe/London",
    windows=(NIGHT, NOON, MORNING),
    minutes=50,
    notice_minutes=0,
    horizon_days=90,
)


def test_windows_are_kept_in_order_and_may_touch() -> None:
    (published,) = publish(None, WISH)
    assert published == replace(WISH, windows=(MORNING, NOON, NIGHT))


def test_nothing_happens_when_the_hours_are_the_same() -> None:
    (published,) = publish(None, WISH)
    assert publish(evolve(None, published), WISH) == []
    assert publish(evolve(None, published), replace(WISH, minutes=60)) != []
    assert publish(evolve(None, published), replace(WISH, per_day=6)) != []


def test_no_windows_mean_no_more_bookings() -> None:
    assert publish(None, replace(WISH, windows=()))


@pytest.mark.parametrize(
    "windows",
    [
        (MORNING, replace(NOON, opens=719)),
        (replace(NOON, opens=600), MORNING),
        (MORNING, MORNING),
        (replace(MORNING, closes=1440), NOON),
    ],
)
def test_windows_of_a_day_do_not_overlap(windows: tuple[Window, ...]) -> None:
    with pytest.raises(WindowsOverlap):
        publish(None, replace(WISH, windows=windows))


def test_the_same_window_on_two_days_is_no_overlap() -> None:
    assert publish(None, replace(WISH, windows=(MORNING, replace(MORNING, weekday=2))))


@pytest.mark.parametrize("closes", [0, 539, 540, 589])
def test_a_window_has_room_for_an_appointment(closes: int) -> None:
    with pytest.raises(WindowTooShort):
        publish(None, replace(WISH, windows=(replace(MORNING, closes=closes),)))


@pytest.mark.parametrize(
    "zone", ["Europe/Atlantis", "Europe", "Europe/London\n", "", "../etc/passwd", "A" * 300, "X\0"]
)
def test_the_zone_must_exist(zone: str) -> None:
    with pytest.raises(UnknownZone):
        publish(None, replace(WISH, zone=zone))


THERAPIST = WISH.therapist
FIRST, SECOND, UNKNOWN = first_schedule(THERAPIST), ScheduleId(UUID(int=8)), ScheduleId(UUID(int=9))
EVE = date(2026, 12, 24)
OFF = TimeOff(
    id=TimeOffId(UUID(int=11)),
    zone="Europe/London",
    first=EVE,
    opens=720,
    last=EVE,
    closes=1440,
    colleague=None,
)


def given(*changes: Change) -> Availability:
    state: Availability | None = None
    for change in changes:
        state = evolve(state, change)
    assert state
    return state


def test_schedules_stand_side_by_side_and_keep_their_other_dates() -> None:
    on_site = replace(WISH, schedule=SECOND, kind="on-site", place="12 Harbour Street", windows=(MORNING, NOON, NIGHT))
    state = given(WISH, on_site)
    assert [each.id for each in state.schedules] == [FIRST, SECOND]
    (set_,) = override(state, SECOND, [Otherwise(day=EVE, hours=())])
    state = given(WISH, on_site, set_)
    assert publish(state, on_site) == []
    (changed,) = republish(state, replace(on_site, minutes=30))
    second = evolve(state, changed).schedule(SECOND)
    assert second
    assert (second.minutes, second.days) == (30, (Otherwise(day=EVE, hours=()),))
    assert evolve(state, changed).schedule(FIRST) == state.schedule(FIRST)


def test_only_a_schedule_that_is_there_is_changed_or_closed() -> None:
    state = given(WISH)
    assert close(state, FIRST) == [ScheduleClosed(therapist=THERAPIST, schedule=FIRST)]
    assert given(WISH, *close(state, FIRST)).schedules == ()
    for known in (None, state):
        with pytest.raises(NotFound):
            republish(known, replace(WISH, schedule=UNKNOWN))
        with pytest.raises(NotFound):
            override(known, UNKNOWN, [])
        with pytest.raises(NotFound):
            close(known, UNKNOWN)


def test_a_place_on_site_is_named() -> None:
    with pytest.raises(PlaceMissing):
        publish(None, replace(WISH, kind="on-site", place="  "))


def test_twenty_schedules_are_enough() -> None:
    full = given(*[replace(WISH, schedule=ScheduleId(UUID(int=100 + n))) for n in range(20)])
    with pytest.raises(TooManySchedules):
        publish(full, WISH)
    assert republish(full, replace(WISH, schedule=ScheduleId(UUID(int=100)), minutes=60))


def test_other_dates_are_kept_in_order_and_replaced() -> None:
    later = EVE + timedelta(days=1)
    days = [Otherwise(day=later, hours=((780, 900), (540, 600))), Otherwise(day=EVE, hours=())]
    (set_,) = override(given(WISH), FIRST, days)
    sound = (Otherwise(day=EVE, hours=()), Otherwise(day=later, hours=((540, 600), (780, 900))))
    assert set_ == OverridesSet(therapist=THERAPIST, schedule=FIRST, days=sound)
    assert override(given(WISH, set_), FIRST, reversed(days)) == []
    assert override(given(WISH, set_), FIRST, []) == [OverridesSet(therapist=THERAPIST, schedule=FIRST, days=())]


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        ([Otherwise(day=EVE, hours=()), Otherwise(day=EVE, hours=((0, 60),))], OverridesClash),
        ([Otherwise(day=EVE, hours=((0, 49),))], WindowTooShort),
        ([Otherwise(day=EVE, hours=((0, 60), (59, 120)))], WindowsOverlap),
    ],
)
def test_other_dates_must_make_sense(days: list[Otherwise], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        override(given(WISH), FIRST, days)


def test_time_off_is_taken_once_and_given_up() -> None:
    taken = TimeOffTaken(therapist=THERAPIST, time_off=OFF)
    assert take_off(None, taken) == [taken]
    assert take_off(given(taken), taken) == []
    assert give_up(given(taken), OFF.id) == [TimeOffGivenUp(therapist=THERAPIST, time_off=OFF.id)]
    gone = given(taken, *give_up(given(taken), OFF.id))
    assert gone.time_off == ()
    for known in (None, gone):
        with pytest.raises(NotFound):
            give_up(known, OFF.id)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"closes": 720}, TimeOffBackwards),
        ({"last": EVE - timedelta(days=1)}, TimeOffBackwards),
        ({"last": EVE + timedelta(days=732)}, TimeOffBackwards),
        ({"zone": "Europe/Atlantis"}, UnknownZone),
    ],
)
def test_time_off_must_make_sense(wrong: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        take_off(None, TimeOffTaken(therapist=THERAPIST, time_off=replace(OFF, **wrong)))


def test_times_off_are_counted() -> None:
    many = tuple(replace(OFF, id=TimeOffId(UUID(int=1_000 + n))) for n in range(400))
    with pytest.raises(TooMuchTimeOff):
        take_off(replace(given(WISH), time_off=many), TimeOffTaken(therapist=THERAPIST, time_off=OFF))
