"""Which provider takes a message, when the first one does not."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.notifications.application.carriers import Carrier
from mindlyfe.notifications.application.circuit import OPENS_AFTER, Circuit
from mindlyfe.notifications.application.pace import Pace
from mindlyfe.notifications.application.ports import NotHandedOver
from mindlyfe.notifications.application.providers import Provider
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.delivery import Delivery

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TENANT, ID = TenantId(UUID(int=1)), DeliveryId(UUID(int=2))
DELIVERY = Delivery(kind="recovery", recipient=PersonId(UUID(int=3)), about=UUID(int=3), flow=None)


class Post:
    """A provider that takes what it gets, unless it is told to fail."""

    def __init__(self, name: str, failure: Exception | None = None) -> None:
        self.name, self.failure = name, failure
        self.asked = 0

    async def hand_over(self, message: str) -> str:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return f"{self.name} took {message}"


def carrier(*posts: Post, now: list[float] | None = None) -> Carrier[str]:
    seconds = now or [0.0]
    nothing: Any = None
    providers = [
        Provider(post, Pace(nothing, post.name, 0), lambda: NOW, Circuit(lambda: seconds[0])) for post in posts
    ]

    async def write(tenant: TenantId, delivery: DeliveryId, d: Delivery) -> str:
        assert (tenant, delivery, d) == (TENANT, ID, DELIVERY)
        return "a message"

    return Carrier(write, providers)


async def test_the_first_one_that_works_takes_it() -> None:
    one, two = Post("one"), Post("two")
    carried = await carrier(one, two).carry(TENANT, ID, DELIVERY)
    assert carried.failure is None
    assert [(t.provider, t.outcome, t.answer) for t in carried.tries] == [("one", "taken", "one took a message")]
    assert two.asked == 0


@pytest.mark.parametrize("code", ["smtp-535", "smtp-421", "smtp-unreachable"])
async def test_where_a_provider_fails_the_next_is_asked_at_once(code: str) -> None:
    one, two = Post("one", NotHandedOver(code, ill=True, answer="no")), Post("two")
    carried = await carrier(one, two).carry(TENANT, ID, DELIVERY)
    assert carried.failure is None
    assert [(t.provider, t.outcome, t.code) for t in carried.tries] == [("one", "ill", code), ("two", "taken", "")]


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (NotHandedOver("smtp-550", permanent=True), "refused"),
        (NotHandedOver("smtp-451"), "later"),
        (NotHandedOver("smtp-no-answer", ill=True, uncertain=True), "ill"),
    ],
)
async def test_what_is_not_the_providers_fault_or_may_have_gone_out_is_offered_to_nobody_else(
    failure: NotHandedOver, outcome: str
) -> None:
    one, two = Post("one", failure), Post("two")
    carried = await carrier(one, two).carry(TENANT, ID, DELIVERY)
    assert carried.failure is failure
    assert [one.outcome for one in carried.tries] == [outcome]
    assert two.asked == 0


async def test_one_that_keeps_failing_is_left_alone_and_found_well_again() -> None:
    now = [0.0]
    one, two = Post("one", NotHandedOver("smtp-421", ill=True)), Post("two")
    both = carrier(one, two, now=now)
    for _ in range(OPENS_AFTER + 4):
        assert (await both.carry(TENANT, ID, DELIVERY)).failure is None
    assert (one.asked, two.asked) == (OPENS_AFTER, OPENS_AFTER + 4)
    assert [view.state for view in both.views("email")] == ["resting", "working"]

    one.failure, now[0] = None, 60.0
    assert [t.provider for t in (await both.carry(TENANT, ID, DELIVERY)).tries] == ["one"]
    [first, _] = both.views("email")
    assert (first.state, first.taken, first.failures, first.last_error) == ("working", 1, OPENS_AFTER, "smtp-421")


async def test_when_all_rest_nobody_is_asked() -> None:
    one = Post("one", NotHandedOver("smtp-421", ill=True, rests_s=60))
    only = carrier(one)
    for _ in range(2):
        await only.carry(TENANT, ID, DELIVERY)
    carried = await only.carry(TENANT, ID, DELIVERY)
    assert one.asked == 1
    assert carried.failure is not None
    assert (carried.failure.code, carried.failure.permanent, list(carried.tries)) == ("providers-rest", False, [])


async def test_a_mistake_of_ours_is_no_illness_of_the_provider() -> None:
    one = Post("one", ValueError("a mistake"))
    only = carrier(one)
    for _ in range(OPENS_AFTER + 1):
        with pytest.raises(ValueError, match="a mistake"):
            await only.carry(TENANT, ID, DELIVERY)
    assert one.asked == OPENS_AFTER + 1
