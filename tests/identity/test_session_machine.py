"""Sessions under any order of sign-in, refresh, theft, proof, revocation and waiting: none runs that should not.

The limits are written out here, not taken from the domain: who changes one there must mean it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.identity.domain.session import Session, SessionOpened, evolve, open_session, refresh, revoke, strengthen
from mindlyfe.kernel.messages import PersonId, TenantId

OWNER, CLINIC = PersonId(UUID(int=1)), TenantId(UUID(int=2))
TICK, LOST_ANSWER = timedelta(microseconds=1), timedelta(seconds=10)
UNUSED, LONGEST = timedelta(days=14), timedelta(days=30)
ANY = st.integers(min_value=0, max_value=50)
EDGE = st.sampled_from([-TICK, timedelta(), TICK, timedelta(seconds=1)])


@dataclass
class Believed:
    """What a reader of the rules believes of a session."""

    opened: datetime
    used: datetime
    rotated: datetime
    proved: datetime
    live: list[bytes]
    before: list[bytes] = field(default_factory=list[bytes])
    gone: list[bytes] = field(default_factory=list[bytes])
    aal: int = 1
    over: bool = False

    def runs(self, now: datetime) -> bool:
        return not self.over and now <= self.used + UNUSED and now <= self.opened + LONGEST

    def rotate(self, successor: bytes, now: datetime) -> None:
        self.gone, self.before, self.live = self.gone + self.before, self.live, [successor]
        self.used = self.rotated = now

    def end(self) -> None:
        self.gone, self.before, self.live, self.over = self.gone + self.before + self.live, [], [], True


class Sessions(RuleBasedStateMachine):
    """The domain beside the beliefs."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 6, 1, 6, tzinfo=UTC)
        self.made = 0
        self.states: list[Session] = []
        self.believed: list[Believed] = []

    @rule()
    def sign_in(self) -> None:
        token = self._token()
        wish = SessionOpened(person=OWNER, organisation=CLINIC, aal=1, token=token, at=self.now)
        [event] = open_session(None, wish)
        self.states.append(evolve(None, event))
        self.believed.append(Believed(self.now, self.now, self.now, self.now, [token]))

    @precondition(lambda self: self.believed)
    @rule(which=ANY, token=ANY)
    def refresh(self, which: int, token: int) -> None:
        self._show(which, "live", token)

    @precondition(lambda self: any(one.before for one in self.believed))
    @rule(which=ANY, token=ANY, edge=EDGE)
    def replay_at_the_end_of_grace(self, which: int, token: int, edge: timedelta) -> None:
        rotated = [n for n, one in enumerate(self.believed) if one.before]
        number = rotated[which % len(rotated)]
        self.now = max(self.now, self.believed[number].rotated + LOST_ANSWER + edge)
        self._show(number, "before", token)

    @precondition(lambda self: self.believed)
    @rule(which=ANY, token=ANY, kind=st.sampled_from(["before", "gone"]))
    def replay_now(self, which: int, token: int, kind: str) -> None:
        self._show(which, kind, token)

    @precondition(lambda self: self.believed)
    @rule(which=ANY, lost=st.sampled_from([1, 6, 7, 8, 9]))
    def lose_answers_at_once(self, which: int, lost: int) -> None:
        """A token is exchanged, and shown again by everybody who did not hear of it."""
        self._show(which, "live", 0)
        for _ in range(lost):
            self._show(which, "before", 0)

    @precondition(lambda self: self.believed)
    @rule(which=ANY, edge=EDGE)
    def come_back_when_idle(self, which: int, edge: timedelta) -> None:
        self.now = max(self.now, self.believed[which % len(self.believed)].used + UNUSED + edge)
        self._show(which, "live", 0)

    @precondition(lambda self: self.believed)
    @rule(which=ANY, edge=EDGE)
    def stay_until_old(self, which: int, edge: timedelta) -> None:
        end = self.believed[which % len(self.believed)].opened + LONGEST + edge
        while self.now + timedelta(days=10) < end:
            self.now += timedelta(days=10)
            self._show(which, "live", 0)
        self.now = max(self.now, end)
        self._show(which, "live", 0)

    @precondition(lambda self: self.believed)
    @rule(which=ANY, aal=st.sampled_from([1, 2]))
    def prove(self, which: int, aal: int) -> None:
        number, token = which % len(self.believed), self._token()
        belief = self.believed[number]
        may = belief.runs(self.now)
        try:
            events = strengthen(self.states[number], aal=aal, methods=("otp",), token=token, now=self.now)
        except SessionEnded:
            assert not may, "a session that runs took no proof"
            return
        assert may, "a session that is over was strengthened"
        for event in events:
            self.states[number] = evolve(self.states[number], event)
        belief.rotate(token, self.now)
        belief.aal, belief.proved = max(belief.aal, aal), self.now

    @precondition(lambda self: self.believed)
    @rule(which=ANY)
    def revoke_one(self, which: int) -> None:
        self._revoke(which % len(self.believed))

    @rule()
    def revoke_all(self) -> None:
        for number in range(len(self.states)):
            self._revoke(number)

    @rule(seconds=st.sampled_from([1, 9, 600, 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def it_is_as_believed(self) -> None:
        for state, belief in zip(self.states, self.believed, strict=True):
            assert (state.status == "ended") == belief.over
            assert (sorted(state.live), sorted(state.previous)) == (sorted(belief.live), sorted(belief.before))
            assert (state.aal, state.authenticated_at) == (belief.aal, belief.proved)

    def _token(self) -> bytes:
        self.made += 1
        return self.made.to_bytes(4)

    def _show(self, which: int, kind: str, token: int) -> None:
        """Show a token that counts, one just replaced, or an older one; believe what the rules say of it."""
        number, successor = which % len(self.believed), self._token()
        belief = self.believed[number]
        held = {"live": belief.live, "before": belief.before, "gone": belief.gone}[kind] or belief.gone
        if not held:
            return
        shown, may = held[token % len(held)], belief.runs(self.now)
        try:
            events = refresh(self.states[number], shown, successor, self.now)
        except SessionEnded:
            assert not may, "a session that runs was refused"
            return
        assert may, "a session that is over was renewed"
        for event in events:
            self.states[number] = evolve(self.states[number], event)
        if shown in belief.live:
            belief.rotate(successor, self.now)
        elif shown in belief.before and self.now <= belief.rotated + LOST_ANSWER and len(belief.live) < 8:
            belief.live, belief.used = [*belief.live, successor], self.now
        else:
            belief.end()

    def _revoke(self, number: int) -> None:
        for event in revoke(self.states[number], by=OWNER, now=self.now):
            self.states[number] = evolve(self.states[number], event)
        self.believed[number].end()


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
