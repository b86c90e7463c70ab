"""Given what happened to a delivery, when something else does, then this follows."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies

from mindlyfe.kernel.messages import PersonId
from mindlyfe.notifications.domain.delivery import (
    ATTEMPTS,
    LONGEST_DELAY,
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
    delay,
    evolve,
    failed,
    held,
    redrive,
    request,
    sent,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
AMINA, ADMIN = PersonId(UUID(int=7)), PersonId(UUID(int=8))
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
    done = sent(after(WISH), provider="smtp", answer="250 kept", now=NOW)
    assert done == [Sent(provider="smtp", answer="250 kept", at=NOW)]
    assert sent(after(WISH, *done), provider="smtp", answer="250 kept", now=NOW) == []


def test_a_hand_over_counts_though_it_was_given_up_meanwhile() -> None:
    dead = after(WISH, DeadLettered(error="smtp-554"))
    assert sent(dead, provider="smtp", answer="250", now=NOW) == [Sent(provider="smtp", answer="250", at=NOW)]


def test_a_failure_waits_longer_each_time() -> None:
    first = failed(after(WISH), error="smtp-451", permanent=False, now=NOW, jitter=1.0)
    assert first == [Failed(error="smtp-451", next_at=NOW + timedelta(seconds=2))]
    second = failed(after(WISH, *first), error="smtp-451", permanent=False, now=NOW, jitter=0.0)
    assert second == [Failed(error="smtp-451", next_at=NOW + timedelta(seconds=2))]


def test_a_permanent_failure_is_a_dead_letter_at_once() -> None:
    assert failed(after(WISH), error="smtp-550", permanent=True, now=NOW, jitter=0.5) == [
        DeadLettered(error="smtp-550")
    ]


def test_after_the_last_attempt_it_is_a_dead_letter() -> None:
    tried = [Failed(error="smtp-451", next_at=NOW)] * (ATTEMPTS - 1)
    assert failed(after(WISH, *tried), error="smtp-451", permanent=False, now=NOW, jitter=0.5) == [
        DeadLettered(error="smtp-451")
    ]


def test_a_late_failure_of_a_sent_delivery_changes_nothing() -> None:
    state = after(WISH, Sent(provider="smtp", answer="250", at=NOW))
    assert failed(state, error="smtp-451", permanent=True, now=NOW, jitter=0.5) == []


def test_only_a_dead_letter_is_redriven() -> None:
    dead = after(WISH, DeadLettered(error="smtp-550"))
    assert redrive(dead, by=ADMIN, now=NOW) == [Redriven(by=ADMIN, at=NOW)]
    assert after(WISH, DeadLettered(error="smtp-550"), Redriven(by=ADMIN, at=NOW)) == after(WISH)
    with pytest.raises(NotDead):
        redrive(after(WISH), by=ADMIN, now=NOW)
    with pytest.raises(NoDelivery):
        redrive(None, by=ADMIN, now=NOW)


def test_it_waits_for_its_hours_without_an_attempt() -> None:
    assert held(after(WISH), until=NOW) == [Held(until=NOW)]
    assert after(WISH, Held(until=NOW)) == after(WISH)
    for over in (Sent(provider="smtp", answer="250", at=NOW), DeadLettered(error="smtp-550")):
        assert held(after(WISH, over), until=NOW) == []
    with pytest.raises(NoDelivery):
        held(None, until=NOW)


@given(strategies.integers(min_value=0, max_value=10_000))
def test_a_delay_grows_and_is_bounded(attempts: int) -> None:
    assert timedelta(0) < delay(attempts) <= delay(attempts + 1) <= LONGEST_DELAY
