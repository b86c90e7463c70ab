"""Sign-in, renewal and sign-out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from mindlyfe.identity.application.acts import by, member_stream, unrepeatable
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.ports import Addresses, Attempts, Signer
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import SignedIn, SignIn
from mindlyfe.identity.domain.account import Account, chosen
from mindlyfe.identity.domain.refresh_token import SECRET_BYTES, RefreshToken, made, presented
from mindlyfe.identity.domain.refusals import SessionEnded, SignInFailed
from mindlyfe.identity.domain.session import (
    Session,
    SessionOpened,
    evolve,
    holds,
    open_session,
    refresh,
    revoke,
    running,
)
from mindlyfe.kernel.access import AUDIENCE, Claims
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import REGION, Act, PersonId, Principal, Role, TenantId
from mindlyfe.kernel.secrecy import Keys

ACCESS_LASTS: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Tokens for people who show a password or a refresh token."""

    streams: IdentityStreams
    addresses: Addresses
    credentials: Credentials
    attempts: Attempts
    signer: Signer
    keys: Keys
    issuer: str
    region: str
    clock: Clock
    ids: Ids
    random: Callable[[int], bytes]
    """So many unpredictable bytes."""

    async def sign_in(self, c: SignIn, act: Act) -> SignedIn:
        """Open a session. An unknown address and a wrong password get the same words after the same work.

        Raises SignInFailed, TooMany.
        """
        await self.attempts.admit(c.email, act.client)
        account = await self._account(c.email)
        if not await self.credentials.match(account.password if account else None, c.password) or account is None:
            await self.attempts.failed(c.email, act.client)
            raise SignInFailed
        organisation = chosen(account, c.organisation)
        roles = await self._roles(organisation, account.person)
        if not roles:
            raise SignInFailed
        await self.attempts.succeeded(c.email, act.client)
        session, now = self.ids(), self.clock()
        token = made(session, self.random(SECRET_BYTES), self.keys.mac)
        opened = SessionOpened(person=account.person, organisation=organisation, aal=1, token=token.hash, at=now)
        act = by(unrepeatable(act).within(REGION), account.person)
        await self.streams.sessions.decide(act, session, lambda state: open_session(state, opened))
        return await self._granted(token, evolve(None, opened), roles, now)

    async def renew(self, text: str, act: Act) -> SignedIn:
        """Exchange a refresh token. One that was used before ends the session. Raises SessionEnded."""
        shown = presented(text, self.keys.mac)
        now = self.clock()
        successor = made(shown.session, self.random(SECRET_BYTES), self.keys.mac)
        session = await self._load(shown.session)
        running(session, now)
        act = by(unrepeatable(act).within(REGION), session.person)
        await self.streams.sessions.decide(
            act, shown.session, lambda state: refresh(state, shown.hash, successor.hash, now)
        )
        session = holds(await self._load(shown.session), successor.hash)
        roles = await self._roles(session.organisation, session.person)
        if not roles:
            raise SessionEnded
        return await self._granted(successor, session, roles, now)

    async def sign_out(self, who: Principal) -> None:
        """End the session of this request; what it was for stays valid until its access token ends."""
        now = self.clock()
        await self.streams.sessions.decide(
            who.act.within(REGION), who.session, lambda state: revoke(state, by=who.id, now=now)
        )

    async def _account(self, email: str) -> Account | None:
        owner = await self.addresses.owner(email)
        try:
            account, _ = await self.streams.accounts.load(REGION, owner or self.ids())
        except Erased:
            return None
        return account

    async def _load(self, session: UUID) -> Session:
        try:
            state, _ = await self.streams.sessions.load(REGION, session)
        except Erased:
            raise SessionEnded from None
        if state is None:
            raise SessionEnded
        return state

    async def _roles(self, organisation: TenantId, person: PersonId) -> frozenset[Role]:
        """Read anew each time, so that a change counts from the next renewal; empty for who does not belong there."""
        try:
            member, _ = await self.streams.members.load(organisation, member_stream(organisation, person))
        except Erased:
            return frozenset()
        return member.roles if member else frozenset()

    async def _granted(self, token: RefreshToken, session: Session, roles: frozenset[Role], now: datetime) -> SignedIn:
        issued = now.replace(microsecond=0)
        claims = Claims(
            iss=self.issuer,
            aud=AUDIENCE,
            sub=session.person,
            tenant=session.organisation,
            region=self.region,
            roles=roles,
            sid=token.session,
            aal=session.aal,
            auth_time=int(session.signed_in_at.timestamp()),
            iat=int(issued.timestamp()),
            exp=int((issued + ACCESS_LASTS).timestamp()),
            jti=self.ids(),
        )
        return SignedIn(
            session=token.session,
            person=session.person,
            organisation=session.organisation,
            roles=roles,
            expires_at=issued + ACCESS_LASTS,
            access_token=await self.signer.signed(claims),
            refresh_token=token.text,
        )
