"""A session: one sign-in and the family of refresh tokens that grew from it.

Each token works once. Showing a used one again ends the session, since two people then hold the family, except within
ten seconds: then an answer got lost or two windows asked at once, and each gets a successor of its own.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId, TenantId

IDLE: Final = timedelta(days=14)
ABSOLUTE: Final = timedelta(days=30)
GRACE: Final = timedelta(seconds=10)
SIBLINGS: Final = 8
"""So many successors of one token, no more."""


class SessionOpened(Event, frozen=True, tag="session.opened.v1"):
    """Somebody signed in to `organisation`. `token` is the SHA-256 of the first refresh token."""

    person: PersonId
    organisation: TenantId
    aal: int
    token: bytes
    at: Instant
    methods: tuple[str, ...] = ("pwd",)
    """How they proved who they are (RFC 8176): pwd, otp, hwk …"""
    device: str = ""
    """What the person or the client calls the device."""
    client: str = ""
    """The app the session was opened for; empty for our own pages."""
    scope: str = ""
    """What the app may do, separated by spaces."""
    authenticated_at: Instant | None = None
    """When the person proved who they are, if that was before: for an app it was."""


class Refreshed(Event, frozen=True, tag="session.refreshed.v1"):
    """`token` succeeds those shown before; in the time of grace, it stands beside its siblings."""

    token: bytes
    grace: bool
    at: Instant


class Strengthened(Event, frozen=True, tag="session.strengthened.v1"):
    """The owner proved once more who they are; `aal` and `methods` are the session's from now on.

    `token` succeeds those before, as a stronger session needs a new one.
    """

    aal: int
    methods: tuple[str, ...]
    token: bytes
    at: Instant


class ReuseDetected(Event, frozen=True, tag="session.reuse-detected.v1"):
    """A used token was shown again: the session is over."""

    at: Instant


class Revoked(Event, frozen=True, tag="session.revoked.v1"):
    """Somebody ended the session."""

    by: PersonId
    at: Instant


class DeviceNamed(Event, frozen=True, tag="session.device-named.v1"):
    """The person calls the device something else."""

    device: str


type Change = SessionOpened | Refreshed | Strengthened | ReuseDetected | Revoked | DeviceNamed


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in where, and the hashes of the tokens that still count."""

    person: PersonId
    organisation: TenantId
    aal: int
    methods: tuple[str, ...]
    device: str
    client: str
    scope: str
    signed_in_at: Instant
    authenticated_at: Instant
    """When the person last proved who they are; a step-up moves it."""
    used_at: Instant
    live: tuple[bytes, ...]
    previous: tuple[bytes, ...] = ()
    rotated_at: Instant
    """When `live` succeeded `previous`."""
    status: Literal["open", "ended"] = "open"


def evolve(state: Session | None, change: Change) -> Session:
    """The session after `change`."""
    if isinstance(change, SessionOpened):
        return Session(
            person=change.person,
            organisation=change.organisation,
            aal=change.aal,
            methods=change.methods,
            device=change.device,
            client=change.client,
            scope=change.scope,
            signed_in_at=change.at,
            authenticated_at=change.authenticated_at or change.at,
            used_at=change.at,
            live=(change.token,),
            rotated_at=change.at,
        )
    assert state is not None
    match change:
        case Refreshed(token=token, grace=True, at=at):
            return msgspec.structs.replace(state, live=(*state.live, token), used_at=at)
        case Refreshed(token=token, at=at):
            return msgspec.structs.replace(state, live=(token,), previous=state.live, used_at=at, rotated_at=at)
        case DeviceNamed(device=device):
            return msgspec.structs.replace(state, device=device)
        case Strengthened(aal=aal, methods=methods, token=token, at=at):
            return msgspec.structs.replace(
                state,
                aal=aal,
                methods=methods,
                authenticated_at=at,
                used_at=at,
                live=(token,),
                previous=state.live,
                rotated_at=at,
            )
        case ReuseDetected() | Revoked():
            return msgspec.structs.replace(state, live=(), previous=(), status="ended")


def acr(aal: int) -> str:
    """How tokens name an assurance level (OpenID Connect Core, 2; RFC 9470)."""
    return f"aal{aal}"


def open_session(state: Session | None, wish: SessionOpened) -> Sequence[Change]:
    """Sign in, once."""
    return [] if state else [wish]


def refresh(state: Session | None, shown: bytes, successor: bytes, now: datetime) -> Sequence[Change]:
    """Exchange `shown` for `successor`, or find that it was used before. Raises SessionEnded."""
    session = running(state, now)
    if shown in session.live:
        return [Refreshed(token=successor, grace=False, at=now)]
    late = now - session.rotated_at > GRACE
    if shown in session.previous and not late and len(session.live) < SIBLINGS:
        return [Refreshed(token=successor, grace=True, at=now)]
    return [ReuseDetected(at=now)]


def strengthen(
    state: Session | None, *, aal: int, methods: tuple[str, ...], token: bytes, now: datetime
) -> Sequence[Change]:
    """Note a proof that its owner is there, of this assurance; it weakens nothing. Raises SessionEnded."""
    session = running(state, now)
    every = tuple(dict.fromkeys((*session.methods, *methods)))
    return [Strengthened(aal=max(session.aal, aal), methods=every, token=token, at=now)]


def revoke(state: Session | None, *, by: PersonId, now: datetime) -> Sequence[Change]:
    """End it; an ended one stays so."""
    return [Revoked(by=by, at=now)] if state and state.status == "open" else []


def name_device(state: Session | None, device: str, *, by: PersonId) -> Sequence[Change]:
    """Call the device something else. Raises NotFound for a session that is over, or is not one's own."""
    if state is None or state.person != by or state.status != "open":
        raise NotFound
    return [] if state.device == device else [DeviceNamed(device=device)]


def running(state: Session | None, now: datetime) -> Session:
    """The session, if it has not ended and is neither idle nor old. Raises SessionEnded."""
    if state is None or state.status != "open":
        raise SessionEnded
    if now - state.used_at > IDLE or now - state.signed_in_at > ABSOLUTE:
        raise SessionEnded
    return state


def holds(state: Session | None, token: bytes) -> Session:
    """The session, if `token` counts in it. Raises SessionEnded."""
    if state is None or token not in state.live:
        raise SessionEnded
    return state
