"""Sessions under any order of sign-in, refresh, theft, revocation and waiting: none exists that should not."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.identity.domain.session import Session, SessionOpened, evolve, open_session, refresh, revoke
from mindlyfe.kernel.messages import PersonId, TenantId

OWNER, CLINIC = PersonId(UUID(int=1)), TenantId(UUID(int=2))


@dataclass
class Believed:
    """What a reader of the rules believes of a session: when each token was replaced, and by whose use."""

    opened: datetime
    used: datetime
    over: bool = False
    replaced: dict[bytes, datetime] = field(default_factory=dict[bytes, datetime])
    generation: dict[bytes, int] = field(default_factory=dict[bytes, int])
    newest: int = 0

    def runs(self, now: datetime) -> bool:
        return not self.over and now <= self.used + timedelta(days=14) and now <= self.opened + timedelta(days=30)


class Sessions(RuleBasedStateMachine):
    """The domain beside the beliefs. Factors add rules of their own."""

    tokens = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 6, 1, 6, tzinfo=UTC)
        self.made = 0
        self.states: dict[int, Session] = {}
        self.believed: dict[int, Believed] = {}

    def token(self) -> bytes:
        self.made += 1
        return self.made.to_bytes(4)

    @rule(target=tokens)
    def sign_in(self) -> tuple[int, bytes]:
        number, token = len(self.states), self.token()
        wish = SessionOpened(person=OWNER, organisation=CLINIC, aal=1, token=token, at=self.now)
        [event] = open_session(None, wish)
        self.states[number] = evolve(None, event)
        self.believed[number] = Believed(self.now, self.now, generation={token: 0})
        return number, token

    @rule(target=tokens, shown=tokens)
    def refresh(self, shown: tuple[int, bytes]) -> tuple[int, bytes]:
        number, token = shown
        belief, successor = self.believed[number], self.token()
        may = belief.runs(self.now)
        try:
            events = refresh(self.states[number], token, successor, self.now)
        except SessionEnded:
            assert not may, "a session that runs was refused"
            return shown
        assert may, "a session that is over was renewed"
        for event in events:
            self.states[number] = evolve(self.states[number], event)
        given = successor in self.states[number].live
        generation = belief.generation.get(token, -1)
        late = self.now > belief.replaced.get(token, self.now) + timedelta(seconds=10)
        if generation == belief.newest:
            assert given
            belief.newest += 1
            belief.replaced |= {one: self.now for one, g in belief.generation.items() if g == generation}
        elif generation != belief.newest - 1 or late:
            assert not given, "a used token was exchanged"
        if not given:
            belief.over = True
            return shown
        belief.used, belief.generation[successor] = self.now, belief.newest
        return number, successor

    @rule(shown=tokens)
    def revoke_one(self, shown: tuple[int, bytes]) -> None:
        self._revoke(shown[0])

    @rule()
    def revoke_all(self) -> None:
        for number in self.states:
            self._revoke(number)

    @rule(seconds=st.sampled_from([1, 9, 10, 11, 600, 86_400, 13 * 86_400, 14 * 86_400 + 1]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def _revoke(self, number: int) -> None:
        for event in revoke(self.states[number], by=OWNER, now=self.now):
            self.states[number] = evolve(self.states[number], event)
        self.believed[number].over = True

    @invariant()
    def what_is_over_has_no_token_left(self) -> None:
        for number, belief in self.believed.items():
            state = self.states[number]
            assert (state.status == "ended") == belief.over
            assert not (belief.over and (state.live or state.previous))


TestSessions = Sessions.TestCase
