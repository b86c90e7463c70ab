"""Asks: the same Protocol by a call and over the transport; refusals keep their class; never inside a transaction."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID, uuid4

import msgspec
import pytest

from mindlyfe.kernel.asks import Asks
from mindlyfe.kernel.errors import DomainError, NotFound, Unavailable
from mindlyfe.kernel.messages import Instant, PersonId, TenantId
from mindlyfe.kernel.postgres import marked
from mindlyfe.kernel.telemetry import trace_id, traceparent, within
from mindlyfe.kernel.transport.inprocess import InProcess


class Contact(msgspec.Struct, frozen=True):
    """Wire type."""

    name: str
    since: Instant


class Moved(DomainError):
    """A refusal of the contract."""

    code = "moved"


class Recipients(Protocol):
    """As a contract defines it."""

    async def contact(self, *, tenant: TenantId, person: PersonId) -> Contact: ...
    async def trace(self) -> str: ...
    async def all(self, *, persons: list[PersonId], limit: int = 10) -> dict[UUID, Contact]: ...


CONTACT = Contact("Ada", datetime(2026, 5, 4, tzinfo=UTC))
KNOWN, GONE, MOVED, BROKEN, SLOW = (PersonId(uuid4()) for _ in range(5))
TENANT = TenantId(uuid4())


class Directory:
    """Answers `Recipients`."""

    async def contact(self, *, tenant: TenantId, person: PersonId) -> Contact:
        assert isinstance(tenant, UUID)
        if person == GONE:
            raise NotFound("nobody")
        if person == MOVED:
            raise Moved("elsewhere")
        if person == BROKEN:
            raise ValueError("a secret")
        if person == SLOW:
            await asyncio.sleep(60)
        return CONTACT

    async def trace(self) -> str:
        return traceparent()

    async def all(self, *, persons: list[PersonId], limit: int = 10) -> dict[UUID, Contact]:
        return dict.fromkeys(persons[:limit], CONTACT)


@pytest.fixture(params=["together", "wired"])
async def asks(request: pytest.FixtureRequest) -> AsyncIterator[Asks]:
    """Bound to a Directory: by a call, or serialised."""
    asks = Asks(InProcess(), region="eu", direct=request.param == "together")
    asks.bind({Recipients: Directory()})
    serving = asyncio.create_task(asks.serve())
    await asyncio.sleep(0)
    yield asks
    serving.cancel()


async def test_an_answer_comes_as_the_contract_types_it(asks: Asks) -> None:
    recipients = asks.of(Recipients)
    assert await recipients.contact(tenant=TENANT, person=KNOWN) == CONTACT
    assert await recipients.all(persons=[KNOWN]) == {KNOWN: CONTACT}
    assert await recipients.all(persons=[KNOWN], limit=0) == {}


@pytest.mark.parametrize(("person", "refusal"), [(GONE, NotFound), (MOVED, Moved)])
async def test_a_refusal_keeps_its_class_and_words(asks: Asks, person: PersonId, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal, match=r"nobody|elsewhere"):
        await asks.of(Recipients).contact(tenant=TENANT, person=person)


async def test_no_answer_in_time_is_unavailable(asks: Asks) -> None:
    with pytest.raises(Unavailable):
        await asks.of(Recipients, timeout_s=0.02).contact(tenant=TENANT, person=SLOW)


async def test_a_transaction_must_not_be_open(asks: Asks) -> None:
    with marked("therapy"), pytest.raises(RuntimeError, match="therapy"):
        await asks.of(Recipients).contact(tenant=TENANT, person=KNOWN)


async def test_the_trace_goes_along(asks: Asks) -> None:
    with within("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") as here:
        assert trace_id(await asks.of(Recipients).trace()) == trace_id(here)


async def test_a_mistake_of_the_other_side_is_unavailable_and_tells_nothing() -> None:
    asks = Asks(InProcess(), region="eu", direct=False)
    asks.bind({Recipients: Directory()})
    serving = asyncio.create_task(asks.serve())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refused:
        await asks.of(Recipients).contact(tenant=TENANT, person=BROKEN)
    assert "secret" not in str(refused.value)
    serving.cancel()


async def test_several_contexts_answer_the_same_question_each_for_itself(asks: Asks) -> None:
    class Elsewhere(Directory):
        async def trace(self) -> str:
            return "elsewhere"

    another = Asks(InProcess(), region="eu", direct=asks._direct)
    another.bind({Recipients: Directory()}, context="one")
    another.bind({Recipients: Elsewhere()}, context="two")
    serving = asyncio.create_task(another.serve())
    await asyncio.sleep(0.05)
    assert await another.of(Recipients, context="two").trace() == "elsewhere"
    assert await another.of(Recipients, context="one").trace() != "elsewhere"
    with pytest.raises(Unavailable):
        await another.of(Recipients, context="three", timeout_s=0.1).trace()
    serving.cancel()


async def test_it_is_bound_at_the_first_call_and_not_before() -> None:
    asks = Asks(InProcess(), region="eu")
    recipients = asks.of(Recipients)
    with pytest.raises(Unavailable):
        await recipients.contact(tenant=TENANT, person=KNOWN)
    asks.bind({Recipients: Directory()})
    assert await recipients.contact(tenant=TENANT, person=KNOWN) == CONTACT


def test_a_contract_takes_keyword_arguments_and_is_asynchronous() -> None:
    class Positional(Protocol):
        async def contact(self, tenant: TenantId) -> None: ...

    class Synchronous(Protocol):
        def contact(self, *, tenant: TenantId) -> None: ...

    for wrong in (Positional, Synchronous):
        with pytest.raises(TypeError, match="contact"):
            Asks(InProcess(), region="eu").of(wrong)
