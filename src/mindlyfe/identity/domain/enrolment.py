"""How a person gets, changes and gives up second factors."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from mindlyfe.identity.domain.factors import (
    BackupCodesMade,
    Change,
    Factors,
    Removed,
    Reset,
    TotpConfirmed,
    TotpOffered,
)
from mindlyfe.identity.domain.refusals import NotYourself
from mindlyfe.identity.domain.totp import matching
from mindlyfe.kernel.errors import AssuranceTooLow, DomainError, NotFound
from mindlyfe.kernel.messages import PersonId

OFFER_LASTS: Final = timedelta(minutes=15)
STRONG: Final = 2


class NothingOffered(DomainError):
    """No authenticator app waits to be confirmed, or it waited too long."""

    status = 409
    code = "nothing-offered"
    advice = "Ask for a new secret, and confirm it within 15 minutes."


class CodeWrong(DomainError):
    """The code does not come from the secret that was shown."""

    status = 422
    code = "code-wrong"
    advice = "Check that the clock of the device is right, and give the code it shows now."


class NothingToRemove(DomainError):
    """The account has no second factor."""

    status = 409
    code = "nothing-to-remove"
    advice = "A password alone signs in; who lost it asks for a link by mail."


class NoSecondFactor(DomainError):
    """There is no second factor that codes could stand in for."""

    status = 409
    code = "no-second-factor"
    advice = "Add an authenticator app or a passkey first."


def changeable(state: Factors | None, *, aal: int) -> Factors | None:
    """The factors, if a session of this assurance may change them: who has one needs it. Raises AssuranceTooLow."""
    if state and state.needed and aal < STRONG:
        raise AssuranceTooLow
    return state


def offer_totp(state: Factors | None, wish: TotpOffered, *, aal: int) -> Sequence[Change]:
    """Show a secret; it replaces one that was not confirmed. Raises AssuranceTooLow."""
    changeable(state, aal=aal)
    return [wish]


def confirm_totp(
    state: Factors | None, code: str, *, codes: tuple[bytes, ...], aal: int, now: datetime
) -> Sequence[Change]:
    """Accept the secret by a code made with it. Backup codes come with the first factor.

    Raises AssuranceTooLow, NothingOffered, CodeWrong.
    """
    factors = changeable(state, aal=aal)
    if factors is None or factors.offered is None or now - factors.offered.at > OFFER_LASTS:
        raise NothingOffered
    step = matching(factors.offered.secret, code, now=now, after=-1)
    if step is None:
        raise CodeWrong
    confirmed = TotpConfirmed(factor=factors.offered.factor, step=step, at=now, person=factors.person)
    return [confirmed] if factors.needed else [confirmed, BackupCodesMade(codes=codes, at=now)]


def replace_codes(state: Factors | None, codes: tuple[bytes, ...], *, aal: int, now: datetime) -> Sequence[Change]:
    """New backup codes in place of all others. Raises AssuranceTooLow, NoSecondFactor."""
    factors = changeable(state, aal=aal)
    if factors is None or not factors.needed:
        raise NoSecondFactor
    return [BackupCodesMade(codes=codes, at=now, person=factors.person)]


def remove(state: Factors | None, factor: UUID, *, aal: int, now: datetime) -> Sequence[Change]:
    """Give one up. Raises NotFound, AssuranceTooLow."""
    if state is None or factor not in {one.factor for one in (state.totp, *state.passkeys) if one}:
        raise NotFound
    changeable(state, aal=aal)
    return [Removed(factor=factor, at=now, person=state.person)]


def reset(state: Factors | None, *, by: PersonId, reason: str, now: datetime) -> Sequence[Change]:
    """Remove all that somebody else lost, backup codes and an offered secret too. Raises NotYourself, NothingToRemove.

    `by` has seen to it that it is their owner who asks.
    """
    if state is None or not state.needed:
        raise NothingToRemove
    if state.person == by:
        raise NotYourself
    return [Reset(person=state.person, by=by, reason=reason, at=now)]
