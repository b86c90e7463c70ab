"""When a clinic is open, held against a model that looks at each minute; and what takes two administrators."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindlyfe.identity.contract.organisations import Closure, Holiday, Opening
from mindlyfe.identity.domain import organisation
from mindlyfe.identity.domain.clinic import confirm_age, describe, set_age
from mindlyfe.identity.domain.hours import open_at, possible
from mindlyfe.identity.domain.refusals import ImpossibleHours, NeedsAnother, NothingProposed
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing import decisions

ANA, BEN = PersonId(UUID(int=11)), PersonId(UUID(int=12))
CHANGES = {
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Kathmandu": (date(2026, 6, 1),),
}
"""Zones, and days around which their clocks change: by an hour, by half of one, never."""
QUARTERS = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 15, 30, 45)] + ["24:00"]


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    first, second = sorted(draw(st.lists(st.integers(0, 96), min_size=2, max_size=2, unique=True)))
    return Opening(draw(st.integers(1, 7)), QUARTERS[first], QUARTERS[second])


def minutes_open(day: date, zone: str, hours: list[Opening]) -> set[datetime]:
    """The model: every minute on the wall of that day, and the instants at which the wall shows it."""
    instants: set[datetime] = set()
    for opening in hours:
        if opening.weekday != day.isoweekday():
            continue
        bounds = [int(text[:2]) * 60 + int(text[3:]) for text in (opening.from_, opening.to)]
        for minute in range(*bounds):
            wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001 - a wall clock
            for fold in (0, 1):
                instant = wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
                if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall:
                    instants.add(instant)
    return instants


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(CHANGES)), st.data(), st.lists(openings(), max_size=8))
def test_open_is_what_a_look_at_each_minute_says(zone: str, data: st.DataObject, hours: list[Opening]) -> None:
    change = data.draw(st.sampled_from(CHANGES[zone]))
    closed = data.draw(st.none() | st.just(Holiday(change, "Clocks change")))
    start = datetime(change.year, change.month, change.day, tzinfo=UTC) - timedelta(days=1)
    shut = Closure(start + timedelta(hours=30), start + timedelta(hours=31))
    holidays = [closed] if closed else []
    open_: set[datetime] = set()
    for offset in range(-2, 4):
        day = change + timedelta(days=offset)
        if not (closed and day == change):
            open_ |= minutes_open(day, zone, hours)
    for minute in range(0, 3 * 24 * 60, 5):
        at = start + timedelta(minutes=minute)
        expected = at in open_ and not shut.from_ <= at < shut.to
        assert open_at(at, zone=zone, hours=hours, holidays=holidays, closures=[shut]) == expected, at


def test_hours_must_be_possible() -> None:
    possible([Opening(1, "09:00", "12:00"), Opening(1, "12:00", "24:00"), Opening(2, "09:00", "10:00")], [])
    at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    for hours, closures in (
        ([Opening(1, "09:00", "09:00")], []),
        ([Opening(1, "22:00", "06:00")], []),
        ([Opening(1, "09:00", "12:00"), Opening(1, "11:59", "13:00")], []),
        ([], [Closure(at, at)]),
    ):
        with pytest.raises(ImpossibleHours):
            possible(hours, closures)


FOUNDED = organisation.Founded(name="Harbour", zone="Europe/London", locale="en-GB", region="eu")
PROPOSED = organisation.AgeProposed(minimum_age=16, by=ANA)


def test_a_description_is_replaced_once() -> None:
    wish = organisation.Described(
        name="Haven", zone="UTC", locale="en", jurisdiction="GB-SCT", hours=(), holidays=(), closures=(), lines=()
    )
    state = decisions.given(organisation.evolve, FOUNDED).when(lambda state: describe(state, wish)).then(wish)
    assert state is not None
    assert (state.name, state.region, state.minimum_age) == ("Haven", "eu", 18)
    decisions.given(organisation.evolve, FOUNDED, wish).when(lambda state: describe(state, wish)).then()
    decisions.given(organisation.evolve).when(lambda state: describe(state, wish)).refused(NotFound)


def test_asvs_2_3_5_a_lower_age_takes_two_people_and_a_higher_one_only_one() -> None:
    clinic = decisions.given(organisation.evolve, FOUNDED)
    state = clinic.when(lambda state: set_age(state, 16, by=ANA)).then(PROPOSED)
    assert state is not None
    assert state.minimum_age == 18
    clinic.when(lambda state: set_age(state, 21, by=ANA)).then(organisation.AgeChanged(minimum_age=21, by=ANA))
    clinic.when(lambda state: set_age(state, 18, by=ANA)).then()
    clinic.when(lambda state: confirm_age(state, 16, by=BEN)).refused(NothingProposed)
    proposed = decisions.given(organisation.evolve, FOUNDED, PROPOSED)
    proposed.when(lambda state: confirm_age(state, 16, by=ANA)).refused(NeedsAnother)
    proposed.when(lambda state: confirm_age(state, 12, by=BEN)).refused(NothingProposed)
    proposed.when(lambda state: set_age(state, 16, by=ANA)).then()
    lowered = organisation.AgeChanged(minimum_age=16, by=BEN, proposed_by=ANA)
    after = proposed.when(lambda state: confirm_age(state, 16, by=BEN)).then(lowered)
    assert after is not None
    assert (after.minimum_age, after.proposal) == (16, None)
    decisions.given(organisation.evolve, FOUNDED, PROPOSED, lowered).when(
        lambda state: confirm_age(state, 16, by=BEN)
    ).then()
    kept = organisation.AgeChanged(minimum_age=18, by=BEN)
    proposed.when(lambda state: set_age(state, 18, by=BEN)).then(kept)
