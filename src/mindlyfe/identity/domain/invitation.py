"""An invitation: a clinic's offer to somebody to join with certain roles, as staff or as a patient.

Opening its link changes nothing. A patient also gives their date of birth: who only holds the mail is not enough.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from mindlyfe.identity.domain.member import givable
from mindlyfe.identity.domain.refusals import (
    BirthMismatch,
    BirthMissing,
    CodeExpired,
    CodeInvalid,
    InvitationClosed,
    RoleNotYours,
)
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import SYSTEM, Event, Instant, PersonId, Role
from mindlyfe.kernel.roles import PATIENT

LASTS: Final = timedelta(days=7)
GUESSES: Final = 5
"""So many wrong dates of birth close the invitation: there are few enough to be tried."""


class Issued(Event, frozen=True, tag="invitation.issued.v1"):
    """The offer. `person` is the id they get, unless the address turns out to have an account."""

    person: PersonId
    email: str
    name: str
    roles: frozenset[Role]
    expires_at: Instant
    date_of_birth: date | None = None
    """Of a patient; staff gives none."""
    locale: str = ""
    """Empty: the clinic's."""


class Reissued(Event, frozen=True, tag="invitation.reissued.v1"):
    """Sent again, good until `expires_at`; the links sent before open nothing any more."""

    roles: frozenset[Role]
    expires_at: Instant


class BirthMismatched(Event, frozen=True, tag="invitation.birth-mismatched.v1"):
    """Somebody with the link gave another date of birth."""

    at: Instant


class Withdrawn(Event, frozen=True, tag="invitation.withdrawn.v1"):
    """Nobody may join by it any more; `by` is the system after too many wrong dates of birth."""

    by: PersonId
    at: Instant


class Accepted(Event, frozen=True, tag="invitation.accepted.v1"):
    """`by` joined."""

    by: PersonId
    at: Instant


type Change = Issued | Reissued | BirthMismatched | Withdrawn | Accepted


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """The offer, and what became of it."""

    offer: Issued
    accepted_by: PersonId | None = None
    withdrawn: bool = False
    guesses: int = 0

    @property
    def open(self) -> bool:
        """Whether it may still be accepted, if it is in time."""
        return self.accepted_by is None and not self.withdrawn


def evolve(state: Invitation | None, change: Change) -> Invitation:
    """The invitation after `change`."""
    if isinstance(change, Issued):
        return Invitation(offer=change)
    assert state is not None
    match change:
        case Reissued(expires_at=expires_at):
            offer = msgspec.structs.replace(state.offer, expires_at=expires_at)
            return msgspec.structs.replace(state, offer=offer)
        case BirthMismatched():
            return msgspec.structs.replace(state, guesses=state.guesses + 1)
        case Withdrawn():
            return msgspec.structs.replace(state, withdrawn=True)
        case Accepted(by=by):
            return msgspec.structs.replace(state, accepted_by=by)


def invitable(roles: frozenset[Role], *, by: frozenset[Role]) -> frozenset[Role]:
    """The roles, if somebody with the roles `by` may invite to them: reception invites patients alone.

    Raises RoleNotYours.
    """
    if roles != PATIENT and "clinic-admin" not in by:
        raise RoleNotYours("Reception invites patients; administrators invite staff.")
    return givable(roles, by=by)


def issue(state: Invitation | None, offer: Issued) -> Sequence[Change]:
    """Offer, once. Raises BirthMissing for a patient without a date of birth."""
    if "patient" in offer.roles and offer.date_of_birth is None:
        raise BirthMissing
    return [] if state else [offer]


def looked_after(state: Invitation | None, *, by: frozenset[Role]) -> Invitation:
    """The invitation, if it is among those that somebody with the roles `by` looks after. Raises NotFound."""
    if state is None or (state.offer.roles != PATIENT and "clinic-admin" not in by):
        raise NotFound
    return state


def reissue(state: Invitation | None, *, by: frozenset[Role], expires_at: datetime) -> Sequence[Change]:
    """Send it again, with a link that lasts anew. Raises NotFound, InvitationClosed."""
    invitation = looked_after(state, by=by)
    if not invitation.open:
        raise InvitationClosed
    return [Reissued(roles=invitation.offer.roles, expires_at=expires_at)]


def withdraw(state: Invitation | None, *, by: PersonId, roles: frozenset[Role], now: datetime) -> Sequence[Change]:
    """Take it back; again, nothing. Raises NotFound, InvitationClosed once somebody joined."""
    invitation = looked_after(state, by=roles)
    if invitation.accepted_by:
        raise InvitationClosed
    return [] if invitation.withdrawn else [Withdrawn(by=by, at=now)]


def offered(state: Invitation | None, *, ends: datetime | None, now: datetime) -> Issued:
    """The offer, to who has the link that ends at `ends`; when it is accepted, by whichever link.

    Raises CodeInvalid when there is none, CodeExpired when it was withdrawn, renewed since, or came to its end.
    """
    if state is None:
        raise CodeInvalid
    if state.accepted_by is None and (
        state.withdrawn or ends != state.offer.expires_at or now >= state.offer.expires_at
    ):
        raise CodeExpired
    return state.offer


def born_as(offer: Issued, born: date | None) -> None:
    """The second thing a patient gives. Raises BirthMissing, BirthMismatch."""
    if "patient" not in offer.roles:
        return
    if born is None:
        raise BirthMissing
    if born != offer.date_of_birth:
        raise BirthMismatch


def guess(state: Invitation | None, now: datetime) -> Sequence[Change]:
    """Note a wrong date of birth; the last one allowed closes the invitation."""
    if state is None or not state.open:
        return []
    wrong = BirthMismatched(at=now)
    return [wrong, Withdrawn(by=SYSTEM, at=now)] if state.guesses + 1 >= GUESSES else [wrong]


def accept(state: Invitation | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """Note who joined; again, nothing. Raises CodeInvalid, CodeExpired."""
    offered(state, ends=state.offer.expires_at if state else None, now=now)
    return [] if state and state.accepted_by else [Accepted(by=by, at=now)]
