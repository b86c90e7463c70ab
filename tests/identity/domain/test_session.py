"""A refresh family against an independent model: whatever happens, no token works that should not."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.identity.domain.session import (
    ABSOLUTE,
    GRACE,
    IDLE,
    SIBLINGS,
    Session,
    SessionOpened,
    evolve,
    holds,
    open_session,
    refresh,
    revoke,
    running,
)
from mindlyfe.kernel.messages import PersonId, TenantId

BEGIN = datetime(2026, 6, 1, 6, tzinfo=UTC)
ANA, HARBOUR = PersonId(UUID(int=11)), TenantId(UUID(int=21))


def opened(at: datetime = BEGIN) -> SessionOpened:
    return SessionOpened(person=ANA, organisation=HARBOUR, aal=1, token=b"0", at=at)


@dataclass
class Generation:
    """Tokens that stand beside each other, by the model."""

    born: datetime
    tokens: set[bytes] = field(default_factory=set[bytes])


class RefreshFamily(RuleBasedStateMachine):
    """The model keeps generations; only the last works, the one before for ten seconds, anything older ends all."""

    tokens = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.now, self.used, self.count = BEGIN, BEGIN, 0
        self.session: Session | None = evolve(None, opened())
        self.generations = [Generation(BEGIN, {b"0"})]
        self.alive = True

    @rule(target=tokens)
    def first(self) -> bytes:
        return b"0"

    @rule(seconds=st.one_of(st.integers(0, 12), st.integers(3600, 20 * 86_400)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=tokens, shown=tokens)
    def shows(self, shown: bytes) -> bytes:
        self.count += 1
        successor = str(self.count).encode()
        expected = self._expected(shown)
        try:
            for change in refresh(self.session, shown, successor, self.now):
                self.session = evolve(self.session, change)
            works = successor in holds(self.session, successor).live
        except SessionEnded:
            works = False
        assert works == expected
        if works:
            self._follow(shown, successor)
        return successor if works else b"0"

    @rule()
    def signs_out(self) -> None:
        for change in revoke(self.session, by=ANA, now=self.now):
            self.session = evolve(self.session, change)
        self.alive = False

    @invariant()
    def an_ended_family_holds_nothing(self) -> None:
        assert self.session is not None
        if not self.alive:
            assert not self.session.live
            with pytest.raises(SessionEnded):
                running(self.session, self.now)

    def _expected(self, shown: bytes) -> bool:
        if not self.alive or self.now - self.used > IDLE or self.now - BEGIN > ABSOLUTE:
            return False
        last = self.generations[-1]
        if shown in last.tokens:
            return True
        before = self.generations[-2].tokens if len(self.generations) > 1 else set[bytes]()
        in_grace = self.now - last.born <= GRACE and len(last.tokens) < SIBLINGS
        self.alive = shown in before and in_grace
        return self.alive

    def _follow(self, shown: bytes, successor: bytes) -> None:
        self.used = self.now
        if shown in self.generations[-1].tokens:
            self.generations.append(Generation(self.now))
        self.generations[-1].tokens.add(successor)


TestRefreshFamily = RefreshFamily.TestCase


def test_a_thief_and_the_owner_cannot_both_go_on() -> None:
    state = evolve(None, opened())
    late = BEGIN + timedelta(minutes=5)
    for shown, successor, when in ((b"0", b"thief", BEGIN), (b"0", b"owner", late)):
        for change in refresh(state, shown, successor, when):
            state = evolve(state, change)
    assert state.status == "ended"
    with pytest.raises(SessionEnded):
        refresh(state, b"thief", b"x", late)


def test_opening_and_revoking_twice_changes_nothing() -> None:
    state = evolve(None, opened())
    assert open_session(state, opened()) == []
    [end] = revoke(state, by=ANA, now=BEGIN)
    assert revoke(evolve(state, end), by=ANA, now=BEGIN) == []
    assert revoke(None, by=ANA, now=BEGIN) == []
