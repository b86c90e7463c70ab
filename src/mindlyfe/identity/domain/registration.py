"""A patient's wish to join a clinic by its link, until the address is proved. An account is made only then.

Each attempt stands by itself, with its own password, and is confirmed by the mail and that password together. So nobody
activates a password that somebody else chose: neither by another attempt's mail, nor by a click on a
mail that they never asked for.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from mindlyfe.identity.contract.commands import Guardian
from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid, CodeUsed
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Event, Instant, PersonId

LASTS: Final = timedelta(hours=24)
GUESSES: Final = 10
"""So many wrong passwords close the attempt."""


class VerificationFailed(DomainError):
    """The code and the password do not belong together."""

    status = 400
    code = "verification-failed"
    advice = (
        "Open the newest link again, and give the password you chose at the registration. If it was not you, say so."
    )


class Started(Event, frozen=True, tag="registration.started.v1"):
    """Somebody gave an address that has no account. `password` is its argon2 hash."""

    person: PersonId
    email: str
    password: str
    name: str
    date_of_birth: date
    zone: str
    locale: str
    expires_at: Instant
    guardian: Guardian | None = None


class Repeated(Event, frozen=True, tag="registration.repeated.v1"):
    """Somebody gave the address of `owner`, who has an account. `person` is nobody: the id made for the attempt."""

    person: PersonId
    owner: PersonId
    expires_at: Instant | None = None
    """From then on nothing of it is kept, as of any other."""


class Confirmed(Event, frozen=True, tag="registration.confirmed.v1"):
    """The address was proved, and the account made."""


class PasswordMismatched(Event, frozen=True, tag="registration.password-mismatched.v1"):
    """Somebody with the link gave another password."""

    at: Instant


class Cancelled(Event, frozen=True, tag="registration.cancelled.v1"):
    """The owner of the address says that it was not they who registered."""

    at: Instant


type Change = Started | Repeated | Confirmed | PasswordMismatched | Cancelled


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt."""

    person: PersonId
    wish: Started | None
    """None: the address has an account."""
    status: Literal["open", "confirmed", "cancelled"] = "open"
    guesses: int = 0


def evolve(state: Registration | None, change: Change) -> Registration:
    """The attempt after `change`."""
    match change:
        case Started(person=person):
            return Registration(person=person, wish=change)
        case Repeated(person=person):
            return Registration(person=person, wish=None)
        case Confirmed():
            assert state is not None
            return msgspec.structs.replace(state, status="confirmed")
        case PasswordMismatched():
            assert state is not None
            return msgspec.structs.replace(state, guesses=state.guesses + 1)
        case Cancelled():
            assert state is not None
            return msgspec.structs.replace(state, status="cancelled")


def start(state: Registration | None, wish: Started | Repeated) -> Sequence[Change]:
    """Begin, once."""
    return [] if state else [wish]


def wished(state: Registration | None, now: datetime) -> Started:
    """What the owner of the code asked for.

    Raises CodeInvalid; CodeExpired when it was cancelled, guessed at too often, or too late and not confirmed.
    """
    if state is None or state.wish is None:
        raise CodeInvalid
    late = state.status == "open" and now >= state.wish.expires_at
    if late or state.status == "cancelled" or state.guesses >= GUESSES:
        raise CodeExpired
    return state.wish


def guess(state: Registration | None, now: datetime) -> Sequence[Change]:
    """Note a wrong password. Raises CodeInvalid, CodeExpired."""
    wished(state, now)
    return [PasswordMismatched(at=now)]


def cancel(state: Registration | None, now: datetime) -> Sequence[Change]:
    """Note that it was somebody else; again, nothing. Raises CodeInvalid, CodeUsed once there is an account."""
    if state is None or state.wish is None:
        raise CodeInvalid
    if state.status == "confirmed":
        raise CodeUsed("The address was confirmed, and there is an account. Call the clinic if it is not yours.")
    return [Cancelled(at=now)] if state.status == "open" else []


def settle(state: Registration | None) -> Sequence[Change]:
    """Note that there is an account, where a broken request left that out."""
    return [] if state is None or state.status == "confirmed" else [Confirmed()]


def confirm(state: Registration | None, now: datetime) -> Sequence[Change]:
    """Note that the address is proved; again, nothing. Raises CodeInvalid, CodeExpired."""
    wished(state, now)
    return [] if state and state.status == "confirmed" else [Confirmed()]
