"""One place on the waiting list: given what happened, when somebody wants something, then …"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st
from msgspec.structs import replace

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import SYSTEM, PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.therapy.contract import UnknownZone
from mindlyfe.therapy.contract.teams import TeamId
from mindlyfe.therapy.contract.waiting import (
    AlreadyWaiting,
    NotWaiting,
    OneWish,
    WishedTime,
    Wishes,
    WishesBackwards,
)
from mindlyfe.therapy.domain.wait import (
    MERGED,
    STANDING,
    Joined,
    Left,
    Met,
    PatientMerged,
    Paused,
    Removed,
    Resumed,
    Step,
    UrgencyJudged,
    Wait,
    WishesChanged,
    change,
    evolve,
    existing,
    follow_merge,
    join,
    judge,
    leave,
    meet,
    pause,
    remove,
    resume,
)

PATIENT, DESK, RUIZ, OTHER = (PersonId(UUID(int=n)) for n in (1, 2, 3, 4))
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
EVENINGS = Wishes(zone="Europe/London", times=(WishedTime(weekday=2, opens="17:00", closes="20:00"),))
WITH_RUIZ = Wishes(zone="Europe/London", therapist=RUIZ)
JOINED = Joined(patient=PATIENT, by=DESK, wishes=EVENINGS, at=NOW)


def when(decide: Callable[[Wait], Sequence[Step]]) -> Callable[[Wait | None], Sequence[Step]]:
    return lambda state: decide(existing(state))


def test_who_joins_waits_since_then_and_nothing_is_urgent_yet() -> None:
    state = given(evolve).when(lambda s: join(s, JOINED)).then(JOINED)
    assert state
    assert (state.status, state.urgency, state.since) == ("waiting", "routine", NOW)


def test_joining_again_changes_nothing_and_other_wishes_are_no_joining() -> None:
    given(evolve, JOINED).when(lambda s: join(s, replace(JOINED, at=LATER))).then()
    given(evolve, JOINED).when(lambda s: join(s, replace(JOINED, wishes=WITH_RUIZ))).refused(AlreadyWaiting)


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        (replace(WITH_RUIZ, team=TeamId(UUID(int=9))), OneWish),
        (replace(EVENINGS, zone="Europe/Nowhere"), UnknownZone),
        (replace(EVENINGS, times=(WishedTime(weekday=1, opens="18:00", closes="18:00"),)), WishesBackwards),
        (replace(EVENINGS, earliest=date(2026, 6, 2), latest=date(2026, 6, 1)), WishesBackwards),
    ],
)
def test_wishes_that_mean_nothing_are_refused(wishes: Wishes, reason: Any) -> None:
    given(evolve).when(lambda s: join(s, replace(JOINED, wishes=wishes))).refused(reason)
    given(evolve, JOINED).when(when(lambda s: change(s, by=PATIENT, wishes=wishes))).refused(reason)


def test_the_time_waited_outlives_other_wishes_pauses_and_judgements() -> None:
    steps = (
        WishesChanged(by=PATIENT, wishes=WITH_RUIZ),
        UrgencyJudged(by=RUIZ, urgency="urgent", reason="worse", at=LATER),
        Paused(by=PATIENT),
        Resumed(by=PATIENT, at=LATER),
    )
    state = given(evolve, JOINED, *steps).state
    assert state
    assert (state.since, state.status, state.wishes) == (NOW, "waiting", WITH_RUIZ)
    assert (state.urgency, state.urgency_reason, state.parties) == ("urgent", "worse", (RUIZ, RUIZ))


def test_saying_the_same_again_is_no_event() -> None:
    judged = UrgencyJudged(by=RUIZ, urgency="soon", reason="worse", at=NOW)
    given(evolve, JOINED).when(when(lambda s: change(s, by=PATIENT, wishes=EVENINGS))).then()
    given(evolve, JOINED, judged).when(
        when(lambda s: judge(s, by=OTHER, urgency="soon", reason="worse", now=LATER))
    ).then()
    given(evolve, JOINED, Paused(by=PATIENT)).when(when(lambda s: pause(s, by=PATIENT))).then()
    given(evolve, JOINED, Left(by=PATIENT, at=NOW)).when(when(lambda s: leave(s, by=PATIENT, now=LATER))).then()


STEPS: dict[str, Callable[[Wait], Sequence[Step]]] = {
    "change": lambda s: change(s, by=PATIENT, wishes=WITH_RUIZ),
    "judge": lambda s: judge(s, by=RUIZ, urgency="soon", reason="worse", now=NOW),
    "pause": lambda s: pause(s, by=PATIENT),
    "resume": lambda s: resume(s, by=PATIENT, now=NOW),
    "leave": lambda s: leave(s, by=PATIENT, now=NOW),
    "remove": lambda s: remove(s, by=DESK, reason="moved away", now=NOW),
    "meet": lambda s: meet(s, now=NOW),
}


@given_any(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_who_waits_no_longer_never_waits_again(names: list[str]) -> None:
    state = given(evolve, JOINED).state
    over = False
    for name in names:
        assert state
        if over:
            assert state.status not in STANDING
        try:
            steps = STEPS[name](state)
        except NotWaiting:
            assert over
            steps = []
        assert not over or not steps
        for step in steps:
            state = evolve(state, step)
        over = over or name in {"leave", "remove", "meet"}


def test_a_removal_says_why_and_a_met_one_is_over() -> None:
    removed = given(evolve, JOINED).when(when(STEPS["remove"])).then(Removed(by=DESK, reason="moved away", at=NOW))
    assert removed
    assert (removed.status, removed.removed_because) == ("removed", "moved away")
    met = given(evolve, JOINED, Paused(by=PATIENT)).when(lambda s: meet(s, now=NOW)).then(Met(at=NOW))
    assert met
    assert met.status == "met"
    given(evolve, JOINED, Met(at=NOW)).when(lambda s: meet(s, now=LATER)).then()
    given(evolve).when(lambda s: meet(s, now=NOW)).then()
    given(evolve).when(when(STEPS["leave"])).refused(NotFound)


@pytest.mark.parametrize("waits", [True, False])
def test_the_place_of_a_duplicate_becomes_the_survivors_unless_they_have_one(waits: bool) -> None:
    moved = PatientMerged(patient=OTHER, was=PATIENT)
    gone = Removed(by=SYSTEM, reason=MERGED, at=LATER)

    def follow(state: Wait | None) -> Sequence[Step]:
        return follow_merge(state, duplicate=PATIENT, survivor=OTHER, waits=waits, now=LATER)

    state = given(evolve, JOINED).when(follow).then(gone if waits else moved)
    assert state
    assert list(follow(state)) == []
    assert list(follow(None)) == []
