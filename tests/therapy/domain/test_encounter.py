"""One encounter: given who came and went, when somebody wants something, then …; and whatever they do, time adds up."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.bookings import NotStarted
from mindlyfe.therapy.contract.encounters import (
    CheckInClosed,
    EncounterOver,
    NotAdmitted,
    Part,
    PatientNotThere,
    Stage,
    Whereabouts,
    WhereaboutsMissing,
)
from mindlyfe.therapy.domain.admitting import admit, call_off, check_in, close, end, join, leave, put_off
from mindlyfe.therapy.domain.encounter import (
    PARTS,
    Admitted,
    CalledOff,
    CheckedIn,
    Encounter,
    Ended,
    Joined,
    Left,
    Step,
    evolve,
)

PATIENT, RUIZ = PersonId(UUID(int=1)), PersonId(UUID(int=2))
APPOINTMENT = AppointmentId(UUID(int=9))
NINE = datetime(2026, 6, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUAY = Whereabouts(country="GB", place="4 Quay Street, Bristol", call_back="+442079460958")
TRAIN = Whereabouts(country="FR", place="On the train to Lyon", call_back="+442079460958")
WHO: Any = {"appointment": APPOINTMENT, "patient": PATIENT, "therapist": RUIZ}


def come(at: datetime = NINE, **more: Any) -> CheckedIn:
    plan: Any = {"kind": "video", "starts_at": NINE, "minutes": 50, "by": PATIENT, "whereabouts": QUAY}
    return CheckedIn(**(WHO | plan | {"at": at} | more))


CAME, IN = come(), Admitted(**WHO, at=NINE)
OVER = Ended(
    **WHO, by=RUIZ, started_at=NINE, patient_s=3000, therapist_s=3000, at=NINE + 50 * MINUTE, by_platform=False
)


@pytest.mark.parametrize(("minutes", "open_"), [(-31, False), (-30, True), (0, True), (50, True), (51, False)])
def test_the_waiting_room_is_open_from_half_an_hour_before_until_the_end(minutes: int, open_: bool) -> None:
    wish = come(NINE + minutes * MINUTE)
    case = given(evolve).when(lambda state: check_in(state, wish))
    if open_:
        case.then(wish)
    else:
        case.refused(CheckInClosed)


def test_who_meets_by_video_says_where_they_are_and_on_site_nobody_need_ask() -> None:
    given(evolve).when(lambda state: check_in(state, come(whereabouts=None))).refused(WhereaboutsMissing)
    there = come(kind="on-site", whereabouts=None)
    given(evolve).when(lambda state: check_in(state, there)).then(there)


def test_checking_in_again_changes_nothing_unless_the_place_is_another() -> None:
    later = NINE + MINUTE
    given(evolve, CAME).when(lambda state: check_in(state, come(later))).then()
    moved = come(later, whereabouts=TRAIN)
    after = given(evolve, CAME).when(lambda state: check_in(state, moved)).then(moved)
    assert after
    assert (after.arrived_at, after.come.whereabouts) == (NINE, TRAIN), "they came when they first came"
    given(evolve, CAME, IN).when(lambda state: check_in(state, come(later))).then()
    given(evolve, CAME, IN, OVER).when(lambda state: check_in(state, come(later))).refused(EncounterOver)


def test_an_appointment_that_was_moved_is_come_to_anew() -> None:
    tomorrow = NINE + timedelta(days=1)
    given(evolve, CAME).when(partial(put_off, starts_at=NINE, at=NINE)).then()
    gone = Left(part="patient", at=NINE)
    given(evolve, CAME).when(partial(put_off, starts_at=tomorrow, at=NINE)).then(gone)
    given(evolve).when(partial(put_off, starts_at=tomorrow, at=NINE)).then()
    anew = come(tomorrow, starts_at=tomorrow)
    after = given(evolve, CAME, gone).when(lambda state: check_in(state, anew)).then(anew)
    assert after
    assert after.arrived_at == tomorrow


def test_who_waits_is_let_in_once_and_nobody_else() -> None:
    given(evolve, CAME).when(partial(admit, starts_at=NINE, at=NINE)).then(IN)
    given(evolve, CAME).when(partial(admit, starts_at=NINE, at=NINE - 16 * MINUTE)).refused(NotStarted)
    other = NINE + timedelta(days=1)
    given(evolve, CAME).when(partial(admit, starts_at=other, at=NINE)).refused(PatientNotThere)
    given(evolve, CAME, IN).when(partial(admit, starts_at=NINE, at=NINE)).then()
    given(evolve).when(partial(admit, starts_at=NINE, at=NINE)).refused(PatientNotThere)
    given(evolve, CAME, Left(part="patient", at=NINE)).when(partial(admit, starts_at=NINE, at=NINE)).refused(
        PatientNotThere
    )
    given(evolve, CAME, IN, OVER).when(partial(admit, starts_at=NINE, at=NINE)).refused(EncounterOver)


def test_who_leaves_the_waiting_room_may_come_back() -> None:
    gone = Left(part="patient", at=NINE)
    after = given(evolve, CAME).when(partial(leave, part="patient", at=NINE)).then(gone)
    assert after
    assert after.stage == "left"
    given(evolve, CAME, gone).when(partial(leave, part="patient", at=NINE)).then()
    given(evolve, CAME, gone).when(lambda state: check_in(state, CAME)).then(CAME)
    given(evolve, CAME).when(partial(leave, part="therapist", at=NINE)).refused(NotAdmitted)


def test_each_is_in_for_as_long_as_they_are_in() -> None:
    def at(minutes: int) -> datetime:
        return NINE + minutes * MINUTE

    steps = [Left(part="patient", at=at(10)), Joined(part="patient", at=at(15)), Left(part="therapist", at=at(40))]
    lasted: Any = {"patient_s": 45 * 60, "therapist_s": 40 * 60}
    over = msgspec.structs.replace(OVER, at=at(50), **lasted)
    after = given(evolve, CAME, IN, *steps).when(partial(end, by=RUIZ, at=at(50))).then(over)
    assert after
    assert (after.seconds("patient", at(99)), after.seconds("therapist", at(99))) == (45 * 60, 40 * 60)
    assert (after.stage, after.ended_at) == ("finished", at(50))
    given(evolve, CAME, IN).when(partial(join, part="patient", at=at(1))).then()
    given(evolve, CAME).when(partial(join, part="patient", at=at(1))).refused(NotAdmitted)
    given(evolve, CAME, IN, OVER).when(partial(join, part="patient", at=at(51))).refused(EncounterOver)
    given(evolve, CAME, IN, OVER).when(partial(leave, part="patient", at=at(51))).then()


def test_it_is_ended_once_and_only_after_it_began() -> None:
    given(evolve, CAME, IN).when(partial(end, by=RUIZ, at=NINE + 50 * MINUTE)).then(OVER)
    given(evolve, CAME, IN, OVER).when(partial(end, by=RUIZ, at=NINE + 60 * MINUTE)).then()
    given(evolve, CAME).when(partial(end, by=RUIZ, at=NINE)).refused(NotAdmitted)
    given(evolve, CAME, CalledOff(by=SYSTEM, at=NINE)).when(partial(end, by=RUIZ, at=NINE)).refused(EncounterOver)


def test_who_waits_for_what_was_cancelled_waits_for_nothing() -> None:
    given(evolve, CAME).when(partial(call_off, by=PATIENT, at=NINE)).then(CalledOff(by=PATIENT, at=NINE))
    given(evolve, CAME, IN).when(partial(call_off, by=PATIENT, at=NINE)).then()
    given(evolve).when(partial(call_off, by=PATIENT, at=NINE)).then()


def test_what_nobody_ends_is_closed_at_the_latest_moment_that_is_known() -> None:
    due = NINE + 50 * MINUTE + timedelta(hours=4)
    given(evolve, CAME, IN).when(partial(close, now=due - MINUTE)).then()
    closed = msgspec.structs.replace(OVER, by=SYSTEM, by_platform=True)
    given(evolve, CAME, IN).when(partial(close, now=due)).then(closed)
    given(evolve, CAME, IN, closed).when(partial(close, now=due)).then()
    late = NINE + 70 * MINUTE
    longer = msgspec.structs.replace(closed, at=late, patient_s=70 * 60, therapist_s=70 * 60)
    given(evolve, CAME, IN, Left(part="patient", at=late)).when(partial(close, now=due)).then(longer)
    given(evolve, CAME).when(partial(close, now=due)).then(CalledOff(by=SYSTEM, at=due))
    given(evolve).when(partial(close, now=due)).then()


type Wish = Callable[[Encounter | None, datetime], Sequence[Step]]
WISHES: list[Wish] = [
    lambda s, at: check_in(s, come(at)),
    lambda s, at: check_in(s, come(at, whereabouts=TRAIN)),
    lambda s, at: admit(s, starts_at=NINE, at=at),
    lambda s, at: join(s, "patient", at=at),
    lambda s, at: join(s, "therapist", at=at),
    lambda s, at: leave(s, "patient", at=at),
    lambda s, at: leave(s, "therapist", at=at),
    lambda s, at: end(s, by=RUIZ, at=at),
    lambda s, at: call_off(s, by=PATIENT, at=at),
    lambda s, at: close(s, now=at),
]
FOLLOWS: dict[Stage, set[Stage]] = {
    "planned": {"planned", "arrived"},
    "arrived": {"arrived", "left", "in-progress", "cancelled"},
    "left": {"left", "arrived", "cancelled"},
    "in-progress": {"in-progress", "finished"},
    "finished": {"finished"},
    "cancelled": {"cancelled"},
}


@given_any(st.lists(st.tuples(st.sampled_from(WISHES), st.integers(0, 90))))
def test_whatever_is_wished_stages_follow_each_other_and_the_seconds_are_those_of_a_stopwatch(
    wishes: list[tuple[Wish, int]],
) -> None:
    state: Encounter | None = None
    at = NINE - 30 * MINUTE
    watch: dict[Part, int] = dict.fromkeys(PARTS, 0)
    for wish, minutes in wishes:
        passed = minutes * MINUTE
        for part in PARTS:
            watch[part] += int(passed.total_seconds()) if state and state.inside(part) else 0
        at += passed
        before: Stage = state.stage if state else "planned"
        kept = state
        try:
            for step in wish(state, at):
                state = evolve(state, step)
        except DomainError:
            assert state == kept
        after: Stage = state.stage if state else "planned"
        assert after in FOLLOWS[before]
        if state is None:
            continue
        assert all(state.inside(part) is False for part in PARTS) or after == "in-progress"
        assert (state.ended_at is None) == (after not in {"finished", "cancelled"})
        if not state.by_platform:
            assert {part: state.seconds(part, at) for part in PARTS} == watch
        else:
            assert all(0 <= state.seconds(part, at) <= watch[part] for part in PARTS)
