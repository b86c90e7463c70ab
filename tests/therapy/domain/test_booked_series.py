"""A series as it is wanted: given what happened, when somebody wants something, then …"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from mindlyfe.kernel.errors import IdTaken, NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import ScheduleId
from mindlyfe.therapy.contract.series import SeriesId, SeriesOver, SeriesTooLong
from mindlyfe.therapy.domain.booked_series import (
    Change,
    PatientMerged,
    Plan,
    Refused,
    Series,
    SeriesBegun,
    SeriesEnded,
    SeriesExtended,
    SeriesSettled,
    Successor,
    begin,
    end,
    evolve,
    extend,
    follow_merge,
    settle,
)

PATIENT, THERAPIST, DESK, SURVIVOR = (PersonId(UUID(int=n)) for n in range(1, 5))
FIRST = datetime(2026, 10, 5, 8, tzinfo=UTC)
"""A Monday, 09:00 in London; the clocks go back on 25 October."""
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
PLAN = Plan(schedule=ScheduleId(UUID(int=9)), zone="Europe/London", first=FIRST, every_days=7)
BEGUN = SeriesBegun(patient=PATIENT, therapist=THERAPIST, by=PATIENT, plan=PLAN, count=6)
SETTLED = SeriesSettled(refused=(Refused(number=2, code="slot-taken"),))
TUESDAYS = Successor(series=SeriesId(UUID(int=8)), plan=replace(PLAN, first=FIRST + timedelta(days=22)))


def given(*changes: Change) -> Series:
    state: Series | None = None
    for change in changes:
        state = evolve(state, change)
    assert state
    return state


def test_the_same_wish_again_changes_nothing_and_another_is_refused() -> None:
    assert begin(None, BEGUN) == [BEGUN]
    assert begin(given(BEGUN, SETTLED), BEGUN) == []
    for other in (replace(BEGUN, patient=DESK), replace(BEGUN, plan=replace(PLAN, every_days=14))):
        with pytest.raises(IdTaken):
            begin(given(BEGUN), other)


def test_originals_stay_at_the_time_of_the_clocks() -> None:
    assert given(BEGUN).originals() == [FIRST + n * WEEK + (n > 2) * HOUR for n in range(6)]


def test_a_change_leaves_it_open_until_it_is_settled() -> None:
    state = given(BEGUN)
    assert state.open
    assert settle(state, seen=state, refused=SETTLED.refused) == [SETTLED]
    settled = given(BEGUN, SETTLED)
    assert (settled.open, settled.refused) == (False, SETTLED.refused)
    assert settle(settled, seen=state, refused=()) == []


def test_what_was_wanted_meanwhile_is_not_settled_with_the_rest() -> None:
    seen, extended = given(BEGUN), given(BEGUN, SeriesExtended(by=PATIENT, count=8))
    assert settle(extended, seen=seen, refused=()) == []


def test_it_is_extended_as_far_as_two_years_of_weeks() -> None:
    state = given(BEGUN, SETTLED)
    assert extend(state, by=DESK, more=4) == [SeriesExtended(by=DESK, count=10)]
    after = given(BEGUN, SETTLED, SeriesExtended(by=DESK, count=10))
    assert (after.by, after.last, after.open) == (DESK, 10, True)
    extend(state, by=DESK, more=98)
    with pytest.raises(SeriesTooLong):
        extend(state, by=DESK, more=99)


def test_it_ends_at_an_occurrence_and_once_more_before_it() -> None:
    ended = SeriesEnded(by=PATIENT, after=3, reason="better")
    assert end(given(BEGUN, SETTLED), by=PATIENT, number=4, reason="better") == [ended]
    state = given(BEGUN, SETTLED, ended)
    assert (state.last, state.count, state.open) == (3, 6, True)
    assert end(state, by=PATIENT, number=4, reason="better") == []
    assert end(state, by=PATIENT, number=2, reason="") == [SeriesEnded(by=PATIENT, after=1, reason="")]
    with pytest.raises(SeriesOver):
        end(state, by=PATIENT, number=5, reason="")
    with pytest.raises(SeriesOver):
        extend(state, by=PATIENT, more=1)
    with pytest.raises(NotFound):
        end(state, by=PATIENT, number=7, reason="")


def test_what_follows_becomes_one_other_series() -> None:
    (ended,) = end(given(BEGUN, SETTLED), by=PATIENT, number=4, reason="", successor=TUESDAYS)
    state = given(BEGUN, SETTLED, ended)
    assert (state.after, state.successor) == (3, TUESDAYS)
    assert end(state, by=PATIENT, number=4, reason="", successor=TUESDAYS) == []
    later = replace(TUESDAYS, plan=replace(TUESDAYS.plan, every_days=14))
    with pytest.raises(SeriesOver):
        end(state, by=PATIENT, number=4, reason="", successor=later)


def test_it_follows_its_patient_into_another_account() -> None:
    (merged,) = follow_merge(given(BEGUN), duplicate=PATIENT, survivor=SURVIVOR)
    assert merged == PatientMerged(patient=SURVIVOR, was=PATIENT)
    state = given(BEGUN, merged)
    assert (state.patient, state.by) == (SURVIVOR, SURVIVOR)
    assert follow_merge(state, duplicate=PATIENT, survivor=SURVIVOR) == []
    assert follow_merge(None, duplicate=PATIENT, survivor=SURVIVOR) == []
