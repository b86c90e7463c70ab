"""What a person proves themselves by besides the password: an authenticator app, passkeys, one-time backup codes.

Tries are counted here, in the person's own stream: who knows the password gets few, and no outage of a cache gives
more.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from mindlyfe.identity.domain.holdings import Passkey, Totp, Trial
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
    person: PersonId | None = None
    """Of this and the others, since their owner is told of it."""


class BackupCodesMade(Event, frozen=True, tag="factors.backup-codes-made.v1"):
    """`codes` are keyed digests of new codes, which replace all others."""

    codes: tuple[bytes, ...]
    at: Instant
    person: PersonId | None = None
    """None: they came with the first factor, of which the owner is told."""


class Removed(Event, frozen=True, tag="factors.removed.v1"):
    """The person gave up a factor."""

    factor: UUID
    at: Instant
    person: PersonId | None = None


class Reset(Event, frozen=True, tag="factors.reset.v1"):
    """The person lost them, and `by` removed them all."""

    person: PersonId
    by: PersonId
    reason: str
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
    emptied: PersonId | None = None
    """Whose last one it was, if it was."""


class PasskeyAdded(Event, frozen=True, tag="factors.passkey-added.v1"):
    """A device made a key pair; `key` is the public half (COSE), `synced` whether copies of it may be elsewhere."""

    person: PersonId
    factor: UUID
    name: str
    credential: bytes
    key: bytes
    signs: int
    synced: bool
    at: Instant


class PasskeyUsed(Event, frozen=True, tag="factors.passkey-used.v1"):
    """The device signed a challenge; `signs` is how often it says it did."""

    factor: UUID
    signs: int
    challenge: UUID
    at: Instant


class PasskeyRenamed(Event, frozen=True, tag="factors.passkey-renamed.v1"):
    """The person calls the passkey something else."""

    factor: UUID
    name: str


class ProofRejected(Event, frozen=True, tag="factors.proof-rejected.v1"):
    """A code was wrong, or used before."""

    challenge: UUID | None
    at: Instant


type Enrolment = TotpConfirmed | BackupCodesMade | PasskeyAdded | Removed | Reset
type Use = TotpAccepted | BackupCodeUsed | PasskeyUsed | ProofRejected
type Change = TotpOffered | PasskeyRenamed | Enrolment | Use


class Factors(msgspec.Struct, frozen=True, kw_only=True):
    """All that a person has. `changes` counts what makes an open challenge void."""

    person: PersonId
    offered: Totp | None = None
    totp: Totp | None = None
    passkeys: tuple[Passkey, ...] = ()
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
        return self.totp is not None or bool(self.passkeys)

    def trial(self, challenge: UUID, at: datetime) -> Trial:
        """What became of a challenge; nothing yet, for a new one."""
        known = (trial for trial in self.trials if trial.challenge == challenge)
        return next(known, Trial(challenge=challenge, at=at))


def changes_of(state: Factors | None) -> int:
    """How often they changed; never, for who has none yet."""
    return state.changes if state else 0


def evolve(state: Factors | None, change: Change) -> Factors:
    """The factors after `change`."""
    match change:
        case TotpOffered():
            state = state or Factors(person=change.person)
            return replace(state, offered=Totp(factor=change.factor, secret=change.secret, at=change.at))
        case PasskeyAdded():
            return _changed(state or Factors(person=change.person), change)
        case TotpConfirmed() | BackupCodesMade() | Removed() | Reset():
            assert state is not None
            return _changed(state, change)
        case PasskeyRenamed(factor=factor, name=name):
            assert state is not None
            return _of_passkey(state, factor, name=name)
        case _:
            assert state is not None
            return _used(state, change)


def _changed(state: Factors, change: Enrolment) -> Factors:
    state = replace(state, changes=state.changes + 1)
    match change:
        case TotpConfirmed(step=step):
            assert state.offered is not None
            return replace(state, totp=replace(state.offered, step=step), offered=None)
        case BackupCodesMade(codes=codes):
            return replace(state, codes=codes)
        case PasskeyAdded():
            added = Passkey(
                factor=change.factor,
                name=change.name,
                credential=change.credential,
                key=change.key,
                signs=change.signs,
                synced=change.synced,
                added_at=change.at,
            )
            return replace(state, passkeys=(*state.passkeys, added))
        case Removed(factor=factor):
            totp = None if state.totp and state.totp.factor == factor else state.totp
            left = replace(state, totp=totp, passkeys=tuple(p for p in state.passkeys if p.factor != factor))
            return left if left.needed else replace(left, codes=())
        case Reset():
            return replace(state, offered=None, totp=None, passkeys=(), codes=())


def _used(state: Factors, change: Use) -> Factors:
    match change:
        case TotpAccepted(step=step):
            assert state.totp is not None
            return _passed(replace(state, totp=replace(state.totp, step=step)), change.challenge, change.at)
        case BackupCodeUsed(code=used):
            left = tuple(code for code in state.codes if code != used)
            return _passed(replace(state, codes=left), change.challenge, change.at)
        case PasskeyUsed(factor=factor, signs=signs, at=at):
            return _passed(_of_passkey(state, factor, signs=signs, used_at=at), change.challenge, at)
        case ProofRejected(challenge=challenge, at=at):
            counted = replace(state, rejected=state.rejected + 1, rejected_at=at)
            trial = state.trial(challenge, at) if challenge else None
            return _tried(counted, replace(trial, wrong=trial.wrong + 1), at) if trial else counted


def _of_passkey(state: Factors, factor: UUID, **changed: Any) -> Factors:
    return replace(
        state, passkeys=tuple(replace(one, **changed) if one.factor == factor else one for one in state.passkeys)
    )


def _passed(state: Factors, challenge: UUID | None, at: datetime) -> Factors:
    state = replace(state, rejected=0, rejected_at=None)
    return _tried(state, replace(state.trial(challenge, at), used=True), at) if challenge else state


def _tried(state: Factors, trial: Trial, at: datetime) -> Factors:
    """Remember a trial, and forget those whose challenge has ended."""
    others = tuple(one for one in state.trials if one.challenge != trial.challenge and at - one.at <= 2 * LASTS)
    return replace(state, trials=(*others, trial))
