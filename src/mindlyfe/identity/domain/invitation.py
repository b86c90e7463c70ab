"""An invitation: a clinic's offer to somebody to join with certain roles."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.identity.domain.refusals import CodeExpired, CodeInvalid
from mindlyfe.kernel.messages import Event, Instant, PersonId, Role

LASTS: Final = timedelta(days=7)


class Issued(Event, frozen=True, tag="invitation.issued.v1"):
    """The offer. `person` is the id they get, unless the address turns out to have an account."""

    person: PersonId
    email: str
    name: str
    roles: frozenset[Role]
    expires_at: Instant


class Accepted(Event, frozen=True, tag="invitation.accepted.v1"):
    """`by` joined."""

    by: PersonId
    at: Instant


type Change = Issued | Accepted


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """The offer, and who took it."""

    offer: Issued
    accepted_by: PersonId | None = None


def evolve(state: Invitation | None, change: Change) -> Invitation:
    """The invitation after `change`."""
    match change:
        case Issued():
            return Invitation(offer=change)
        case Accepted(by=by):
            assert state is not None
            return msgspec.structs.replace(state, accepted_by=by)


def issue(state: Invitation | None, offer: Issued) -> Sequence[Change]:
    """Offer, once."""
    return [] if state else [offer]


def offered(state: Invitation | None, now: datetime) -> Issued:
    """The offer. Raises CodeInvalid when there is none, CodeExpired when it came to its end unaccepted."""
    if state is None:
        raise CodeInvalid
    if state.accepted_by is None and now >= state.offer.expires_at:
        raise CodeExpired
    return state.offer


def accept(state: Invitation | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Note who joined; again, nothing. Raises CodeInvalid, CodeExpired."""
    offered(state, now)
    return [] if state and state.accepted_by else [Accepted(by=by, at=now)]
