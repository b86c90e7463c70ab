"""The words for domain tests, tried on the reservations."""

from datetime import timedelta

import pytest

from mindlyfe.kernel.testing.decisions import given
from mindlyfe.kernel.testing.rooms import (
    NOON,
    AlreadyReserved,
    Moved,
    NotReserved,
    Released,
    evolve,
    move,
    release,
    reserve,
    wish,
)

FIRST = wish()


def test_then() -> None:
    state = given(evolve, FIRST).when(move(timedelta(hours=1))).then(Moved(starts_at=NOON + timedelta(hours=1)))
    assert state
    assert (state.moves, state.starts_at) == (1, NOON + timedelta(hours=1))
    given(evolve).when(reserve(FIRST)).then(FIRST)


def test_refused() -> None:
    refusal = given(evolve, FIRST).when(reserve(wish())).refused(AlreadyReserved)
    assert refusal.code == "already-reserved"
    given(evolve, FIRST, Released()).when(release).refused(NotReserved)


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(AssertionError, match="expected the refusal NotReserved"):
        given(evolve, FIRST).when(release).refused(NotReserved)
    with pytest.raises(AssertionError, match=r"decided .*Released"):
        given(evolve, FIRST).when(release).then()
    with pytest.raises(NotReserved):
        given(evolve).when(release).refused(AlreadyReserved)
