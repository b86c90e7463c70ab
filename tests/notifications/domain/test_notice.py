"""A notice: it stands in one inbox once, and is unread, read, archived, or away for a while."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.contract.inbox import Mark, WrongSnooze
from mindlyfe.notifications.domain.notice import (
    LONGEST_SNOOZE,
    Archived,
    Arrived,
    MarkedUnread,
    Notice,
    Read,
    Readdressed,
    Snoozed,
    Step,
    archive,
    arrive,
    evolve,
    follow_merge,
    mark_unread,
    notice_of,
    own,
    read,
    read_if_unread,
    snooze,
    standing,
)

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
PAT, NEW = PersonId(UUID(int=2)), PersonId(UUID(int=3))
DELIVERY = DeliveryId(UUID(int=4))
ARRIVED = Arrived(delivery=DELIVERY, kind="export-ready", recipient=PAT, about=UUID(int=5), at=NOW)
SNOOZED = Snoozed(until=LATER, at=NOW)

type Choice = Callable[[Notice, datetime], Sequence[Step]]


def theirs(choice: Choice, now: datetime = NOW) -> Callable[[Notice | None], Sequence[Step]]:
    return lambda state: choice(own(state, PAT), now)


def test_it_arrives_once() -> None:
    given(evolve).when(lambda state: arrive(state, ARRIVED)).then(ARRIVED)
    given(evolve, ARRIVED).when(lambda state: arrive(state, ARRIVED)).then()
    given(evolve, ARRIVED, Archived(at=NOW)).when(lambda state: arrive(state, ARRIVED)).then()


def test_a_delivery_makes_one_notice() -> None:
    assert notice_of(DELIVERY) == notice_of(DELIVERY) != notice_of(DeliveryId(UUID(int=6)))


def test_each_mark_leads_there_from_anywhere_and_counts_once() -> None:
    marks: list[tuple[Choice, Step, Mark]] = [
        (read, Read(at=NOW), "read"),
        (mark_unread, MarkedUnread(at=NOW), "unread"),
        (archive, Archived(at=NOW), "archived"),
        (partial(snooze, until=LATER), SNOOZED, "snoozed"),
    ]
    for choice, step, mark in marks:
        for _, before, other in marks:
            wanted = () if mark == other else (step,)
            after = given(evolve, ARRIVED, before).when(theirs(choice)).then(*wanted)
            assert after is not None
            assert standing(after, NOW) == mark


def test_what_was_snoozed_is_unread_when_its_time_has_come() -> None:
    notice = given(evolve, ARRIVED).when(theirs(partial(snooze, until=LATER))).then(SNOOZED)
    assert notice is not None
    assert standing(notice, LATER - timedelta(seconds=1)) == "snoozed"
    assert standing(notice, LATER) == "unread"
    given(evolve, ARRIVED, SNOOZED).when(theirs(mark_unread, LATER)).then()
    given(evolve, ARRIVED, SNOOZED).when(theirs(read, LATER)).then(Read(at=LATER))


@pytest.mark.parametrize("until", [NOW - timedelta(seconds=1), NOW, NOW + LONGEST_SNOOZE + timedelta(seconds=1)])
def test_it_is_put_away_until_a_moment_to_come_within_a_year(until: datetime) -> None:
    given(evolve, ARRIVED).when(theirs(partial(snooze, until=until))).refused(WrongSnooze)


def test_nobody_else_finds_it() -> None:
    for choice in (read, mark_unread, archive, partial(snooze, until=LATER)):
        given(evolve, ARRIVED, Readdressed(recipient=NEW, was=PAT)).when(theirs(choice)).refused(NotFound)
        given(evolve).when(theirs(choice)).refused(NotFound)


def test_of_many_only_what_is_unread_is_read() -> None:
    many = partial(read_if_unread, by=PAT, now=NOW)
    given(evolve, ARRIVED).when(many).then(Read(at=NOW))
    for step in (Read(at=NOW), Archived(at=NOW), SNOOZED, Readdressed(recipient=NEW, was=PAT)):
        given(evolve, ARRIVED, step).when(many).then()
    given(evolve, ARRIVED, SNOOZED).when(partial(read_if_unread, by=PAT, now=LATER)).then(Read(at=LATER))


def test_a_merge_moves_it_once_with_its_mark() -> None:
    follow = partial(follow_merge, duplicate=PAT, survivor=NEW)
    moved = Readdressed(recipient=NEW, was=PAT)
    after = given(evolve, ARRIVED, Archived(at=NOW)).when(follow).then(moved)
    assert after == Notice(recipient=NEW, mark="archived")
    given(evolve, ARRIVED, moved).when(follow).then()
    given(evolve).when(follow).then()


@drawn(st.lists(st.tuples(st.sampled_from(get_args(Mark.__value__)), st.integers(0, 600), st.integers(1, 300))))
def test_however_it_was_marked_it_counts_as_the_last_mark_says(marks: list[tuple[Mark, int, int]]) -> None:
    """Against a model that remembers the last mark, and when it was to come back."""
    notice, now = evolve(None, ARRIVED), NOW
    model: tuple[Mark, datetime | None] = ("unread", None)
    for mark, passes, away in marks:
        now += timedelta(minutes=passes)
        until = now + timedelta(minutes=away)
        choice: dict[Mark, Choice] = {
            "read": read,
            "unread": mark_unread,
            "archived": archive,
            "snoozed": partial(snooze, until=until),
        }
        for _ in range(2):
            for step in choice[mark](notice, now):
                notice = evolve(notice, step)
        model = (mark, until if mark == "snoozed" else None)
        for later in (now, until - timedelta(seconds=1), until, until + timedelta(days=1)):
            back = model[1] is not None and model[1] <= later
            assert standing(notice, later) == ("unread" if back else model[0])
