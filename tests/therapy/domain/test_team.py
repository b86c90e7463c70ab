"""Teams: who is in them, and whose turn it is."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.therapy.domain.walking import schedule_of

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract.teams import TeamMember, TwiceInTeam
from mindlyfe.therapy.domain.team import Team, TeamDissolved, TeamSet, dissolve, evolve, set_up, turns

ANA, BEN, EVA = (PersonId(UUID(int=n)) for n in (1, 2, 3))
SCHEDULE = schedule_of("UTC")
DAY, WEEK = 86_400, 7 * 86_400
MONDAY = 4 * DAY
"""The first one of 1970."""


def members(**weights: int) -> list[TeamMember]:
    people = {"ana": ANA, "ben": BEN, "eva": EVA}
    return [TeamMember(therapist=people[name], weight=weight) for name, weight in weights.items()]


def test_a_team_is_set_up_changed_and_dissolved() -> None:
    two = members(ana=1, ben=2)
    (set_,) = set_up(None, "Anxiety", two)
    assert set_ == TeamSet(name="Anxiety", members=tuple(two))
    state = evolve(None, set_)
    assert set_up(state, "Anxiety", two) == []
    assert set_up(state, "Anxiety", reversed(two)) != []
    (ended,) = dissolve(state)
    gone = evolve(state, ended)
    assert ended == TeamDissolved()
    for known in (None, gone):
        with pytest.raises(NotFound):
            dissolve(known)
    with pytest.raises(NotFound):
        set_up(gone, "Anxiety", two)


def test_nobody_is_in_a_team_twice() -> None:
    with pytest.raises(TwiceInTeam):
        set_up(None, "Anxiety", members(ana=1) * 2)


def at(*starts: int) -> list[tuple[int, object]]:
    return [(start, SCHEDULE) for start in starts]


def test_it_is_theirs_who_has_fewest_that_week_for_their_weight() -> None:
    free = {one: at(MONDAY, MONDAY + WEEK) for one in (ANA, BEN)}
    booked = {ANA: [MONDAY + DAY], BEN: [MONDAY + WEEK, MONDAY + WEEK + DAY]}
    found = turns(members(ana=1, ben=1), free, booked)  # type: ignore[arg-type]
    assert [(start, who) for start, who, _ in found] == [(MONDAY, BEN), (MONDAY + WEEK, ANA)]
    heavier = turns(members(ana=3, ben=1), free, booked)  # type: ignore[arg-type]
    assert [who for _, who, _ in heavier] == [ANA, ANA]


def test_who_alone_is_free_gets_it_and_equals_go_by_their_place() -> None:
    free = {ANA: at(10), BEN: at(10, 20), EVA: at(20, 30)}
    found = turns(members(ben=1, ana=1, eva=1), free, {})  # type: ignore[arg-type]
    assert [(start, who) for start, who, _ in found] == [(10, BEN), (20, BEN), (30, EVA)]


def test_a_patient_stays_with_whom_they_know() -> None:
    free = {ANA: at(10, 20), BEN: at(10)}
    found = turns(members(ana=1, ben=1), free, {BEN: [5, 6, 7]}, kept=BEN)  # type: ignore[arg-type]
    assert [(start, who) for start, who, _ in found] == [(10, BEN), (20, ANA)]


@given(st.dictionaries(st.sampled_from(["ana", "ben", "eva"]), st.integers(1, 5), min_size=2))
def test_bookings_one_after_another_come_out_by_weight(weights: dict[str, int]) -> None:
    """Everybody is always free; each takes what is their turn: after a round of all weights each has theirs."""
    team, booked = members(**weights), dict[PersonId, list[int]]()
    for n in range(3 * sum(weights.values())):
        start = MONDAY + n
        free = {one.therapist: at(start) for one in team}
        [(_, who, _)] = turns(team, free, booked)  # type: ignore[arg-type]
        booked.setdefault(who, []).append(start)
    counted = Counter({who: len(starts) for who, starts in booked.items()})
    assert counted == {one.therapist: 3 * one.weight for one in team}


def test_the_state_is_what_was_set() -> None:
    assert evolve(None, TeamSet(name="A", members=())) == Team(name="A", members=())
