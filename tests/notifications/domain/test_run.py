"""A run under news in any order: what was said last holds, whatever was heard last."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given as generate
from hypothesis import settings
from hypothesis import strategies as st

from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.notifications.contract.workflows import Source
from mindlyfe.notifications.domain.run import (
    Again,
    Asked,
    Began,
    Change,
    Collected,
    Ended,
    Readdressed,
    Run,
    Waits,
    Withdrawn,
    begin,
    evolve,
    follow_merge,
    go_on,
    newer,
    withdraw,
)

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PAT, SAM = PersonId(UUID(int=2)), PersonId(UUID(int=3))
ABOUT = UUID(int=4)


def source(version: int, stream: int = 4) -> Source:
    return Source(UUID(int=stream), version, NOON + timedelta(minutes=version))


def began(version: int, hours: int = 24, *, collects: bool = False) -> Began:
    return Began(
        workflow="appointment-reminder",
        edition="shipped/1",
        recipient=PAT,
        about=ABOUT,
        moment=NOON + timedelta(hours=hours),
        source=source(version),
        collects=collects,
        at=NOON,
    )


def gone(version: int) -> Withdrawn:
    return Withdrawn(workflow="appointment-reminder", recipient=PAT, about=ABOUT, source=source(version), at=NOON)


WAITS = Waits(then=1, until=NOON + timedelta(hours=1))


def test_it_begins_once() -> None:
    given(evolve).when(lambda state: begin(state, began(1))).then(began(1))
    given(evolve, began(1)).when(lambda state: begin(state, began(1))).then()


def test_a_move_begins_a_round_for_the_new_moment() -> None:
    state = given(evolve, began(1), WAITS).when(lambda state: begin(state, began(2, 48))).then(began(2, 48))
    assert state
    assert (state.round, state.place, state.moment) == (2, 0, NOON + timedelta(hours=48))


def test_what_was_cancelled_before_it_was_heard_to_be_booked_stays_so() -> None:
    state = given(evolve).when(lambda state: withdraw(state, gone(2))).then(gone(2))
    assert state
    assert (state.status, state.due_at) == ("withdrawn", None)
    given(evolve, gone(2)).when(lambda state: begin(state, began(1))).then()
    given(evolve, gone(2)).when(lambda state: begin(state, began(3))).then(began(3))


def test_older_news_of_an_end_do_not_end_what_is_newer() -> None:
    given(evolve, began(3)).when(lambda state: withdraw(state, gone(2))).then()


def test_news_of_two_streams_are_ordered_by_their_time() -> None:
    assert newer(source(3, stream=5), source(2))
    assert not newer(source(2, stream=5), source(3))


def test_what_a_worker_found_overtaken_is_not_recorded() -> None:
    found = given(evolve, began(1)).state
    assert found
    changes: list[Change] = [Asked(step="tell", channels=("email",), then=1)]
    given(evolve, began(1)).when(lambda state: go_on(state, found, changes)).then(*changes)
    for event in (began(2), gone(2), WAITS):
        given(evolve, began(1), event).when(lambda state: go_on(state, found, changes)).then()


def test_what_comes_while_it_collects_is_told_in_one() -> None:
    more = Collected(source=source(2), at=NOON)
    first = began(1, collects=True)
    state = given(evolve, first, WAITS).when(lambda state: begin(state, began(2, collects=True))).then(more)
    assert state
    assert state.items == 2


def test_what_comes_after_it_collected_is_the_next_round() -> None:
    first, past = began(1, collects=True), Waits(then=3, until=NOON)
    late = Collected(source=source(2), at=NOON)
    found = given(evolve, first, WAITS, past).state
    assert found
    end = Ended(at=NOON)
    state = (
        given(evolve, first, WAITS, past, late).when(lambda state: go_on(state, found, [end])).then(end, Again(at=NOON))
    )
    assert state
    assert (state.round, state.items, state.place, state.status) == (2, 1, 0, "running")


def test_a_run_follows_a_merge() -> None:
    moved = Readdressed(recipient=SAM, was=PAT)
    given(evolve, began(1)).when(lambda state: follow_merge(state, duplicate=PAT, survivor=SAM)).then(moved)
    given(evolve, began(1), gone(2)).when(lambda state: follow_merge(state, duplicate=PAT, survivor=SAM)).then()


@generate(
    st.lists(st.one_of(st.none(), st.integers(1, 96)), min_size=1, max_size=6).flatmap(
        lambda told: st.tuples(st.just(told), st.permutations([*range(len(told)), *range(len(told))]))
    )
)
@settings(max_examples=200)
def test_whatever_the_order_and_however_often_the_last_word_holds(news: tuple[list[int | None], list[int]]) -> None:
    """Each entry moves the appointment to that hour, or (None) cancels it; all are heard twice, in any order."""
    told, order = news
    state: Run | None = None
    for heard in order:
        hours = told[heard]
        wish = gone(heard + 1) if hours is None else began(heard + 1, hours)
        changes = withdraw(state, wish) if isinstance(wish, Withdrawn) else begin(state, wish)
        for change in changes:
            state = evolve(state, change)
    assert state
    last = told[-1]
    assert state.status == ("withdrawn" if last is None else "running")
    assert last is None or state.moment == NOON + timedelta(hours=last)
