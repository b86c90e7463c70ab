"""Publishing hours: what is accepted, and what is refused."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import UnknownZone, WindowsOverlap, WindowTooShort
from mindlyfe.therapy.domain.availability import HoursPublished, Window, evolve, publish

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
