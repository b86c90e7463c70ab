"""An authorization: a person's answer to one request of an app, and the code that stands for a yes.

The code lasts a minute and works once. Shown a second time, it ends what the first time opened: two hold it then.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.identity.domain.app_refusals import AuthorizationDecided, InvalidGrant
from mindlyfe.kernel.messages import Event, Instant, PersonId, TenantId

LASTS: Final = timedelta(seconds=60)
"""A code."""
VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Allowed(Event, frozen=True, tag="authorization.allowed.v1"):
    """The person said yes. `code` is the SHA-256 of the code; how they proved who they are goes with it."""

    person: PersonId
    organisation: TenantId
    app: UUID
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str
    code: bytes
    aal: int
    methods: tuple[str, ...]
    authenticated_at: Instant
    at: Instant
    approved_in: UUID | None = None
    """The session that said yes; the code is worth nothing once it is over."""


class Denied(Event, frozen=True, tag="authorization.denied.v1"):
    """The person said no."""

    person: PersonId
    app: UUID
    at: Instant


class Redeemed(Event, frozen=True, tag="authorization.redeemed.v1"):
    """The app exchanged the code; `session` came of it."""

    session: UUID
    at: Instant


class Replayed(Event, frozen=True, tag="authorization.replayed.v1"):
    """The code was shown again."""

    at: Instant


type Change = Allowed | Denied | Redeemed | Replayed


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, and what became of its code."""

    person: PersonId
    answer: Allowed | None
    session: UUID | None = None
    replayed: bool = False


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What an app shows for tokens, itself being known."""

    app: UUID
    code: bytes
    redirect_uri: str
    verifier: str


def evolve(state: Authorization | None, change: Change) -> Authorization:
    """The authorization after `change`."""
    match change:
        case Allowed():
            return Authorization(person=change.person, answer=change)
        case Denied(person=person):
            return Authorization(person=person, answer=None)
        case Redeemed(session=session):
            assert state is not None
            return msgspec.structs.replace(state, session=session)
        case Replayed():
            assert state is not None
            return msgspec.structs.replace(state, replayed=True)


def decide(state: Authorization | None, wish: Allowed | Denied) -> Sequence[Change]:
    """Answer, once. Raises AuthorizationDecided."""
    if state is not None:
        raise AuthorizationDecided
    return [wish]


def redeem(state: Authorization | None, shown: Shown, *, session: UUID, now: datetime) -> Sequence[Change]:
    """Exchange the code, or find that this was done before. Raises InvalidGrant."""
    answer = answered(state, shown)
    if state and state.session is not None:
        return [] if state.replayed else [Replayed(at=now)]
    if now - answer.at > LASTS or shown.redirect_uri != answer.redirect_uri:
        raise InvalidGrant
    if not proves(shown.verifier, answer.challenge):
        raise InvalidGrant
    return [Redeemed(session=session, at=now)]


def answered(state: Authorization | None, shown: Shown) -> Allowed:
    """The yes that this code stands for, if it was given to this app. Raises InvalidGrant."""
    if state is None or state.answer is None or state.answer.app != shown.app:
        raise InvalidGrant
    if not hmac.compare_digest(state.answer.code, shown.code):
        raise InvalidGrant
    return state.answer


def proves(verifier: str, challenge: str) -> bool:
    """Whether who shows the verifier is who sent the challenge (RFC 7636, S256)."""
    if not VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
