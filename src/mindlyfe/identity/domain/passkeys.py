"""Passkeys: key pairs in people's devices; only the public halves are here. One signs in alone, at assurance 2."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mindlyfe.identity.domain.ceremony import Asked
from mindlyfe.identity.domain.enrolment import changeable
from mindlyfe.identity.domain.factors import (
    BackupCodesMade,
    Change,
    Factors,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyUsed,
)
from mindlyfe.identity.domain.refusals import ChallengeEnded
from mindlyfe.kernel.errors import DomainError, NotFound, Unauthenticated


class PasskeyRefused(Unauthenticated):
    """The passkey is not known here, was copied, or answered something else."""

    code = "passkey-refused"
    advice = "Try again; if it stays so, sign in another way and remove the passkey."


class PasskeyKnown(DomainError):
    """This passkey was added before."""

    status = 409
    code = "passkey-known"
    advice = "Use the one that is there, or choose another device."


def add(state: Factors | None, wish: PasskeyAdded, *, codes: tuple[bytes, ...], aal: int) -> Sequence[Change]:
    """Add one; backup codes come with the first factor. Raises AssuranceTooLow, PasskeyKnown."""
    factors = changeable(state, aal=aal)
    if factors and any(known.credential == wish.credential for known in factors.passkeys):
        raise PasskeyKnown
    return [wish] if factors and factors.needed else [wish, BackupCodesMade(codes=codes, at=wish.at)]


def rename(state: Factors | None, factor: UUID, name: str) -> Sequence[Change]:
    """Call it something else. Raises NotFound."""
    known = next((one for one in state.passkeys if one.factor == factor), None) if state else None
    if known is None:
        raise NotFound
    return [] if known.name == name else [PasskeyRenamed(factor=factor, name=name)]


def answer(state: Factors | None, credential: bytes, signs: int, asked: Asked, now: datetime) -> Sequence[Change]:
    """Accept a signature that was verified. Raises ChallengeEnded for a second answer, PasskeyRefused for a copy.

    `signs` is the device's own count of signatures; one that does not grow tells of a copied key. Some never count.
    """
    known = next((one for one in state.passkeys if one.credential == credential), None) if state else None
    if state is None or known is None:
        raise PasskeyRefused
    if state.trial(asked.id, now).used:
        raise ChallengeEnded
    if (signs or known.signs) and signs <= known.signs:
        raise PasskeyRefused
    return [PasskeyUsed(factor=known.factor, signs=signs, challenge=asked.id, at=now)]
