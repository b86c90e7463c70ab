"""The apps that operators register, and how an app proves which one it is."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import unquote_plus
from uuid import UUID

from mindlyfe.identity.application.acts import unrepeatable
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.openid import AppSecret, ChangeApp, RegisterApp
from mindlyfe.identity.domain.app import (
    App,
    Changed,
    Disabled,
    Registered,
    SecretRotated,
    change,
    disable,
    enabled,
    hashed,
    register,
    rotate,
)
from mindlyfe.identity.domain.app_refusals import InvalidClient, InvalidRequest
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import REGION, Principal

SECRET_BYTES: Final = 32


class Named(Protocol):
    """The fields of a form by which an app names itself."""

    @property
    def client_id(self) -> str | None: ...
    @property
    def client_secret(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Apps:
    """Clients of this region, for all its clinics."""

    streams: IdentityStreams
    clock: Clock
    ids: Ids
    random: Callable[[int], bytes]

    async def register(self, c: RegisterApp, who: Principal) -> AppSecret:
        """Make an app known. Raises RedirectUnusable, ScopeUnknown."""
        secret = self._secret() if c.kind == "confidential" else None
        wish = Registered(
            name=c.name.strip(),
            kind=c.kind,
            redirect_uris=c.redirect_uris,
            scopes=c.scopes,
            secret=hashed(secret) if secret else b"",
            by=who.id,
            at=self.clock(),
        )
        act = unrepeatable(who.act).within(REGION)
        decided = await self.streams.apps.decide(act, self.ids(), lambda state: register(state, wish))
        return AppSecret(id=decided.stream, client_secret=secret, version=decided.version)

    async def change(self, app: UUID, c: ChangeApp, who: Principal, expected: int | None) -> None:
        """Change it. Raises NotFound, AppDisabled, RedirectUnusable, ScopeUnknown, VersionConflict."""
        wish = Changed(name=c.name.strip(), redirect_uris=c.redirect_uris, scopes=c.scopes)
        await self.streams.apps.decide(
            who.act.within(REGION), app, lambda state: change(state, wish), expected=expected
        )

    async def rotate(self, app: UUID, who: Principal) -> AppSecret:
        """Another secret; the one before no longer counts. Raises NotFound, AppDisabled, AppPublic."""
        secret = self._secret()
        wish = SecretRotated(secret=hashed(secret), by=who.id, at=self.clock())
        act = unrepeatable(who.act).within(REGION)
        decided = await self.streams.apps.decide(act, app, lambda state: rotate(state, wish))
        return AppSecret(id=app, client_secret=secret, version=decided.version)

    async def disable(self, app: UUID, who: Principal) -> None:
        """Close it for good. Raises NotFound."""
        wish = Disabled(by=who.id, at=self.clock())
        await self.streams.apps.decide(who.act.within(REGION), app, lambda state: disable(state, wish))

    async def find(self, client: str | None) -> tuple[UUID, App] | None:
        """The app of this client_id that people may sign in to."""
        try:
            known = UUID(client or "")
            state, _ = await self.streams.apps.load(REGION, known)
            return (known, enabled(state)) if str(known) == client else None
        except (ValueError, DomainError):
            return None

    async def authenticated(self, form: Named, header: str | None) -> tuple[UUID, App]:
        """The app that sends this: a public one by its name, a confidential one by its secret, sent in one place.

        Raises InvalidRequest, InvalidClient.
        """
        client, secret = form.client_id, form.client_secret
        if header is not None:
            by_header = _basic(header)
            if secret is not None or client not in {None, by_header[0]}:
                raise InvalidRequest("The app proves who it is in two places.")
            client, secret = by_header
        found = await self.find(client)
        if found is None:
            raise InvalidClient
        proved = found[1].keeps(secret) if secret is not None else found[1].kind == "public"
        if not proved:
            raise InvalidClient
        return found

    def _secret(self) -> str:
        return base64.urlsafe_b64encode(self.random(SECRET_BYTES)).rstrip(b"=").decode()


def _basic(header: str) -> tuple[str, str]:
    """Name and secret as `client_secret_basic` sends them (RFC 6749, 2.3.1). Raises InvalidClient."""
    scheme, _, encoded = header.partition(" ")
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        raise InvalidClient from None
    if scheme.lower() != "basic" or not colon or not secret:
        raise InvalidClient
    return unquote_plus(name), unquote_plus(secret)
