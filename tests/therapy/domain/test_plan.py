"""One treatment plan: given what was written, when somebody wants something, then …"""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.therapy.contract.episodes import Problem
from mindlyfe.therapy.contract.plans import (
    Goal,
    GoalTwice,
    Measure,
    PlanRevised,
    Progress,
    ReviewInThePast,
    RevisePlan,
    UnknownGoal,
)
from mindlyfe.therapy.domain.plan import (
    Agreed,
    PatientMerged,
    Plan,
    ProgressNoted,
    Reviewed,
    Revised,
    Step,
    agree,
    evolve,
    follow_merge,
    note_progress,
    review,
    revise,
)

PATIENT, RUIZ, NEW = (PersonId(UUID(int=n)) for n in (1, 2, 3))
EPISODE, SLEEP, WORK = (UUID(int=n) for n in (7, 8, 9))
NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
SOON = date(2026, 7, 1)
WISH = RevisePlan(
    problems=(Problem(words="Sleeps badly"),),
    goals=(Goal(id=SLEEP, words="Sleep through the night", target=date(2026, 9, 1)), Goal(id=WORK, words="Work again")),
    interventions=("Sleep restriction",),
    measures=(Measure(instrument="isi", every_weeks=2),),
    next_review=SOON,
    remarks="Think of the mother.",
)


def written(number: int = 1, wish: RevisePlan = WISH) -> Revised:
    return Revised(episode=EPISODE, patient=PATIENT, by=RUIZ, number=number, at=NOW, **msgspec.structs.asdict(wish))


def when(decision: Any, **wish: Any) -> Any:
    """A decision on a plan that is there."""
    return partial(decision, **wish)


def revising(wish: RevisePlan, now: datetime = NOW) -> Any:
    return lambda state: revise(state, wish, episode=EPISODE, patient=PATIENT, by=RUIZ, now=now)


def test_a_plan_is_written_and_written_anew_and_every_version_stays() -> None:
    given(evolve).when(revising(WISH)).then(written())
    given(evolve, written()).when(revising(WISH)).then()
    other = msgspec.structs.replace(WISH, interventions=())
    state = given(evolve, written()).when(revising(other)).then(written(2, other))
    assert state
    assert (state.version(1).text, state.newest.text) == (written(), written(2, other))
    with pytest.raises(NotFound):
        state.version(3)


def test_what_makes_no_sense_is_refused() -> None:
    twice = msgspec.structs.replace(WISH, goals=(WISH.goals[0], WISH.goals[0]))
    given(evolve).when(revising(twice)).refused(GoalTwice)
    given(evolve).when(revising(WISH, NOW + timedelta(days=60))).refused(ReviewInThePast)
    given(evolve, written()).when(
        lambda _: review(next_review=date(2026, 5, 31), remarks="", by=RUIZ, now=NOW)
    ).refused(ReviewInThePast)


def test_the_patient_agrees_to_the_newest_version_once() -> None:
    agreed = Agreed(number=1, by=PATIENT, at=NOW)
    given(evolve, written()).when(when(agree, number=1, by=PATIENT, now=NOW)).then(agreed)
    given(evolve, written(), agreed).when(when(agree, number=1, by=PATIENT, now=NOW)).then()
    other = written(2, msgspec.structs.replace(WISH, interventions=()))
    given(evolve, written(), agreed, other).when(when(agree, number=1, by=PATIENT, now=NOW)).refused(PlanRevised)
    state = given(evolve, written(), agreed, other).state
    assert state
    assert (state.version(1).agreed_at, state.newest.agreed_at) == (NOW, None), "to be agreed to anew"


def test_progress_is_of_a_goal_and_leaves_the_agreement() -> None:
    going = ProgressNoted(goal=SLEEP, progress="in-progress", by=RUIZ, at=NOW)
    noting: Any = partial(note_progress, goal=SLEEP, progress="in-progress", by=RUIZ, now=NOW)
    agreed = Agreed(number=1, by=PATIENT, at=NOW)
    state = given(evolve, written(), agreed).when(noting).then(going)
    assert state
    assert [one.progress for one in state.newest.goals] == ["in-progress", "not-started"]
    assert state.newest.agreed_at == NOW
    given(evolve, written(), going).when(noting).then()
    given(evolve, written()).when(when(noting, goal=EPISODE)).refused(UnknownGoal)


def test_a_review_moves_the_day_of_the_next() -> None:
    later = date(2026, 8, 1)
    reviewed = Reviewed(next_review=later, remarks="It goes well.", by=RUIZ, at=NOW)
    looking = partial(review, next_review=later, remarks="It goes well.", by=RUIZ, now=NOW)
    state = given(evolve, written()).when(lambda _: looking()).then(reviewed)
    assert state
    assert (state.next_review, len(state.versions)) == (later, 1)


def test_a_plan_follows_its_patient_once() -> None:
    moved = PatientMerged(patient=NEW, was=PATIENT)
    follow: Any = partial(follow_merge, duplicate=PATIENT, survivor=NEW)
    given(evolve, written()).when(follow).then(moved)
    given(evolve, written(), moved).when(follow).then()
    given(evolve).when(follow).then()


ANY_PROGRESS = st.sampled_from(list[Progress](["not-started", "in-progress", "reached", "given-up"]))
WISHES = st.one_of(
    st.tuples(st.just("progress"), st.sampled_from([SLEEP, WORK]), ANY_PROGRESS),
    st.tuples(st.just("agree"), st.just(SLEEP), ANY_PROGRESS),
    st.tuples(st.just("revise"), st.just(SLEEP), ANY_PROGRESS),
)


@given_any(st.lists(WISHES))
def test_whatever_is_wished_no_version_changes_its_words_and_numbers_count(
    wishes: list[tuple[str, UUID, Progress]],
) -> None:
    events: list[Step] = [written()]
    texts = [written()]
    for step, (what, goal, progress) in enumerate(wishes):
        state: Plan | None = given(evolve, *events).state
        assert state
        match what:
            case "progress":
                events += note_progress(state, goal=goal, progress=progress, by=RUIZ, now=NOW)
            case "agree":
                events += agree(state, number=len(texts), by=PATIENT, now=NOW)
            case _:
                found = revising(msgspec.structs.replace(WISH, interventions=(str(step),)))(state)
                events += found
                texts += found
    state = given(evolve, *events).state
    assert state
    assert [one.text for one in state.versions] == texts
    assert [one.text.number for one in state.versions] == list(range(1, len(texts) + 1))
