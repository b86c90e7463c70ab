"""A person's wish to move to another address: nothing moves before the new one is proved, and the old one can stop it.

One stream per person holds all requests: mail about an earlier one still finds its address. Only the newest can be
proved. The link of a request is known by when it ends: no two of one person end alike.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid, CodeUsed
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId

LASTS: Final = timedelta(hours=24)


class Asked(Event, frozen=True, tag="address-change.asked.v1"):
    """`owner` has an account by the new address: they are told, and nothing moves. `epoch` is the account's."""

    ask: UUID
    person: PersonId
    old: str
    new: str
    owner: PersonId | None
    epoch: int
    expires_at: Instant


class Proved(Event, frozen=True, tag="address-change.proved.v1"):
    """The owner of the new address showed the code in the mail."""

    at: Instant


class Cancelled(Event, frozen=True, tag="address-change.cancelled.v1"):
    """The owner of the old address stopped it."""

    at: Instant


type Change = Asked | Proved | Cancelled


class AddressChange(msgspec.Struct, frozen=True, kw_only=True):
    """All requests of a person, oldest first, and what became of the newest."""

    person: PersonId
    asks: tuple[Asked, ...]
    status: Literal["asked", "proved", "cancelled"] = "asked"

    @property
    def newest(self) -> Asked:
        """The one that counts."""
        return self.asks[-1]


def evolve(state: AddressChange | None, change: Change) -> AddressChange:
    """The requests after `change`."""
    if isinstance(change, Asked):
        return AddressChange(person=change.person, asks=(*state.asks, change) if state else (change,))
    assert state is not None
    return msgspec.structs.replace(state, status="proved" if isinstance(change, Proved) else "cancelled")


def ask(state: AddressChange | None, wish: Asked) -> Sequence[Change]:
    """Begin anew; the codes before are void."""
    if state and wish.expires_at <= state.newest.expires_at:
        return [msgspec.structs.replace(wish, expires_at=state.newest.expires_at + timedelta(seconds=1))]
    return [wish]


def prove(state: AddressChange | None, *, ends: datetime | None, now: datetime) -> Sequence[Change]:
    """Note that the new address is proved; again, nothing. Raises CodeInvalid, CodeExpired."""
    asked = wished(state, ends=ends)
    if asked.owner:
        raise CodeInvalid
    if state and state.status == "proved":
        return []
    if (state and state.status == "cancelled") or now >= asked.expires_at:
        raise CodeExpired
    return [Proved(at=now)]


def cancel(state: AddressChange | None, *, ends: datetime | None, now: datetime) -> Sequence[Change]:
    """Stop it; again, nothing. Raises CodeInvalid, CodeExpired, CodeUsed when the new address is proved already."""
    asked = wished(state, ends=ends)
    if state and state.status == "proved":
        raise CodeUsed("The address was changed already. If that was not you, call the clinic.")
    if now >= asked.expires_at:
        raise CodeExpired
    return [] if state and state.status == "cancelled" else [Cancelled(at=now)]


def wished(state: AddressChange | None, *, ends: datetime | None) -> Asked:
    """The request that the link which ends at `ends` was made for. Raises CodeInvalid, CodeExpired for an older one."""
    if state is None:
        raise CodeInvalid
    if ends != state.newest.expires_at:
        raise CodeExpired
    return state.newest


def known(state: AddressChange | None, ask: UUID) -> Asked:
    """A request, an earlier one too. Raises NotFound."""
    for asked in state.asks if state else ():
        if asked.ask == ask:
            return asked
    raise NotFound
