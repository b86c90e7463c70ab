"""Receipts come in any order and any number of times."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from mindlyfe.kernel.messages import PersonId
from mindlyfe.notifications.contract import Try
from mindlyfe.notifications.domain.delivery import Change, Delivery, Requested, evolve, known, received, sent
from mindlyfe.notifications.domain.receipts import Bounced, Delivered, Report, of_text

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
AMINA = PersonId(UUID(int=7))
WISH = Requested(kind="appointment-booked", recipient=AMINA, about=UUID(int=9), at=NOW)
TAKEN = (Try(provider="smtp", outcome="taken", code="", answer="250", at=NOW, took_ms=3),)
ARRIVED = Report(what="delivered", provider="email", at=NOW)
CAME_BACK = Report(what="bounced", provider="email", at=NOW + timedelta(hours=1), code="5.1.1", hard=True)


def happened(*decisions: Change) -> Delivery:
    state = evolve(None, WISH)
    for change in decisions:
        state = evolve(state, change)
    return state


def out() -> Delivery:
    return happened(*sent(happened(), tries=TAKEN, now=NOW, address="d1"))


def test_a_receipt_says_where_it_is_about() -> None:
    assert received(out(), ARRIVED) == [Delivered(provider="email", at=NOW, address="d1")]
    [bounced] = received(out(), CAME_BACK)
    assert bounced == Bounced(
        provider="email", at=CAME_BACK.at, code="5.1.1", hard=True, channel="email", recipient=AMINA, address="d1"
    )


def test_what_arrived_is_out_though_the_hand_over_was_never_recorded() -> None:
    state = happened(*received(happened(), ARRIVED))
    assert state.status == "sent"
    assert sent(state, tries=TAKEN, now=NOW) == []


@pytest.mark.parametrize("order", list(permutations([ARRIVED, CAME_BACK, ARRIVED, CAME_BACK])))
def test_each_is_taken_once(order: tuple[Report, ...]) -> None:
    state = out()
    for report in order:
        for change in received(state, report):
            state = evolve(state, change)
    assert sorted(step.what for step in known(state).steps if step.what in {"delivered", "bounced"}) == [
        "bounced",
        "delivered",
    ]
    assert state.status == "sent"


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        ("queued", "", None),
        ("sent", "", None),
        ("delivered", "", Report(what="delivered", provider="p", at=NOW)),
        ("undelivered", "30003", Report(what="bounced", provider="p", at=NOW, code="sms-30003")),
        ("failed", "30005", Report(what="bounced", provider="p", at=NOW, code="sms-30005", hard=True)),
        ("failed", "+44 7700", Report(what="bounced", provider="p", at=NOW, code="sms-unknown")),
    ],
)
def test_the_words_of_providers_of_texts(status: str, error: str, expected: Report | None) -> None:
    assert of_text(status, error, "p", NOW) == expected
