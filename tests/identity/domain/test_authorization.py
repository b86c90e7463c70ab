"""A code against an independent model: one session at most comes of it, within its minute, for who may have it.

The limits are written out here, not taken from the domain: who changes one there must mean it.
"""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mindlyfe.identity.domain.app_refusals import AuthorizationDecided, InvalidGrant
from mindlyfe.identity.domain.authorization import (
    Allowed,
    Authorization,
    Denied,
    Redeemed,
    Replayed,
    Shown,
    decide,
    evolve,
    proves,
    redeem,
)
from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.identity.domain.session import Session, SessionOpened, holds, open_session, refresh, revoke
from mindlyfe.identity.domain.session import evolve as evolve_session
from mindlyfe.kernel.messages import PersonId, TenantId

BEGIN, MINUTE, LOST_ANSWER = datetime(2026, 6, 1, 6, tzinfo=UTC), timedelta(seconds=60), timedelta(seconds=10)
ANA, HARBOUR = PersonId(UUID(int=1)), TenantId(UUID(int=2))
DIARY, OTHER = UUID(int=3), UUID(int=4)
BACK, VERIFIER, CODE = "https://diary.example/signed-in", "v" * 43, b"code"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def yes() -> Allowed:
    return Allowed(
        person=ANA,
        organisation=HARBOUR,
        app=DIARY,
        redirect_uri=BACK,
        scopes=("openid", "offline_access"),
        challenge=CHALLENGE,
        nonce="n",
        code=CODE,
        aal=1,
        methods=("pwd",),
        authenticated_at=BEGIN,
        at=BEGIN,
    )


def shown(app: UUID = DIARY, code: bytes = CODE, redirect_uri: str = BACK, verifier: str = VERIFIER) -> Shown:
    return Shown(app=app, code=code, redirect_uri=redirect_uri, verifier=verifier)


def test_a_request_is_answered_once_whatever_the_answer() -> None:
    no = Denied(person=ANA, app=DIARY, at=BEGIN)
    for first in (yes(), no):
        [change] = decide(None, first)
        for second in (yes(), no):
            with pytest.raises(AuthorizationDecided):
                decide(evolve(None, change), second)


def test_no_code_stands_for_a_no() -> None:
    with pytest.raises(InvalidGrant):
        redeem(evolve(None, Denied(person=ANA, app=DIARY, at=BEGIN)), shown(), session=UUID(int=9), now=BEGIN)


def test_the_example_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    assert proves("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    assert not proves("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    assert not proves("short", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")


class CodeAndFamily(RuleBasedStateMachine):
    """A code and the family of refresh tokens that came of it, as the token endpoint keeps them.

    The model knows when the code was used, which token is the newest, and whether somebody showed too much.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now, self.opened_at, self.count = BEGIN, BEGIN, 0
        self.answer: Authorization | None = evolve(None, yes())
        self.sessions: dict[UUID, Session] = {}
        self.used = self.over = False
        self.tokens: list[bytes] = []
        self.rotated = BEGIN

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 9.9, 10.0, 10.1, 29.0, 30.0, 31.0, 60.0, 60.1]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def the_code_is_shown(self) -> None:
        session = UUID(int=100 + self.count)
        self.count += 1
        late = self.now - BEGIN > MINUTE
        try:
            changes = redeem(self.answer, shown(), session=session, now=self.now)
        except InvalidGrant:
            assert late
            assert not self.used
            return
        for change in changes:
            self.answer = evolve(self.answer, change)
        if self.used:
            assert not any(isinstance(one, Redeemed) for one in changes)
            self.ended()
            return
        assert [type(one) for one in changes] == [Redeemed]
        assert not late
        self.used, self.opened_at, self.rotated = True, self.now, self.now
        self.tokens = [b"0"]
        wish = SessionOpened(
            person=ANA, organisation=HARBOUR, aal=1, token=b"0", at=self.now, client=str(DIARY), scope="offline_access"
        )
        for opened in open_session(None, wish):
            self.sessions[session] = evolve_session(None, opened)

    @rule(
        wrong=st.sampled_from(
            [shown(app=OTHER), shown(code=b"guess"), shown(redirect_uri=BACK + "/"), shown(verifier="w" * 43)]
        )
    )
    def it_is_shown_by_who_may_not(self, wrong: Shown) -> None:
        """Who has the code but not the rest learns nothing while it is fresh; used, it ends what came of it."""
        stranger = wrong.app != DIARY or wrong.code != CODE
        try:
            changes = redeem(self.answer, wrong, session=UUID(int=99), now=self.now)
        except InvalidGrant:
            assert stranger or not self.used
            return
        assert self.used
        assert not stranger
        assert all(isinstance(one, Replayed) for one in changes)
        for change in changes:
            self.answer = evolve(self.answer, change)
        self.ended()

    @precondition(lambda self: self.tokens)
    @rule(back=st.integers(0, 3))
    def a_refresh_token_is_shown(self, back: int) -> None:
        [(session, state)] = self.sessions.items()
        token = self.tokens[max(0, len(self.tokens) - 1 - back)]
        successor = str(len(self.tokens)).encode()
        newest = token == self.tokens[-1]
        try:
            changes = refresh(state, token, successor, self.now)
        except SessionEnded:
            assert self.over
            return
        assert not self.over
        for change in changes:
            state = evolve_session(state, change)
        self.sessions[session] = state
        if newest:
            holds(state, successor)
            self.tokens.append(successor)
            self.rotated = self.now
        elif state.status == "open":
            assert token == self.tokens[-2]
            assert self.now - self.rotated <= LOST_ANSWER
            self.sessions[session] = evolve_session(state, *revoke(state, by=ANA, now=self.now))
            self.over = True  # siblings are the business of another test: here the family ends
        else:
            self.over = True

    def ended(self) -> None:
        """As the token endpoint does it: a code shown again ends what it opened."""
        self.over = True
        for session, state in self.sessions.items():
            for change in revoke(state, by=ANA, now=self.now):
                self.sessions[session] = evolve_session(state, change)

    @invariant()
    def one_session_at_most(self) -> None:
        assert len(self.sessions) == int(self.used)
        assert all(state.client == str(DIARY) for state in self.sessions.values())

    @invariant()
    def it_runs_unless_somebody_showed_too_much(self) -> None:
        assert all((state.status == "ended") == self.over for state in self.sessions.values())

    @invariant()
    def the_answer_knows_its_session(self) -> None:
        assert self.answer is not None
        assert (self.answer.session is not None) == self.used
        assert not self.answer.replayed or self.over


TestCodeAndFamily = CodeAndFamily.TestCase
