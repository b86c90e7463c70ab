"""The tokens of apps: for a code, and for a refresh token."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from msgspec.structs import replace

from mindlyfe.identity.application.app_sessions import AppSessions
from mindlyfe.identity.application.apps import Apps
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.token_renewals import TokenRenewals
from mindlyfe.identity.contract import SignedIn
from mindlyfe.identity.contract.openid import IdClaims, TokenAnswer, TokenForm
from mindlyfe.identity.domain.app import App
from mindlyfe.identity.domain.app_refusals import (
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    UnsupportedGrantType,
)
from mindlyfe.identity.domain.app_scopes import listed
from mindlyfe.identity.domain.authorization import Allowed, Shown, answered, redeem
from mindlyfe.identity.domain.fhir import fhir_user
from mindlyfe.identity.domain.refresh_token import CODE_PURPOSE, presented
from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.identity.domain.session import Session, acr
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, Act
from mindlyfe.kernel.scopes import covered


class IdSigner(Protocol):
    """Signs ID tokens."""

    async def identified(self, claims: IdClaims) -> str:
        """The token, by the key that is active now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AppTokens:
    """The token endpoint."""

    streams: IdentityStreams
    apps: Apps
    renewals: TokenRenewals
    openings: Openings
    held: AppSessions
    signer: IdSigner

    async def token(self, form: TokenForm, header: str | None, act: Act) -> TokenAnswer:
        """Tokens for what the app shows.

        Raises InvalidClient, InvalidRequest, InvalidGrant, InvalidScope, UnsupportedGrantType.
        """
        client, app = await self.apps.authenticated(form, header)
        match form.grant_type:
            case "authorization_code":
                return await self._redeemed(client, form, act)
            case "refresh_token":
                return await self._renewed(client, app, form, act)
            case _:
                raise UnsupportedGrantType

    async def _redeemed(self, client: UUID, form: TokenForm, act: Act) -> TokenAnswer:
        """The session is there before the code is used up, so that whoever shows the code again finds it to end."""
        if not form.code or not form.redirect_uri or not form.code_verifier:
            raise InvalidRequest("code, redirect_uri and code_verifier are required.")
        now, session = self.openings.clock(), self.openings.ids()
        authorization, shown = self._shown(client, form)
        answer, act = await self._answered(authorization, shown, session, act)
        opened = await self._opened(answer, session, act)
        if not await self._approved(answer):
            await self._end(act, session)
            raise InvalidGrant
        await self.streams.authorizations.decide(
            act, authorization, lambda state: redeem(state, shown, session=session, now=now)
        )
        state, _ = await self.streams.authorizations.load(REGION, authorization)
        if state is None or state.session != session or state.replayed:
            await self._end(act, session, state.session if state else None)
            raise InvalidGrant
        running_now = await self.held.one(session)
        if running_now is None:
            raise InvalidGrant
        return await self._answer(opened, answer.scopes, client, answer.nonce, running_now)

    async def _answered(self, authorization: UUID, shown: Shown, session: UUID, act: Act) -> tuple[Allowed, Act]:
        """The yes that the code stands for; a code that was used ends what it opened. Raises InvalidGrant."""
        now = self.openings.clock()
        try:
            state, _ = await self.streams.authorizations.load(REGION, authorization)
        except Erased:
            raise InvalidGrant from None
        answer = answered(state, shown)
        act = replace(act.within(REGION), actor=answer.person, once=None)
        redeem(state, shown, session=session, now=now)
        if state and state.session is not None:
            await self.streams.authorizations.decide(
                act, authorization, lambda state: redeem(state, shown, session=session, now=now)
            )
            await self._end(act, state.session)
            raise InvalidGrant
        return answer, act

    async def _approved(self, answer: Allowed) -> bool:
        """Whether the session that said yes still runs, and what it said was not taken back.

        Looked at once the app's own is there: who ends all sessions of a person or of an app ends that one too, or is
        seen here.
        """
        if answer.approved_in is None or not self.held.runs(await self.held.one(answer.approved_in)):
            return False
        return await self.held.allowed(answer.organisation, answer.person, answer.app, answer.scopes) == answer.scopes

    async def _end(self, act: Act, *sessions: UUID | None) -> None:
        for one in sessions:
            if one is not None:
                await self.held.endings.end_one(act, one)

    async def _opened(self, answer: Allowed, session: UUID, act: Act) -> SignedIn:
        roles = await self.openings.roles(answer.organisation, answer.person)
        if not roles:
            raise InvalidGrant
        return await self.openings.open(
            act,
            person=answer.person,
            organisation=answer.organisation,
            roles=roles,
            aal=answer.aal,
            methods=answer.methods,
            client=str(answer.app),
            scope=" ".join(answer.scopes),
            session=session,
            authenticated_at=answer.authenticated_at,
        )

    async def _renewed(self, client: UUID, app: App, form: TokenForm, act: Act) -> TokenAnswer:
        """For no more than the session was opened with, the app may still ask for and the person still allows."""
        if not form.refresh_token:
            raise InvalidRequest("refresh_token is required.")
        _, session = await self.held.of_refresh(form.refresh_token, client) or _none()
        granted = [one for one in session.scope.split() if covered(one, app.scopes)]
        held = await self.held.allowed(session.organisation, session.person, client, granted)
        if "offline_access" not in held:
            raise InvalidGrant
        scopes = listed(form.scope or "") or held
        if not all(covered(one, held) for one in scopes):
            raise InvalidScope
        try:
            renewed = await self.renewals.renew(form.refresh_token, act, client=str(client), scope=" ".join(scopes))
        except SessionEnded:
            raise InvalidGrant from None
        return await self._answer(renewed, scopes, client, "", session)

    async def _answer(
        self, tokens: SignedIn, scopes: tuple[str, ...], client: UUID, nonce: str, session: Session
    ) -> TokenAnswer:
        """With an ID token for who asked by `openid`, a refresh token for who may stay."""
        now = self.openings.clock()
        access = tokens.access_token or ""
        left = int((tokens.expires_at - now).total_seconds())
        claims = IdClaims(
            iss=self.openings.issuer,
            sub=tokens.person,
            aud=str(client),
            exp=int(tokens.expires_at.timestamp()),
            iat=int(now.timestamp()),
            auth_time=int(session.authenticated_at.timestamp()),
            acr=acr(session.aal),
            amr=session.methods,
            at_hash=_half(access),
            nonce=nonce,
            fhir_user=fhir_user(tokens.person, tokens.roles) if "fhirUser" in scopes else "",
        )
        return TokenAnswer(
            access_token=access,
            token_type="Bearer",  # noqa: S106 - a kind
            expires_in=left,
            scope=" ".join(scopes),
            refresh_token=tokens.refresh_token if "offline_access" in session.scope.split() else None,
            id_token=await self.signer.identified(claims) if "openid" in scopes else None,
            patient=tokens.person if "launch/patient" in scopes and "patient" in tokens.roles else None,
        )

    def _shown(self, client: UUID, form: TokenForm) -> tuple[UUID, Shown]:
        try:
            code = presented(form.code or "", self.openings.keys.mac, CODE_PURPOSE)
        except SessionEnded:
            raise InvalidGrant from None
        shown = Shown(
            app=client, code=code.hash, redirect_uri=form.redirect_uri or "", verifier=form.code_verifier or ""
        )
        return code.session, shown


def _none() -> tuple[UUID, Session]:
    raise InvalidGrant


def _half(access_token: str) -> str:
    """`at_hash`: the left half of its SHA-256."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()
