"""Somebody on duty is called until one answers and says what came of it; nobody's silence ends it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.notifications.contract.escalations import EscalationClosed, NotOnLadder
from mindlyfe.notifications.domain.escalation import (
    Acknowledged,
    Called,
    Change,
    Closed,
    Escalation,
    Exhausted,
    Opened,
    Resumed,
    acknowledge,
    call,
    close,
    evolve,
    go_on,
    open_,
)

NOW = datetime(2026, 12, 1, 18, 40, tzinfo=UTC)
INES, KWAME, HANA, PAT, STRANGER = (PersonId(UUID(int=n)) for n in (2, 3, 4, 5, 6))
LADDER = [INES, KWAME]
OPENED = Opened(cause=UUID(int=9), subject=PAT, by=HANA, minutes=15, outcome_minutes=60, again_minutes=30, at=NOW)


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def called(person: PersonId, minutes: int, round_: int = 1) -> Called:
    return Called(person=person, round=round_, until=after(minutes))


def calls(ladder: list[PersonId], minutes: int) -> Callable[[Escalation | None], Sequence[Change]]:
    return lambda state: call(state, ladder, after(minutes))


FIRST, SECOND = called(INES, 15), called(KWAME, 30)
ACK = Acknowledged(by=KWAME, until=after(80))


def test_it_is_opened_once() -> None:
    given(evolve).when(lambda state: open_(state, OPENED)).then(OPENED)
    given(evolve, OPENED).when(lambda state: open_(state, OPENED)).then()


def test_one_after_the_other_is_called() -> None:
    given(evolve, OPENED).when(calls(LADDER, 0)).then(FIRST)
    given(evolve, OPENED, FIRST).when(calls(LADDER, 14)).then()
    given(evolve, OPENED, FIRST).when(calls(LADDER, 15)).then(SECOND)


def test_when_nobody_answers_it_is_loud_and_begins_again_at_the_top() -> None:
    exhausted = Exhausted(again_at=after(60))
    state = given(evolve, OPENED, FIRST, SECOND).when(calls(LADDER, 30)).then(exhausted)
    assert state
    assert state.status == "exhausted"
    again = called(INES, 75, 2)
    given(evolve, OPENED, FIRST, SECOND, exhausted).when(calls(LADDER, 59)).then()
    state = given(evolve, OPENED, FIRST, SECOND, exhausted).when(calls(LADDER, 60)).then(again)
    assert state
    assert (state.status, state.called) == ("exhausted", (INES,)), "it stays loud until somebody answers"
    past = (OPENED, FIRST, SECOND, exhausted, again)
    given(evolve, *past).when(calls(LADDER, 75)).then(called(KWAME, 90, 2))
    given(evolve, *past, called(KWAME, 90, 2)).when(calls(LADDER, 90)).then(Exhausted(again_at=after(120)))


def test_where_nobody_is_on_duty_it_is_loud_at_once() -> None:
    given(evolve, OPENED).when(calls([], 0)).then(Exhausted(again_at=after(30)))


def test_who_comes_on_duty_meanwhile_is_called_next() -> None:
    given(evolve, OPENED, FIRST).when(calls([HANA], 15)).then(called(HANA, 30))


def test_who_answers_stops_the_ladder_until_the_outcome_is_overdue() -> None:
    answer = lambda state: acknowledge(state, by=KWAME, ladder=LADDER, sees=False, now=after(20))  # noqa: E731
    given(evolve, OPENED, FIRST, SECOND).when(answer).then(ACK)
    given(evolve, OPENED, FIRST, SECOND, ACK).when(answer).then()
    given(evolve, OPENED, FIRST, SECOND, ACK).when(calls([*LADDER, HANA], 79)).then()
    resumed = (Resumed(at=after(80)), called(HANA, 95))
    given(evolve, OPENED, FIRST, SECOND, ACK).when(calls([*LADDER, HANA], 80)).then(*resumed)
    loud = (Resumed(at=after(80)), Exhausted(again_at=after(110)))
    given(evolve, OPENED, FIRST, SECOND, ACK).when(calls(LADDER, 80)).then(*loud)


def test_an_outcome_ends_it() -> None:
    end = lambda state: close(state, outcome="reached", by=KWAME, ladder=[], sees=False, now=after(40))  # noqa: E731
    closed = Closed(outcome="reached", by=KWAME, at=after(40))
    given(evolve, OPENED, FIRST, SECOND, ACK).when(end).then(closed)
    given(evolve, OPENED, FIRST, SECOND, ACK, closed).when(calls(LADDER, 900)).then()
    given(evolve, OPENED, FIRST, SECOND, ACK, closed).when(end).refused(EscalationClosed)
    given(evolve, OPENED, FIRST, SECOND, ACK, closed).when(
        lambda state: acknowledge(state, by=KWAME, ladder=[], sees=False, now=after(50))
    ).refused(EscalationClosed)


@pytest.mark.parametrize(
    ("by", "sees", "refusal"), [(STRANGER, False, NotFound), (STRANGER, True, NotOnLadder), (HANA, False, NotOnLadder)]
)
def test_only_who_is_on_the_ladder_answers(by: PersonId, sees: bool, refusal: type[NotFound | NotOnLadder]) -> None:
    given(evolve, OPENED, FIRST).when(
        lambda state: acknowledge(state, by=by, ladder=LADDER, sees=sees, now=NOW)
    ).refused(refusal)
    given(evolve, OPENED, FIRST).when(
        lambda state: close(state, outcome="reached", by=by, ladder=LADDER, sees=sees, now=NOW)
    ).refused(refusal)


def test_what_a_worker_found_overtaken_is_not_recorded() -> None:
    found = given(evolve, OPENED, FIRST, SECOND).state
    assert found
    given(evolve, OPENED, FIRST, SECOND, ACK).when(lambda state: go_on(state, found, [called(HANA, 45)])).then()


class LadderMachine(RuleBasedStateMachine):
    """Time passes, duty changes, people answer or do not, workers look when they like."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.state, self.ladder = NOW, evolve(None, OPENED), [INES, KWAME, HANA]
        self.calls: list[tuple[int, PersonId]] = []

    def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, Called):
                self.calls.append((change.round, change.person))
            self.state = evolve(self.state, change)

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(ladder=st.lists(st.sampled_from([INES, KWAME, HANA, STRANGER]), unique=True))
    def duty_changes(self, ladder: list[PersonId]) -> None:
        self.ladder = ladder

    @rule()
    def a_worker_looks(self) -> None:
        before = self.state
        self.apply(call(self.state, self.ladder, self.now))
        self.apply(go_on(self.state, before, []))
        if before.due_at is not None and before.due_at <= self.now:
            assert self.state.due_at is not None, "it goes on"
            assert self.state.due_at > self.now, "and something is due after all that was due is done"

    @precondition(lambda self: self.state.status != "closed" and self.calls)
    @rule(data=st.data())
    def somebody_answers(self, data: st.DataObject) -> None:
        by = data.draw(st.sampled_from([person for _, person in self.calls]))
        self.apply(acknowledge(self.state, by=by, ladder=self.ladder, sees=False, now=self.now))
        assert self.state.status == "acknowledged"

    @precondition(lambda self: self.state.status == "acknowledged" and self.calls)
    @rule()
    def an_outcome_is_recorded(self) -> None:
        by = self.calls[0][1]
        self.apply(close(self.state, outcome="reached", by=by, ladder=self.ladder, sees=False, now=self.now))

    @invariant()
    def silence_never_ends_it(self) -> None:
        assert (self.state.due_at is None) == (self.state.status == "closed")

    @invariant()
    def nobody_is_called_twice_in_a_round(self) -> None:
        assert len(self.calls) == len(set(self.calls))


TestLadder = LadderMachine.TestCase
TestLadder.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
