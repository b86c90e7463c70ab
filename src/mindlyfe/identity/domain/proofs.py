"""Whether somebody is who they say: codes against a person's factors, with few tries.

A challenge takes five wrong codes. Over all challenges, a person's sixth wrong code in a row makes the next one wait
1, 2, 4 … 300 s. Only who knows the password gets so far, and waiting ends by itself: nobody is locked out for good.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from mindlyfe.identity.domain.challenge import Challenge
from mindlyfe.identity.domain.factors import BackupCodeUsed, Change, Factors, ProofRejected, TotpAccepted
from mindlyfe.identity.domain.refusals import ChallengeEnded
from mindlyfe.identity.domain.totp import matching
from mindlyfe.kernel.errors import TooMany

TRIES: Final = 5
"""Wrong codes that a challenge takes, and that a person may give in a row without waiting."""
LONGEST: Final = timedelta(minutes=5)


def by_totp(state: Factors | None, code: str, challenge: Challenge | None, now: datetime) -> Sequence[Change]:
    """Accept the code of an authenticator app, or count it as wrong. Raises ChallengeEnded, TooMany."""
    factors, about = _waiting(state, challenge, now), challenge.id if challenge else None
    totp = factors.totp
    step = matching(totp.secret, code, now=now, after=totp.step) if totp else None
    if step is None:
        return [ProofRejected(challenge=about, at=now)]
    return [TotpAccepted(step=step, challenge=about, at=now)]


def by_backup_code(state: Factors | None, code: bytes, challenge: Challenge | None, now: datetime) -> Sequence[Change]:
    """Accept a backup code by its digest, or count it as wrong. Raises ChallengeEnded, TooMany."""
    factors, about = _waiting(state, challenge, now), challenge.id if challenge else None
    if code not in factors.codes:
        return [ProofRejected(challenge=about, at=now)]
    last = factors.person if factors.codes == (code,) else None
    return [BackupCodeUsed(code=code, challenge=about, at=now, emptied=last)]


def _waiting(state: Factors | None, challenge: Challenge | None, now: datetime) -> Factors:
    """The factors, if another code may be given now."""
    if state is None or not state.needed:
        raise ChallengeEnded
    if challenge is not None:
        trial = state.trial(challenge.id, now)
        if now >= challenge.until or challenge.changes != state.changes or trial.used or trial.wrong >= TRIES:
            raise ChallengeEnded
    if state.rejected_at is not None and now < state.rejected_at + _pause(state.rejected):
        raise TooMany("Too many wrong codes. Wait up to five minutes, then try again.")
    return state


def _pause(rejected: int) -> timedelta:
    """How long to wait after so many wrong codes in a row."""
    if rejected <= TRIES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(rejected - TRIES - 1, 10)), LONGEST)
