"""What a person allows an app: a yes adds and takes away only what was asked about; taken back, nothing counts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.domain.allowance import Allowance, Given, Withdrawn, evolve, give, withdraw
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId

NOW, ANA, DIARY = datetime(2026, 6, 1, 6, tzinfo=UTC), PersonId(UUID(int=1)), UUID(int=2)
WORDS = ("openid", "profile", "email", "offline_access", "fhirUser")


def allowed(state: Allowance | None, asked: Sequence[str], ticked: Sequence[str]) -> Allowance | None:
    """The allowance after an answer."""
    for change in give(state, Given(person=ANA, app=DIARY, scopes=tuple(ticked), at=NOW), asked=asked):
        state = evolve(state, change)
    return state


def taken_back(state: Allowance | None) -> Allowance:
    [change] = withdraw(state, Withdrawn(person=ANA, app=DIARY, at=NOW))
    return evolve(state, change)


def test_a_yes_to_the_same_is_no_news() -> None:
    state = allowed(None, ["openid", "email"], ["openid", "email"])
    assert give(state, Given(person=ANA, app=DIARY, scopes=("openid",), at=NOW), asked=["openid"]) == []


def test_what_is_unticked_is_gone_and_what_was_not_asked_about_stays() -> None:
    state = allowed(allowed(None, WORDS, WORDS), ["openid", "email"], ["openid"])
    assert state is not None
    assert set(state.scopes) == {*WORDS} - {"email"}


def test_who_unticks_a_part_takes_the_wider_scope_back() -> None:
    state = allowed(None, ["patient/*.rs", "openid"], ["patient/*.rs", "openid"])
    state = allowed(state, ["patient/Appointment.rs", "openid"], ["openid"])
    assert state is not None
    assert not state.covers(["patient/Appointment.r"])
    assert state.scopes == ("openid",)


def test_taken_back_nothing_counts_until_it_is_given_anew() -> None:
    state = taken_back(allowed(None, WORDS, WORDS))
    assert not state.covers([])
    assert not state.covers(["openid"])
    with pytest.raises(NotFound):
        taken_back(state)
    again = allowed(state, ["openid"], ["openid"])
    assert again is not None
    assert again.scopes == ("openid",)


def test_nobody_takes_back_what_was_never_given() -> None:
    with pytest.raises(NotFound):
        taken_back(None)


some = st.lists(st.sampled_from(WORDS), unique=True)


@given(st.lists(st.tuples(some, some)))
def test_each_scope_is_as_it_was_answered_last(answers: list[tuple[list[str], list[str]]]) -> None:
    state: Allowance | None = None
    last: dict[str, bool] = {}
    for asked, wanted in answers:
        ticked = [one for one in asked if one in wanted]
        last |= {one: one in ticked for one in asked}
        state = allowed(state, asked, ticked)
    for scope in WORDS:
        covered = state is not None and state.covers([scope])
        assert covered == last.get(scope, False)
