"""Given what happened to a delivery, when something else does, then this follows."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies

from mindlyfe.kernel.messages import PersonId
from mindlyfe.notifications.contract import Step, Try
from mindlyfe.notifications.domain.backoff import ATTEMPTS, LONGEST_DELAY, delay
from mindlyfe.notifications.domain.delivery import (
    Change,
    DeadLettered,
    Delivery,
    Failed,
    Held,
    NoDelivery,
    NotDead,
    Redriven,
    Requested,
    Sent,
    evolve,
    failed,
    held,
    known,
    redrive,
    request,
    sent,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
AMINA, ADMIN = PersonId(UUID(int=7)), PersonId(UUID(int=8))
TAKEN = (Try(provider="smtp", outcome="taken", code="", answer="250 kept", at=NOW, took_ms=3),)
WISH = Requested(kind="appointment-booked", recipient=AMINA, about=UUID(int=9), at=NOW)


def after(*changes: Change) -> Delivery | None:
    state: Delivery | None = None
    for change in changes:
        state = evolve(state, change)
    return state


def test_a_request_comes_twice_and_is_kept_once() -> None:
    assert request(None, WISH) == [WISH]
    assert request(after(WISH), WISH) == []


def test_a_hand_over_is_recorded_once() -> None:
    done = sent(after(WISH), tries=TAKEN, now=NOW)
    assert done == [Sent(provider="smtp", answer="250 kept", at=NOW, tries=TAKEN)]
    assert sent(after(WISH, *done), tries=TAKEN, now=NOW) == []


def test_a_hand_over_counts_though_it_was_given_up_meanwhile() -> None:
    dead = after(WISH, DeadLettered(error="smtp-554"))
    assert sent(dead, tries=TAKEN, now=NOW) == [Sent(provider="smtp", answer="250 kept", at=NOW, tries=TAKEN)]


def test_a_failure_waits_longer_each_time() -> None:
    first = failed(after(WISH), error="smtp-451", permanent=False, now=NOW, jitter=1.0)
    assert first == [Failed(error="smtp-451", next_at=NOW + timedelta(seconds=2), at=NOW)]
    second = failed(after(WISH, *first), error="smtp-451", permanent=False, now=NOW, jitter=0.0)
    assert second == [Failed(error="smtp-451", next_at=NOW + timedelta(seconds=2), at=NOW)]


def test_a_permanent_failure_is_a_dead_letter_at_once() -> None:
    assert failed(after(WISH), error="smtp-550", permanent=True, now=NOW, jitter=0.5) == [
        DeadLettered(error="smtp-550", at=NOW)
    ]


def test_after_the_last_attempt_it_is_a_dead_letter() -> None:
    tried = [Failed(error="smtp-451", next_at=NOW)] * (ATTEMPTS - 1)
    assert failed(after(WISH, *tried), error="smtp-451", permanent=False, now=NOW, jitter=0.5) == [
        DeadLettered(error="smtp-451", at=NOW)
    ]


def test_a_late_failure_of_a_sent_delivery_changes_nothing() -> None:
    state = after(WISH, Sent(provider="smtp", answer="250", at=NOW))
    assert failed(state, error="smtp-451", permanent=True, now=NOW, jitter=0.5) == []


def test_only_a_dead_letter_is_redriven() -> None:
    dead = after(WISH, DeadLettered(error="smtp-550"))
    assert redrive(dead, by=ADMIN, now=NOW) == [Redriven(by=ADMIN, at=NOW)]
    again = known(after(WISH, DeadLettered(error="smtp-550"), Redriven(by=ADMIN, at=NOW)))
    assert (again.status, again.attempts) == ("waiting", 0)
    with pytest.raises(NotDead):
        redrive(after(WISH), by=ADMIN, now=NOW)
    with pytest.raises(NoDelivery):
        redrive(None, by=ADMIN, now=NOW)


def test_it_waits_for_its_hours_without_an_attempt() -> None:
    assert held(after(WISH), until=NOW, now=NOW) == [Held(until=NOW, at=NOW)]
    assert known(after(WISH, Held(until=NOW))).attempts == 0
    for over in (Sent(provider="smtp", answer="250", at=NOW), DeadLettered(error="smtp-550")):
        assert held(after(WISH, over), until=NOW, now=NOW) == []
    with pytest.raises(NoDelivery):
        held(None, until=NOW, now=NOW)


@given(strategies.integers(min_value=0, max_value=10_000))
def test_a_delay_grows_and_is_bounded(attempts: int) -> None:
    assert timedelta(0) < delay(attempts) <= delay(attempts + 1) <= LONGEST_DELAY


def test_what_happened_is_told_in_order() -> None:
    ill = Try(provider="one", outcome="ill", code="smtp-421", answer="421 closing", at=NOW, took_ms=9)
    later = NOW + timedelta(hours=1)
    story = after(
        WISH,
        Held(until=later, at=NOW),
        Failed(error="smtp-421", next_at=later, at=NOW, tries=(ill,)),
        Sent(provider="smtp", answer="250 kept", at=later, tries=(ill, *TAKEN)),
    )
    assert known(story).steps == (
        Step(what="requested", at=NOW),
        Step(what="held", at=NOW, until=later, why="best-hours"),
        Step(what="tried", at=NOW, why="smtp-421", tried=ill),
        Step(what="postponed", at=NOW, until=later, why="smtp-421"),
        Step(what="tried", at=NOW, why="smtp-421", tried=ill),
        Step(what="tried", at=NOW, tried=TAKEN[0]),
        Step(what="handed-over", at=later),
    )
