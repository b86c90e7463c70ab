"""A push subscription: one browser of one person, for as long as it is theirs."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec
import pytest

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.decisions import given
from mindlyfe.notifications.contract.push import PushAddressRefused, TooManyBrowsers
from mindlyfe.notifications.domain.subscription import (
    LASTS,
    MOST_BROWSERS,
    Subscribed,
    Unsubscribed,
    drop,
    endpoint,
    evolve,
    subscribe,
    unsubscribe,
)

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
PAT, TIM = PersonId(UUID(int=2)), PersonId(UUID(int=3))
ASKED = Subscribed(
    person=PAT, endpoint="https://push.example/a", p256dh="p", auth="a", session=UUID(int=4), at=NOW - timedelta(days=1)
)
AGAIN = msgspec.structs.replace(ASKED, at=NOW)
OVER = Unsubscribed(reason="asked", at=NOW)


def test_the_same_again_changes_nothing_and_what_is_new_counts_from_now() -> None:
    given(evolve).when(partial(subscribe, wish=ASKED, others=0)).then(ASKED)
    given(evolve, ASKED).when(partial(subscribe, wish=AGAIN, others=1)).then()
    changes = ({"session": UUID(int=5)}, {"p256dh": "q"}, {"auth": "b"})
    for wish in (msgspec.structs.replace(AGAIN, **change) for change in changes):
        after = given(evolve, ASKED).when(partial(subscribe, wish=wish, others=1)).then(wish)
        assert after is not None
        assert after.since == NOW


def test_there_is_room_for_so_many_and_for_those_that_are_there() -> None:
    for events in ((), (ASKED, OVER)):
        given(evolve, *events).when(partial(subscribe, wish=AGAIN, others=MOST_BROWSERS)).refused(TooManyBrowsers)
    given(evolve, ASKED, OVER).when(partial(subscribe, wish=AGAIN, others=MOST_BROWSERS - 1)).then(AGAIN)
    moved = msgspec.structs.replace(AGAIN, session=UUID(int=5))
    given(evolve, ASKED).when(partial(subscribe, wish=moved, others=MOST_BROWSERS)).then(moved)


def test_its_owner_ends_it_and_nobody_else() -> None:
    given(evolve, ASKED).when(partial(unsubscribe, by=PAT, at=NOW)).then(OVER)
    given(evolve, ASKED).when(partial(unsubscribe, by=TIM, at=NOW)).refused(NotFound)
    for events in ((), (ASKED, OVER)):
        given(evolve, *events).when(partial(unsubscribe, by=PAT, at=NOW)).refused(NotFound)


def test_it_is_dropped_once_and_not_with_a_session_that_it_left() -> None:
    gone = Unsubscribed(reason="gone", at=NOW)
    given(evolve, ASKED).when(partial(drop, reason="gone", at=NOW)).then(gone)
    for events in ((), (ASKED, gone)):
        given(evolve, *events).when(partial(drop, reason="gone", at=NOW)).then()
    ended = partial(drop, reason="session-over", at=NOW, session=ASKED.session)
    given(evolve, ASKED).when(ended).then(Unsubscribed(reason="session-over", at=NOW))
    given(evolve, ASKED, msgspec.structs.replace(AGAIN, session=UUID(int=5))).when(ended).then()


def test_it_takes_messages_for_as_long_as_a_session_can_last() -> None:
    subscription = evolve(None, ASKED)
    assert subscription.takes(ASKED.at + LASTS - timedelta(seconds=1))
    assert not subscription.takes(ASKED.at + LASTS)
    assert not evolve(subscription, OVER).takes(NOW)


def test_an_endpoint_is_an_address_of_the_web() -> None:
    assert endpoint("https://push.example/a#b") == "https://push.example/a"
    for wrong in ("http://push.example/a", "https://10.0.0.1/a", "push"):
        with pytest.raises(PushAddressRefused):
            endpoint(wrong)
