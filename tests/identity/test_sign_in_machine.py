"""What a sign-in goes by, under any order of changes: password, factors, recovery, challenges that wait.

The beliefs know no version and no epoch: each change of what one proves oneself by voids what was begun before it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mindlyfe.identity.domain import account, factors, recovery
from mindlyfe.identity.domain.account import Account, PasswordChanged, change_password
from mindlyfe.identity.domain.challenge import Challenge
from mindlyfe.identity.domain.enrolment import confirm_totp, offer_totp, remove, replace_codes, reset
from mindlyfe.identity.domain.factors import Factors, TotpAccepted, TotpOffered, changes_of
from mindlyfe.identity.domain.proofs import by_totp
from mindlyfe.identity.domain.recovery import Asked, Recovery
from mindlyfe.identity.domain.refusals import ChallengeEnded, CodeExpired, CodeUsed
from mindlyfe.identity.domain.totp import code_of, step_of
from mindlyfe.kernel.errors import AssuranceTooLow
from mindlyfe.kernel.messages import PersonId, TenantId

OWNER, ADMIN, CLINIC = PersonId(UUID(int=1)), PersonId(UUID(int=9)), TenantId(UUID(int=2))
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
MINUTES, HOUR = timedelta(minutes=5), timedelta(hours=1)
ANY = st.integers(min_value=0, max_value=50)


@dataclass
class Waiting:
    """A challenge that somebody holds, and whether anything happened since that voids it."""

    challenge: Challenge
    begun: datetime
    void: bool = False


@dataclass
class Link:
    """A link to a new password that is in a mailbox."""

    ends: datetime
    epoch_of: str
    """The password that was lost."""
    newest: bool = True
    used: bool = False


@dataclass
class Believed:
    """What a reader of the rules believes of the person."""

    password: str = "p0"
    has_app: bool = False
    codes: int = 0
    waiting: list[Waiting] = field(default_factory=list[Waiting])
    links: list[Link] = field(default_factory=list[Link])

    def changed(self) -> None:
        """What was begun before is void."""
        for one in self.waiting:
            one.void = True


class SignIns(RuleBasedStateMachine):
    """The domain beside the beliefs."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 6, 1, 6, tzinfo=UTC)
        self.made = 100
        opened = account.Opened(person=OWNER, email="a@b.example", password="p0", organisation=CLINIC)
        self.account: Account = account.evolve(None, opened)
        self.version = 1
        self.factors: Factors | None = None
        self.recovery: Recovery | None = None
        self.belief = Believed()

    @rule()
    def add_an_app(self) -> None:
        aal = 2 if self.belief.has_app else 1
        offer = TotpOffered(person=OWNER, factor=self._id(), secret=SECRET, at=self.now)
        self._factors(offer_totp(self.factors, offer, aal=aal))
        code = code_of(SECRET, step_of(self.now))
        self._factors(confirm_totp(self.factors, code, codes=(b"1", b"2"), aal=aal, now=self.now))
        self.belief.codes = self.belief.codes if self.belief.has_app else 2
        self.belief.has_app = True
        self.belief.changed()

    @precondition(lambda self: self.belief.has_app)
    @rule()
    def a_weak_session_changes_nothing(self) -> None:
        offer = TotpOffered(person=OWNER, factor=self._id(), secret=SECRET[::-1], at=self.now)
        changes: list[Callable[[], object]] = [
            lambda: offer_totp(self.factors, offer, aal=1),
            lambda: replace_codes(self.factors, (), aal=1, now=self.now),
            lambda: remove(self.factors, self._app(), aal=1, now=self.now),
        ]
        for change in changes:
            try:
                change()
            except AssuranceTooLow:
                continue
            raise AssertionError("a password alone changed a factor")

    @precondition(lambda self: self.belief.has_app)
    @rule(how=st.sampled_from(["removed", "reset", "codes"]))
    def change_factors(self, how: str) -> None:
        if how == "removed":
            self._factors(remove(self.factors, self._app(), aal=2, now=self.now))
        elif how == "reset":
            self._factors(reset(self.factors, by=ADMIN, reason="Lost.", now=self.now))
        else:
            self._factors(replace_codes(self.factors, (b"3", b"4", b"5"), aal=2, now=self.now))
        self.belief.has_app = how == "codes"
        self.belief.codes = 3 if self.belief.has_app else 0
        self.belief.changed()

    @rule()
    def change_the_password(self) -> None:
        self._password(f"p{self._id().int}")

    @rule()
    def another_clinic_admits_the_person(self) -> None:
        for event in account.admit(self.account, TenantId(self._id())):
            self._account(event)
        self.belief.changed()

    @rule()
    def lose_the_password(self) -> None:
        wish = Asked(person=OWNER, epoch=self.account.epoch, expires_at=self.now + HOUR)
        for event in recovery.ask(self.recovery, wish):
            self.recovery = recovery.evolve(self.recovery, event)
        assert self.recovery is not None
        for one in self.belief.links:
            one.newest = False
        self.belief.links.append(Link(self.recovery.expires_at, self.belief.password))

    @precondition(lambda self: self.belief.links)
    @rule(which=ANY)
    def follow_a_link(self, which: int) -> None:
        link = self.belief.links[which % len(self.belief.links)]
        may = link.newest and not link.used and self.now < link.ends and link.epoch_of == self.belief.password
        had = self.factors
        try:
            sought = recovery.sought(self.recovery, ends=link.ends, now=self.now)
            used = recovery.use(self.recovery, ends=link.ends, now=self.now)
            change = PasswordChanged(password=f"p{self._id().int}", at=self.now, recovered=True)
            change_password(self.account, change, epoch=sought.epoch)
        except (CodeExpired, CodeUsed):
            assert not may, "a good link was refused"
            return
        assert may, "a link that was void gave a new password"
        for event in used:
            self.recovery = recovery.evolve(self.recovery, event)
        link.used = True
        self._password(change.password)
        assert self.factors == had, "a recovery went around a factor"

    @precondition(lambda self: self.belief.has_app)
    @rule()
    def give_the_password(self) -> None:
        until = self.now + MINUTES
        made = Challenge(
            id=self._id(),
            person=OWNER,
            organisation=CLINIC,
            account=self.version,
            changes=changes_of(self.factors),
            expires_at=int(until.timestamp()),
        )
        self.belief.waiting.append(Waiting(made, self.now))

    @precondition(lambda self: self.belief.waiting)
    @rule(which=ANY)
    def give_the_code(self, which: int) -> None:
        waits = self.belief.waiting[which % len(self.belief.waiting)]
        self.now += timedelta(seconds=60)  # a code of its own
        may = not waits.void and self.now < waits.begun + MINUTES
        try:
            if waits.challenge.account != self.version:
                raise ChallengeEnded
            changes = by_totp(self.factors, code_of(SECRET, step_of(self.now)), waits.challenge, self.now)
        except ChallengeEnded:
            assert not may, "a challenge that counts was refused"
            return
        [accepted] = changes
        assert may == isinstance(accepted, TotpAccepted), "a void challenge opened a session"
        self._factors(changes)
        waits.void = True

    @rule(seconds=st.sampled_from([1, 59, 240, 3599, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def it_is_as_believed(self) -> None:
        assert self.account.password == self.belief.password
        assert bool(self.factors and self.factors.needed) == self.belief.has_app
        assert len(self.factors.codes if self.factors else ()) == self.belief.codes

    def _id(self) -> UUID:
        self.made += 1
        return UUID(int=self.made)

    def _app(self) -> UUID:
        assert self.factors is not None
        assert self.factors.totp is not None
        return self.factors.totp.factor

    def _factors(self, changes: Sequence[factors.Change]) -> None:
        for change in changes:
            self.factors = factors.evolve(self.factors, change)

    def _account(self, event: account.Change) -> None:
        self.account, self.version = account.evolve(self.account, event), self.version + 1

    def _password(self, made: str) -> None:
        for event in change_password(self.account, PasswordChanged(password=made, at=self.now)):
            self._account(event)
        self.belief.password = made
        self.belief.changed()


TestSignIns = SignIns.TestCase
TestSignIns.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
