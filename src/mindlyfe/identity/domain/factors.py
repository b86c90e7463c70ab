"""What a person proves themselves by besides the password: an authenticator app, passkeys, one-time backup codes.

Tries are counted here, in the person's own stream: who knows the password gets few, and no outage of a cache gives
more.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from mindlyfe.kernel.messages import Event, Instant, PersonId

LASTS: Final = timedelta(minutes=5)
"""How long a challenge of a sign-in is good for."""


class TotpOffered(Event, frozen=True, tag="factors.totp-offered.v1"):
    """A secret was shown. It counts from the first code made with it on."""

    person: PersonId
    factor: UUID
    secret: str
    at: Instant


class TotpConfirmed(Event, frozen=True, tag="factors.totp-confirmed.v1"):
    """A code of `step` showed that the secret arrived. It replaces the one before."""

    factor: UUID
    step: int
    at: Instant


class BackupCodesMade(Event, frozen=True, tag="factors.backup-codes-made.v1"):
    """`codes` are keyed digests of new codes, which replace all others."""

    codes: tuple[bytes, ...]
    at: Instant


class Removed(Event, frozen=True, tag="factors.removed.v1"):
    """The person gave up a factor."""

    factor: UUID
    at: Instant


class TotpAccepted(Event, frozen=True, tag="factors.totp-accepted.v1"):
    """The code of `step` was right: neither it nor an earlier one counts again."""

    step: int
    challenge: UUID | None
    at: Instant


class BackupCodeUsed(Event, frozen=True, tag="factors.backup-code-used.v1"):
    """A backup code was right, and is gone."""

    code: bytes
    challenge: UUID | None
    at: Instant


class ProofRejected(Event, frozen=True, tag="factors.proof-rejected.v1"):
    """A code was wrong, or used before."""

    challenge: UUID | None
    at: Instant


type Change = TotpOffered | TotpConfirmed | BackupCodesMade | Removed | TotpAccepted | BackupCodeUsed | ProofRejected


class Totp(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticator app. `step` is the last that was accepted."""

    factor: UUID
    secret: str
    at: Instant
    step: int = -1


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a challenge so far."""

    challenge: UUID
    at: Instant
    wrong: int = 0
    used: bool = False


class Factors(msgspec.Struct, frozen=True, kw_only=True):
    """All that a person has. `changes` counts what makes an open challenge void."""

    person: PersonId
    offered: Totp | None = None
    totp: Totp | None = None
    codes: tuple[bytes, ...] = ()
    changes: int = 0
    rejected: int = 0
    """Wrong proofs since the last right one."""
    rejected_at: Instant | None = None
    trials: tuple[Trial, ...] = ()
    """Of challenges that may still be open."""

    @property
    def needed(self) -> bool:
        """Whether a password alone signs in no more. Backup codes stand in for a factor; they are none."""
        return self.totp is not None

    def trial(self, challenge: UUID, at: datetime) -> Trial:
        """What became of a challenge; nothing yet, for a new one."""
        known = (trial for trial in self.trials if trial.challenge == challenge)
        return next(known, Trial(challenge=challenge, at=at))


def evolve(state: Factors | None, change: Change) -> Factors:
    """The factors after `change`."""
    if isinstance(change, TotpOffered):
        factors = state or Factors(person=change.person)
        return replace(factors, offered=Totp(factor=change.factor, secret=change.secret, at=change.at))
    assert state is not None
    match change:
        case TotpConfirmed() | BackupCodesMade() | Removed():
            return _changed(state, change)
        case TotpAccepted(step=step):
            assert state.totp is not None
            return _passed(replace(state, totp=replace(state.totp, step=step)), change.challenge, change.at)
        case BackupCodeUsed(code=used):
            left = tuple(code for code in state.codes if code != used)
            return _passed(replace(state, codes=left), change.challenge, change.at)
        case ProofRejected(challenge=challenge, at=at):
            counted = replace(state, rejected=state.rejected + 1, rejected_at=at)
            trial = state.trial(challenge, at) if challenge else None
            return _tried(counted, replace(trial, wrong=trial.wrong + 1), at) if trial else counted


def _changed(state: Factors, change: TotpConfirmed | BackupCodesMade | Removed) -> Factors:
    state = replace(state, changes=state.changes + 1)
    match change:
        case TotpConfirmed(step=step):
            assert state.offered is not None
            return replace(state, totp=replace(state.offered, step=step), offered=None)
        case BackupCodesMade(codes=codes):
            return replace(state, codes=codes)
        case Removed(factor=factor):
            left = replace(state, totp=None if state.totp and state.totp.factor == factor else state.totp)
            return left if left.needed else replace(left, codes=())


def _passed(state: Factors, challenge: UUID | None, at: datetime) -> Factors:
    state = replace(state, rejected=0, rejected_at=None)
    return _tried(state, replace(state.trial(challenge, at), used=True), at) if challenge else state


def _tried(state: Factors, trial: Trial, at: datetime) -> Factors:
    """Remember a trial, and forget those whose challenge has ended."""
    others = tuple(one for one in state.trials if one.challenge != trial.challenge and at - one.at <= 2 * LASTS)
    return replace(state, trials=(*others, trial))
