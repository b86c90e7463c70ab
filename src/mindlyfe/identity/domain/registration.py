"""A patient's wish to join a clinic by its link, until the address is proved. An account is made only then.

Each attempt stands by itself, with its own password: who proves the address by one mail never activates a password that
somebody else gave in another attempt.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from mindlyfe.identity.contract.commands import Guardian
from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid
from mindlyfe.kernel.messages import Event, Instant, PersonId

LASTS: Final = timedelta(hours=24)


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


class Confirmed(Event, frozen=True, tag="registration.confirmed.v1"):
    """The address was proved, and the account made."""


type Change = Started | Repeated | Confirmed


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt."""

    person: PersonId
    wish: Started | None
    """None: the address has an account."""
    status: Literal["open", "confirmed"] = "open"


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


def start(state: Registration | None, wish: Started | Repeated) -> Sequence[Change]:
    """Begin, once."""
    return [] if state else [wish]


def wished(state: Registration | None, now: datetime) -> Started:
    """What the owner of the code asked for. Raises CodeInvalid, CodeExpired; never the latter once confirmed."""
    if state is None or state.wish is None:
        raise CodeInvalid
    if state.status == "open" and now >= state.wish.expires_at:
        raise CodeExpired
    return state.wish


def confirm(state: Registration | None, now: datetime) -> Sequence[Change]:
    """Note that the address is proved; again, nothing. Raises CodeInvalid, CodeExpired."""
    wished(state, now)
    return [] if state and state.status == "confirmed" else [Confirmed()]
