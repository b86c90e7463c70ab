"""Who is on duty, by the clock of the clinic's zone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.notifications.contract.escalations import Away, Cover, RotaUnsound, Shift
from mindlyfe.notifications.domain.rota import Rota, RotaSet, evolve, ladder, people, set_rota

INES, KWAME, HANA, ADA = (PersonId(UUID(int=n)) for n in (2, 3, 4, 5))
MONDAY = datetime(2026, 7, 6, tzinfo=UTC)  # London is an hour ahead
HOUR = timedelta(hours=1)
DAY = Shift(person=INES, weekday=1, from_="09:00", to="17:00")
SECOND = Shift(person=KWAME, weekday=1, from_="09:00", to="17:00", rank=2)
NIGHT = Shift(person=HANA, weekday=1, from_="17:00", to="09:00")
ROTA = Rota(zone="Europe/London", weekly=(SECOND, DAY, NIGHT))


@pytest.mark.parametrize(
    ("hours", "called"),
    [
        (7.9, []),
        (8, [INES, KWAME]),
        (15.9, [INES, KWAME]),
        (16, [HANA]),
        (23.5, [HANA]),
        (31.9, [HANA]),
        (32, []),
    ],
)
def test_the_week_goes_by_the_clinics_clock(hours: float, called: list[PersonId]) -> None:
    assert ladder(ROTA, MONDAY + hours * HOUR) == called


def test_a_cover_takes_the_place_of_its_rank() -> None:
    cover = Cover(person=ADA, since=MONDAY, until=MONDAY + 24 * HOUR)
    rota = Rota(zone="Europe/London", weekly=ROTA.weekly, covers=(cover,))
    assert ladder(rota, MONDAY + 10 * HOUR) == [ADA, KWAME]
    assert ladder(rota, MONDAY + 25 * HOUR) == [HANA]


def away(person: PersonId, stands_in: PersonId | None) -> Away:
    return Away(person=person, since=MONDAY, until=MONDAY + 24 * HOUR, stands_in=stands_in)


@pytest.mark.parametrize(
    ("gone", "called"),
    [
        ([away(INES, HANA)], [HANA, KWAME]),
        ([away(INES, None)], [KWAME]),
        ([away(INES, KWAME)], [KWAME]),
        ([away(INES, HANA), away(HANA, ADA)], [ADA, KWAME]),
        ([away(INES, KWAME), away(KWAME, INES)], []),
    ],
)
def test_time_off_leads_to_who_stands_in(gone: list[Away], called: list[PersonId]) -> None:
    rota = Rota(zone="Europe/London", weekly=ROTA.weekly, away=tuple(gone))
    assert ladder(rota, MONDAY + 10 * HOUR) == called


def wish(**more: object) -> RotaSet:
    said = {"zone": "Europe/London", "weekly": (DAY,), "covers": (), "away": (), "by": ADA, "at": MONDAY, **more}
    return RotaSet(**said)  # type: ignore[arg-type] # the fields of a rota, by name


def test_a_rota_is_replaced_as_a_whole() -> None:
    given(evolve).when(lambda state: set_rota(state, wish())).then(wish())
    given(evolve, wish()).when(lambda state: set_rota(state, wish())).then()
    assert people(wish(away=(away(INES, HANA),))) == {INES, HANA}


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Europe/Atlantis"},
        {"weekly": (Shift(person=INES, weekday=1, from_="09:00", to="09:00"),)},
        {"covers": (Cover(person=INES, since=MONDAY, until=MONDAY),)},
        {"away": (Away(person=INES, since=MONDAY, until=MONDAY - HOUR),)},
    ],
)
def test_a_time_without_length_is_refused(wrong: dict[str, object]) -> None:
    given(evolve).when(lambda state: set_rota(state, wish(**wrong))).refused(RotaUnsound)
