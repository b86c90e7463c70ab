"""An app that people sign in to by us: a client, in the words of OAuth. Operators register it, for the whole region."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec

from mindlyfe.identity.domain.app_refusals import AppDisabled, AppPublic, RedirectUnusable, ScopeUnknown
from mindlyfe.identity.domain.app_scopes import known
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, Instant, PersonId

type Kind = Literal["public", "confidential"]
"""Whether it can keep a secret: a server can, a browser or a phone cannot."""

LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


class Registered(Event, frozen=True, tag="app.registered.v1"):
    """Somebody made it known. `secret` is the SHA-256 of the secret of a confidential one."""

    name: str
    kind: Kind
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    secret: bytes
    by: PersonId
    at: Instant


class Changed(Event, frozen=True, tag="app.changed.v1"):
    """It is called otherwise, sends people elsewhere, or may ask for other scopes."""

    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]


class SecretRotated(Event, frozen=True, tag="app.secret-rotated.v1"):
    """The secret before no longer counts."""

    secret: bytes
    by: PersonId
    at: Instant


class Disabled(Event, frozen=True, tag="app.disabled.v1"):
    """Nobody signs in to it any more."""

    by: PersonId
    at: Instant


type Change = Registered | Changed | SecretRotated | Disabled


class App(msgspec.Struct, frozen=True, kw_only=True):
    """What it is called, where it sends people, what it may ask for."""

    name: str
    kind: Kind
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    secret: bytes = b""
    disabled: bool = False

    def keeps(self, secret: str) -> bool:
        """Whether this is its secret."""
        return bool(self.secret) and hmac.compare_digest(hashed(secret), self.secret)


def hashed(secret: str) -> bytes:
    """What is stored of a secret: it is random, so that a plain digest tells nothing."""
    return hashlib.sha256(secret.encode()).digest()


def evolve(state: App | None, change: Change) -> App:
    """The app after `change`."""
    if isinstance(change, Registered):
        return App(
            name=change.name,
            kind=change.kind,
            redirect_uris=change.redirect_uris,
            scopes=change.scopes,
            secret=change.secret,
        )
    assert state is not None
    match change:
        case Changed(name=name, redirect_uris=uris, scopes=scopes):
            return msgspec.structs.replace(state, name=name, redirect_uris=uris, scopes=scopes)
        case SecretRotated(secret=secret):
            return msgspec.structs.replace(state, secret=secret)
        case Disabled():
            return msgspec.structs.replace(state, secret=b"", disabled=True)


def register(state: App | None, wish: Registered) -> Sequence[Change]:
    """Make it known, once. Raises RedirectUnusable, ScopeUnknown."""
    _sound(wish.kind, wish.redirect_uris, wish.scopes)
    return [] if state else [wish]


def change(state: App | None, wish: Changed) -> Sequence[Change]:
    """Change it. Raises NotFound, AppDisabled, RedirectUnusable, ScopeUnknown."""
    app = enabled(state)
    _sound(app.kind, wish.redirect_uris, wish.scopes)
    same = (app.name, app.redirect_uris, app.scopes) == (wish.name, wish.redirect_uris, wish.scopes)
    return [] if same else [wish]


def rotate(state: App | None, wish: SecretRotated) -> Sequence[Change]:
    """Give it another secret. Raises NotFound, AppDisabled, AppPublic."""
    if enabled(state).kind == "public":
        raise AppPublic
    return [wish]


def disable(state: App | None, wish: Disabled) -> Sequence[Change]:
    """Close it for good; again, nothing. Raises NotFound."""
    if state is None:
        raise NotFound
    return [] if state.disabled else [wish]


def enabled(state: App | None) -> App:
    """The app. Raises NotFound, AppDisabled."""
    if state is None:
        raise NotFound
    if state.disabled:
        raise AppDisabled
    return state


def usable(uri: str, kind: Kind) -> bool:
    """Whether codes may be sent there: by TLS, on this machine, or by a native app's own scheme (RFC 8252)."""
    try:
        parts = urlsplit(uri)
        plain = uri.isascii() and uri.isprintable() and not set(uri) & set(' "<>\\^`{|}*#')
        if not plain or parts.username is not None or parts.port == 0:
            return False
    except ValueError:
        return False
    match parts.scheme:
        case "https":
            return bool(parts.hostname)
        case "http":
            return parts.hostname in LOOPBACK
        case scheme:
            return kind == "public" and "." in scheme and uri.startswith(f"{scheme}:/") and not parts.netloc


def _sound(kind: Kind, redirect_uris: Sequence[str], scopes: Sequence[str]) -> None:
    if not redirect_uris or not all(usable(uri, kind) for uri in redirect_uris):
        raise RedirectUnusable
    if not all(known(scope) for scope in scopes):
        raise ScopeUnknown
