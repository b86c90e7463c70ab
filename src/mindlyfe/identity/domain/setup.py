"""The one-time offer to open a clinic on this installation, printed for whoever started it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid, CodeUsed
from mindlyfe.kernel.messages import Event, Instant, PersonId, TenantId

LASTS: Final = timedelta(hours=24)


class Offered(Event, frozen=True, tag="setup.offered.v1"):
    """A link may be used until `expires_at`; a later offer under the same id replaces it."""

    expires_at: Instant


class Begun(Event, frozen=True, tag="setup.begun.v1"):
    """Somebody used the link. The ids are kept, so that a request that broke off can be repeated."""

    organisation: TenantId
    administrator: PersonId


class Done(Event, frozen=True, tag="setup.done.v1"):
    """The clinic is open; the link opens nothing any more."""


type Change = Offered | Begun | Done


class SetUpOffer(msgspec.Struct, frozen=True, kw_only=True):
    """One link and what became of it."""

    expires_at: Instant
    organisation: TenantId | None = None
    administrator: PersonId | None = None
    status: Literal["open", "done"] = "open"


def evolve(state: SetUpOffer | None, change: Change) -> SetUpOffer:
    """The offer after `change`."""
    if isinstance(change, Offered):
        fresh = SetUpOffer(expires_at=change.expires_at)
        return msgspec.structs.replace(state, expires_at=change.expires_at) if state else fresh
    assert state is not None
    match change:
        case Begun(organisation=organisation, administrator=administrator):
            return msgspec.structs.replace(state, organisation=organisation, administrator=administrator)
        case Done():
            return msgspec.structs.replace(state, status="done")


def offer(state: SetUpOffer | None, now: datetime) -> Sequence[Change]:
    """Offer for a day; an offer still good for half of it stays. Raises CodeUsed."""
    if state and state.status == "done":
        raise CodeUsed
    if state and state.expires_at - now > LASTS / 2:
        return []
    return [Offered(expires_at=now.replace(microsecond=0) + LASTS)]


def begin(state: SetUpOffer | None, wish: Begun, now: datetime) -> Sequence[Change]:
    """Use the link, or go on where a request broke off. Raises CodeInvalid, CodeExpired, CodeUsed."""
    if state is None:
        raise CodeInvalid
    if state.status == "done":
        raise CodeUsed
    if now >= state.expires_at:
        raise CodeExpired
    return [] if state.organisation else [wish]


def finish(state: SetUpOffer | None) -> Sequence[Change]:
    """Note that the clinic is open."""
    return [Done()] if state and state.status == "open" else []
