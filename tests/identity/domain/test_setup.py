"""The offer to open a clinic: once, in time, and taken back by who made it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from mindlyfe.identity.domain.refusals import CodeExpired, CodeUsed
from mindlyfe.identity.domain.setup import (
    LASTS,
    Begun,
    Change,
    Done,
    Offered,
    SetUpOffer,
    Withdrawn,
    begin,
    evolve,
    finish,
    let_in,
    offer,
    withdraw,
)
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, TenantId

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
WISH = Begun(organisation=TenantId(uuid4()), administrator=PersonId(uuid4()))
OTHER = Begun(organisation=TenantId(uuid4()), administrator=PersonId(uuid4()))


def after(*changes: Change) -> SetUpOffer:
    state: SetUpOffer | None = None
    for change in changes:
        state = evolve(state, change)
    assert state is not None
    return state


def test_who_is_let_in_becomes_no_operator_and_who_started_the_platform_does() -> None:
    assert let_in(None, LATER) == [Offered(expires_at=LATER, operator=False)]
    assert not after(*let_in(None, LATER)).operator
    assert after(*offer(None, NOW)).operator


def test_an_offer_is_made_once() -> None:
    assert let_in(after(*let_in(None, LATER)), LATER + LASTS) == []


def test_it_opens_one_clinic_in_time_and_goes_on_where_it_broke_off() -> None:
    offered = let_in(None, LATER)
    assert begin(after(*offered), WISH, NOW) == [WISH]
    assert begin(after(*offered, WISH), OTHER, NOW) == []
    assert finish(after(*offered, WISH)) == [Done()]
    assert finish(after(*offered, WISH, Done())) == []
    with pytest.raises(CodeUsed):
        begin(after(*offered, WISH, Done()), OTHER, NOW)
    with pytest.raises(CodeExpired):
        begin(after(*offered), WISH, LATER)


def test_what_was_taken_back_opens_nothing() -> None:
    taken = after(*let_in(None, LATER), *withdraw(after(*let_in(None, LATER))))
    with pytest.raises(CodeExpired):
        begin(taken, WISH, NOW)
    with pytest.raises(CodeExpired):
        offer(taken, NOW)
    assert withdraw(taken) == []


def test_it_is_not_taken_back_from_a_clinic_that_is_open() -> None:
    with pytest.raises(CodeUsed):
        withdraw(after(*let_in(None, LATER), WISH, Done()))
    with pytest.raises(NotFound):
        withdraw(None)


def test_a_clinic_that_opened_while_it_was_taken_back_is_open() -> None:
    meanwhile = after(*let_in(None, LATER), WISH, Withdrawn())
    assert finish(meanwhile) == [Done()]
    assert after(*let_in(None, LATER), WISH, Withdrawn(), Done()).status == "done"
