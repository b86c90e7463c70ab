"""The sessions that apps hold: what a token of one is worth, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from msgspec.structs import replace

from mindlyfe.identity.application.acts import allowance_stream
from mindlyfe.identity.application.apps import Apps
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.openid import Introspected, TokenHint
from mindlyfe.identity.domain.app_refusals import UnauthorizedClient
from mindlyfe.identity.domain.refresh_token import presented
from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.identity.domain.session import Session, acr, running
from mindlyfe.kernel.access import AUDIENCE, Claims
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, Unauthenticated
from mindlyfe.kernel.messages import REGION, Act, PersonId, TenantId
from mindlyfe.kernel.secrecy import Keys


class Endings(Protocol):
    """Ends a session, with effect at once."""

    async def end_one(self, act: Act, session: UUID) -> None:
        """End this one; an ended one stays so."""
        ...


class Verifier(Protocol):
    """Reads access tokens."""

    async def verify(self, token: str) -> Claims:
        """What the token says. Raises InvalidToken, Unavailable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSessions:
    """Revocation and introspection: an app learns of its own tokens alone."""

    streams: IdentityStreams
    apps: Apps
    endings: Endings
    verifier: Verifier
    keys: Keys
    issuer: str
    clock: Clock

    async def revoke(self, form: TokenHint, header: str | None, act: Act) -> None:
        """End the session that a token of the app belongs to; what is not one changes nothing (RFC 7009)."""
        client, _ = await self.apps.authenticated(form, header)
        found = await self._found(form.token, client)
        if found is not None:
            _, sid, session = found
            await self.endings.end_one(replace(act, actor=session.person, once=None), sid)

    async def introspect(self, form: TokenHint, header: str | None) -> Introspected:
        """What a token of the app is worth now; nothing is told of any other (RFC 7662)."""
        client, app = await self.apps.authenticated(form, header)
        if app.kind == "public":
            raise UnauthorizedClient
        found = await self._found(form.token, client)
        if found is None or not self.runs(found[2]):
            return Introspected(active=False)
        claims, _, session = found
        if claims is None and presented(form.token, self.keys.mac).hash not in session.live:
            return Introspected(active=False)
        return Introspected(
            active=True,
            scope=claims.scope if claims else session.scope,
            client_id=str(client),
            sub=session.person,
            token_type="access_token" if claims else "refresh_token",
            exp=claims.exp if claims else None,
            iat=claims.iat if claims else None,
            iss=self.issuer,
            aud=AUDIENCE,
            acr=acr(session.aal),
            auth_time=int(session.authenticated_at.timestamp()),
        )

    async def _found(self, token: str, client: UUID) -> tuple[Claims | None, UUID, Session] | None:
        """The session of a token of this app, of either kind; None for any other."""
        if refreshed := await self.of_refresh(token, client):
            return None, *refreshed
        try:
            claims = await self.verifier.verify(token)
        except Unauthenticated:
            return None
        session = await self.one(claims.sid)
        return (claims, claims.sid, session) if session and claims.client_id == str(client) == session.client else None

    async def of_refresh(self, token: str, client: UUID) -> tuple[UUID, Session] | None:
        """The session that a refresh token of this app belongs to."""
        try:
            shown = presented(token, self.keys.mac)
        except SessionEnded:
            return None
        session = await self.one(shown.session)
        return (shown.session, session) if session and session.client == str(client) else None

    async def one(self, session: UUID) -> Session | None:
        """A session, ended or not; None where there is none."""
        try:
            state, _ = await self.streams.sessions.load(REGION, session)
        except Erased:
            return None
        return state

    async def allowed(
        self, organisation: TenantId, person: PersonId, app: UUID, scopes: Sequence[str]
    ) -> tuple[str, ...]:
        """Those of the scopes that the person still allows the app in this organisation."""
        try:
            allowance, _ = await self.streams.allowances.load(organisation, allowance_stream(organisation, person, app))
        except Erased:
            return ()
        return tuple(one for one in scopes if allowance is not None and allowance.covers([one]))

    def runs(self, session: Session | None) -> bool:
        """Whether it has neither ended nor run out."""
        try:
            running(session, self.clock())
        except SessionEnded:
            return False
        return True
