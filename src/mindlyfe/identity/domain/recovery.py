"""A lost password: the newest request of a person, and whether its code was used.

It says the same of an address without an account, about nobody, so that nothing but the mail tells them apart. Nothing
private is in it. The link of a request is known by when it ends: no two of one person end alike.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid, CodeUsed
from mindlyfe.kernel.messages import Event, Instant, PersonId

LASTS: Final = timedelta(hours=1)


class Asked(Event, frozen=True, tag="recovery.asked.v1"):
    """`person` is None when nobody has the address. `epoch` is the account's."""

    person: PersonId | None
    epoch: int
    expires_at: Instant


class Used(Event, frozen=True, tag="recovery.used.v1"):
    """The code was shown with a new password."""

    at: Instant


type Change = Asked | Used


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """The newest request."""

    person: PersonId | None
    epoch: int
    expires_at: Instant
    used: bool = False


class Sought(msgspec.Struct, frozen=True):
    """Whose password is renewed, if the account is as it was in `epoch`."""

    person: PersonId
    epoch: int


def evolve(state: Recovery | None, change: Change) -> Recovery:
    """The recovery after `change`."""
    match change:
        case Asked(person=person, epoch=epoch, expires_at=expires_at):
            return Recovery(person=person, epoch=epoch, expires_at=expires_at)
        case Used():
            assert state is not None
            return msgspec.structs.replace(state, used=True)


def ask(state: Recovery | None, wish: Asked) -> Sequence[Change]:
    """Begin anew; the codes before are void."""
    if state and wish.expires_at <= state.expires_at:
        return [msgspec.structs.replace(wish, expires_at=state.expires_at + timedelta(seconds=1))]
    return [wish]


def sought(state: Recovery | None, *, ends: datetime | None, now: datetime) -> Sought:
    """Whom the link that ends at `ends` is for. Raises CodeInvalid, CodeExpired when it is old or not the newest."""
    if state is None or state.person is None:
        raise CodeInvalid
    if ends != state.expires_at or now >= state.expires_at:
        raise CodeExpired
    return Sought(state.person, state.epoch)


def use(state: Recovery | None, *, ends: datetime | None, now: datetime) -> Sequence[Change]:
    """Use the code, once. Raises CodeInvalid, CodeExpired, CodeUsed."""
    sought(state, ends=ends, now=now)
    if state and state.used:
        raise CodeUsed("The link was used before. Sign in with the password that was chosen, or ask for a new link.")
    return [Used(at=now)]
