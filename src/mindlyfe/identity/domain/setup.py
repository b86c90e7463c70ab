"""The one-time offer to open a clinic: printed for whoever started the installation, or made by an operator."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid, CodeUsed
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId, TenantId

LASTS: Final = timedelta(hours=24)


class Offered(Event, frozen=True, tag="setup.offered.v1"):
    """A link may be used until `expires_at`; a later offer under the same id replaces it."""

    expires_at: Instant
    operator: bool = True
    """Whether the administrator becomes an operator, too: who started the installation does, others do not."""


class Begun(Event, frozen=True, tag="setup.begun.v1"):
    """Somebody used the link. The ids are kept, so that a request that broke off can be repeated."""

    organisation: TenantId
    administrator: PersonId


class Done(Event, frozen=True, tag="setup.done.v1"):
    """The clinic is open; the link opens nothing any more."""


class Withdrawn(Event, frozen=True, tag="setup.withdrawn.v1"):
    """No clinic may be opened by the link any more."""


type Change = Offered | Begun | Done | Withdrawn


class SetUpOffer(msgspec.Struct, frozen=True, kw_only=True):
    """One link and what became of it."""

    expires_at: Instant
    organisation: TenantId | None = None
    administrator: PersonId | None = None
    operator: bool = True
    status: Literal["open", "done", "withdrawn"] = "open"


def evolve(state: SetUpOffer | None, change: Change) -> SetUpOffer:
    """The offer after `change`."""
    if isinstance(change, Offered):
        fresh = SetUpOffer(expires_at=change.expires_at, operator=change.operator)
        return msgspec.structs.replace(state, expires_at=change.expires_at) if state else fresh
    assert state is not None
    match change:
        case Begun(organisation=organisation, administrator=administrator):
            return msgspec.structs.replace(state, organisation=organisation, administrator=administrator)
        case Done():
            return msgspec.structs.replace(state, status="done")
        case Withdrawn():
            return msgspec.structs.replace(state, status="withdrawn")


def offer(state: SetUpOffer | None, now: datetime) -> Sequence[Change]:
    """Offer for a day; an offer still good for half of it stays. Raises CodeUsed, CodeExpired once withdrawn."""
    if state and state.status == "done":
        raise CodeUsed
    if state and state.status == "withdrawn":
        raise CodeExpired
    if state and state.expires_at - now > LASTS / 2:
        return []
    return [Offered(expires_at=now.replace(microsecond=0) + LASTS)]


def let_in(state: SetUpOffer | None, expires_at: datetime) -> Sequence[Change]:
    """An operator's offer to somebody else, once: it makes an administrator, and no operator."""
    return [] if state else [Offered(expires_at=expires_at, operator=False)]


def withdraw(state: SetUpOffer | None) -> Sequence[Change]:
    """Take the link back; again, nothing. Raises NotFound, CodeUsed once a clinic was opened by it."""
    if state is None:
        raise NotFound
    if state.status == "done":
        raise CodeUsed
    return [] if state.status == "withdrawn" else [Withdrawn()]


def begin(state: SetUpOffer | None, wish: Begun, now: datetime) -> Sequence[Change]:
    """Use the link, or go on where a request broke off. Raises CodeInvalid, CodeExpired, CodeUsed."""
    if state is None:
        raise CodeInvalid
    if state.status == "done":
        raise CodeUsed
    if state.status == "withdrawn" or now >= state.expires_at:
        raise CodeExpired
    return [] if state.organisation else [wish]


def finish(state: SetUpOffer | None) -> Sequence[Change]:
    """Note that the clinic is open; that counts, though the link was withdrawn while it was being opened."""
    return [Done()] if state and state.status != "done" else []
