"""Second factors: what counts, how often, and for how long."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindlyfe.identity.domain.challenge import Challenge, read, written
from mindlyfe.identity.domain.enrolment import (
    OFFER_LASTS,
    CodeWrong,
    NoSecondFactor,
    NothingOffered,
    NothingToRemove,
    confirm_totp,
    offer_totp,
    remove,
    replace_codes,
    reset,
)
from mindlyfe.identity.domain.factors import (
    LASTS,
    BackupCodesMade,
    BackupCodeUsed,
    Change,
    Factors,
    ProofRejected,
    TotpAccepted,
    TotpConfirmed,
    TotpOffered,
    evolve,
)
from mindlyfe.identity.domain.proofs import LONGEST, TRIES, by_backup_code, by_totp
from mindlyfe.identity.domain.refusals import ChallengeEnded, NotYourself
from mindlyfe.identity.domain.totp import DRIFT, code_of, step_of
from mindlyfe.kernel.errors import AssuranceTooLow, NotFound, TooMany
from mindlyfe.kernel.messages import PersonId, TenantId

NOW = datetime(2026, 6, 1, 6, 0, 10, tzinfo=UTC)
ANA, HARBOUR = PersonId(UUID(int=11)), TenantId(UUID(int=21))
APP, OTHER = UUID(int=31), UUID(int=32)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
CODES = (b"one", b"two")
OFFERED = TotpOffered(person=ANA, factor=APP, secret=SECRET, at=NOW)
CONFIRMED = TotpConfirmed(factor=APP, step=0, at=NOW)
ENROLLED: tuple[Change, ...] = (OFFERED, CONFIRMED, BackupCodesMade(codes=CODES, at=NOW))
WRONG = "000000"


def after(*changes: Change, state: Factors | None = None) -> Factors:
    for change in changes:
        state = evolve(state, change)
    assert state is not None
    return state


def code(at: datetime = NOW, ahead: int = 0) -> str:
    return code_of(SECRET, step_of(at) + ahead)


def challenge(number: int = 1, changes: int = 2, until: datetime = NOW + LASTS) -> Challenge:
    return Challenge(
        id=UUID(int=number),
        person=ANA,
        organisation=HARBOUR,
        account=1,
        changes=changes,
        expires_at=int(until.timestamp()),
    )


def mac(purpose: str, data: bytes) -> bytes:
    return hmac.digest(b"key", purpose.encode() + data, "sha256")


def test_a_secret_counts_once_a_code_of_it_was_shown() -> None:
    assert offer_totp(None, OFFERED, aal=1) == [OFFERED]
    offered = after(OFFERED)
    assert not offered.needed
    with pytest.raises(CodeWrong):
        confirm_totp(offered, WRONG, codes=CODES, aal=1, now=NOW)
    changes = confirm_totp(offered, code(), codes=CODES, aal=1, now=NOW)
    enrolled = after(*changes, state=offered)
    assert enrolled.totp
    assert (enrolled.needed, enrolled.offered) == (True, None)
    assert (enrolled.totp.step, enrolled.codes) == (step_of(NOW), CODES)


def test_a_secret_is_not_confirmed_late_or_twice_or_unasked() -> None:
    for state in (None, after(*ENROLLED)):
        with pytest.raises(NothingOffered):
            confirm_totp(state, code(), codes=CODES, aal=2, now=NOW)
    late = NOW + OFFER_LASTS + timedelta(seconds=1)
    with pytest.raises(NothingOffered):
        confirm_totp(after(OFFERED), code(late), codes=CODES, aal=1, now=late)


def test_a_new_app_replaces_the_old_one_and_leaves_the_backup_codes() -> None:
    state = after(*ENROLLED, TotpOffered(person=ANA, factor=OTHER, secret=SECRET[::-1], at=NOW))
    assert state.totp
    assert state.totp.factor == APP
    changes = confirm_totp(state, code_of(SECRET[::-1], step_of(NOW)), codes=(b"x",), aal=2, now=NOW)
    state = after(*changes, state=state)
    assert state.totp
    assert (state.totp.factor, state.codes) == (OTHER, CODES)


def test_asvs_7_5_3_who_has_a_factor_changes_it_by_a_strong_session_alone() -> None:
    state = after(*ENROLLED, OFFERED)
    changes: list[Callable[[], object]] = [
        lambda: offer_totp(state, OFFERED, aal=1),
        lambda: confirm_totp(state, code(), codes=CODES, aal=1, now=NOW),
        lambda: replace_codes(state, CODES, aal=1, now=NOW),
        lambda: remove(state, APP, aal=1, now=NOW),
    ]
    for change in changes:
        with pytest.raises(AssuranceTooLow):
            change()


def test_without_a_factor_there_are_no_backup_codes() -> None:
    with pytest.raises(NoSecondFactor):
        replace_codes(None, CODES, aal=2, now=NOW)
    state = after(*ENROLLED)
    with pytest.raises(NotFound):
        remove(state, OTHER, aal=2, now=NOW)
    left = after(*remove(state, APP, aal=2, now=NOW), state=state)
    assert (left.needed, left.codes) == (False, ())


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(-4, 4)), max_size=30))
def test_asvs_6_5_1_no_code_is_accepted_twice_or_outside_its_window(tries: list[tuple[int, int]]) -> None:
    """Against the plain rule: a code of a step within one of now, later than every accepted one."""
    state, now, last = after(*ENROLLED), NOW, 0
    for seconds, ahead in tries:
        now += timedelta(seconds=seconds) + LONGEST  # so that nobody has to wait
        step = step_of(now) + ahead
        [change] = by_totp(state, code_of(SECRET, step), None, now)
        assert isinstance(change, TotpAccepted) == (abs(ahead) <= DRIFT and step > last)
        last = step if isinstance(change, TotpAccepted) else last
        state = evolve(state, change)


def test_asvs_6_5_1_a_backup_code_works_once() -> None:
    state = after(*ENROLLED)
    [used] = by_backup_code(state, b"one", None, NOW)
    assert used == BackupCodeUsed(code=b"one", challenge=None, at=NOW)
    state = evolve(state, used)
    assert by_backup_code(state, b"one", None, NOW) == [ProofRejected(challenge=None, at=NOW)]
    [last] = by_backup_code(state, b"two", None, NOW)
    assert last == BackupCodeUsed(code=b"two", challenge=None, at=NOW, emptied=ANA)


def test_a_reset_leaves_nothing_and_is_done_by_another() -> None:
    state = after(*ENROLLED, TotpOffered(person=ANA, factor=OTHER, secret=SECRET, at=NOW))
    with pytest.raises(NotYourself):
        reset(state, by=ANA, reason="Lost.", now=NOW)
    left = after(*reset(state, by=PersonId(UUID(int=12)), reason="Lost.", now=NOW), state=state)
    assert (left.needed, left.offered, left.codes, left.changes) == (False, None, (), state.changes + 1)
    for nothing in (None, left, after(OFFERED)):
        with pytest.raises(NothingToRemove):
            reset(nothing, by=PersonId(UUID(int=12)), reason="Lost.", now=NOW)


def test_new_backup_codes_replace_all() -> None:
    state = after(*ENROLLED)
    state = after(*replace_codes(state, (b"new",), aal=2, now=NOW), state=state)
    assert by_backup_code(state, b"one", None, NOW) == [ProofRejected(challenge=None, at=NOW)]


def test_a_challenge_takes_five_wrong_codes_and_one_right_one() -> None:
    state = after(*ENROLLED)
    for _ in range(TRIES):
        state = after(*by_totp(state, WRONG, challenge(), NOW), state=state)
    with pytest.raises(ChallengeEnded):
        by_totp(state, code(), challenge(), NOW)
    used = after(*by_totp(state, code(), challenge(2), NOW), state=state)
    with pytest.raises(ChallengeEnded):
        by_totp(used, code(ahead=1), challenge(2), NOW)
    with pytest.raises(ChallengeEnded):
        by_backup_code(used, b"one", challenge(2), NOW)


@pytest.mark.parametrize("wrong", [challenge(changes=1), challenge(until=NOW)])
def test_a_challenge_ends_with_time_and_with_any_change_of_factors(wrong: Challenge) -> None:
    with pytest.raises(ChallengeEnded):
        by_totp(after(*ENROLLED), code(), wrong, NOW)


def test_without_a_factor_there_is_nothing_to_answer() -> None:
    for state in (None, after(OFFERED)):
        with pytest.raises(ChallengeEnded):
            by_totp(state, code(), None, NOW)


def test_asvs_6_3_1_guessing_waits_ever_longer_over_all_challenges_and_never_for_good() -> None:
    state, now, waits = after(*ENROLLED), NOW, list[float]()
    for number in range(30):
        about = challenge(100 + number, until=now + LASTS)
        begun = now
        while True:
            try:
                changes = by_totp(state, WRONG, about, now)
                break
            except TooMany:
                now += timedelta(seconds=1)
                about = challenge(100 + number, until=now + LASTS)
        waits.append((now - begun).total_seconds())
        state = after(*changes, state=state)
    assert waits[: TRIES + 1] == [0] * (TRIES + 1)
    assert waits[TRIES + 1 : TRIES + 5] == [1, 2, 4, 8]
    assert max(waits) == waits[-1] == LONGEST.total_seconds()
    now += LONGEST
    state = after(*by_totp(state, code(now), None, now), state=state)
    assert state.rejected == 0


def test_what_is_remembered_of_challenges_does_not_grow() -> None:
    state, now = after(*ENROLLED), NOW
    for number in range(200):
        now += timedelta(minutes=1)
        [change] = by_totp(state, code(now), challenge(1000 + number, until=now + LASTS), now)
        state = evolve(state, change)
    assert len(state.trials) <= 2 * LASTS / timedelta(minutes=1) + 1


def test_a_challenge_is_ours_or_nothing() -> None:
    text = written(challenge(), mac)
    assert read(text, mac) == challenge()
    for wrong in ("x", "", text[:-2], "A" * len(text), "é", text[4:]):
        with pytest.raises(ChallengeEnded):
            read(wrong, mac)
