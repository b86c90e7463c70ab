"""Opens sessions and hands out their tokens, however the person proved who they are."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from mindlyfe.identity.application.acts import by, factors_stream, member_stream, unrepeatable
from mindlyfe.identity.application.ports import Signer
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import SignedIn
from mindlyfe.identity.domain.account import Account, candidates
from mindlyfe.identity.domain.factors import changes_of
from mindlyfe.identity.domain.refresh_token import SECRET_BYTES, RefreshToken, made
from mindlyfe.identity.domain.refusals import SignInFailed
from mindlyfe.identity.domain.session import ABSOLUTE, Session, SessionOpened, acr, evolve, open_session, revoke
from mindlyfe.kernel.access import AUDIENCE, Claims
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import REGION, Act, PersonId, Role, TenantId
from mindlyfe.kernel.secrecy import Keys

ACCESS_LASTS: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """What every way to sign in ends with."""

    streams: IdentityStreams
    signer: Signer
    keys: Keys
    issuer: str
    region: str
    clock: Clock
    ids: Ids
    random: Callable[[int], bytes]
    """So many unpredictable bytes."""

    async def open(
        self,
        act: Act,
        *,
        person: PersonId,
        organisation: TenantId,
        roles: frozenset[Role],
        aal: int,
        methods: tuple[str, ...],
        device: str = "",
        client: str = "",
        scope: str = "",
        session: UUID | None = None,
        authenticated_at: datetime | None = None,
    ) -> SignedIn:
        """A new session of `person`, and its first tokens."""
        session, now = session or self.ids(), self.clock()
        token = made(session, self.random(SECRET_BYTES), self.keys.mac)
        opened = SessionOpened(
            person=person,
            organisation=organisation,
            aal=aal,
            token=token.hash,
            at=now,
            methods=methods,
            device=device,
            client=client,
            scope=scope,
            authenticated_at=authenticated_at,
        )
        once = by(unrepeatable(act).within(REGION), person)
        await self.streams.sessions.decide(once, session, lambda state: open_session(state, opened))
        return await self.granted(token, evolve(None, opened), roles, now)

    async def outdated(self, act: Act, opened: SignedIn, version: int, changes: int) -> bool:
        """Whether the account changed since `version`, or the factors since `changes`; then the session is over.

        Who changes a password or a factor ends the sessions that are open after it: this one, opened by what counted
        before, was not there yet, or is seen here.
        """
        try:
            (_, now), (factors, _) = await asyncio.gather(
                self.streams.accounts.load(REGION, opened.person),
                self.streams.factors.load(REGION, factors_stream(opened.person)),
            )
        except Erased:
            now, factors = 0, None
        if (now, changes_of(factors)) == (version, changes):
            return False
        once, at = by(unrepeatable(act).within(REGION), opened.person), self.clock()
        await self.streams.sessions.decide(once, opened.session, lambda state: revoke(state, by=opened.person, now=at))
        return True

    async def roles(self, organisation: TenantId, person: PersonId) -> frozenset[Role]:
        """Read anew each time, so that a change counts from the next renewal.

        Empty for who does not belong there, is suspended there, or has a locked account: nobody opens a session for
        them, and none is renewed.
        """
        try:
            (member, _), (account, _) = await asyncio.gather(
                self.streams.members.load(organisation, member_stream(organisation, person)),
                self.streams.accounts.load(REGION, person),
            )
        except Erased:
            return frozenset()
        barred = account is None or account.lock is not None or member is None or member.standing != "active"
        return frozenset() if barred or member is None else member.roles

    async def place(self, account: Account, wanted: TenantId | None) -> tuple[TenantId, frozenset[Role]]:
        """The organisation a session is for, and the roles there: `wanted`, or else the first where it can be opened.

        Raises SignInFailed when there is none.
        """
        for organisation in candidates(account, wanted):
            if roles := await self.roles(organisation, account.person):
                return organisation, roles
        raise SignInFailed

    async def granted(self, token: RefreshToken, session: Session, roles: frozenset[Role], now: datetime) -> SignedIn:
        """The tokens of a running session, `token` being its newest refresh token."""
        issued = now.replace(microsecond=0)
        ends = min(issued + ACCESS_LASTS, (session.signed_in_at + ABSOLUTE).replace(microsecond=0))
        claims = Claims(
            iss=self.issuer,
            aud=AUDIENCE,
            sub=session.person,
            tenant=session.organisation,
            region=self.region,
            roles=roles,
            sid=token.session,
            aal=session.aal,
            auth_time=int(session.authenticated_at.timestamp()),
            iat=int(issued.timestamp()),
            exp=int(ends.timestamp()),
            jti=self.ids(),
            acr=acr(session.aal),
            amr=session.methods,
            client_id=session.client,
            scope=session.scope,
        )
        return SignedIn(
            session=token.session,
            person=session.person,
            organisation=session.organisation,
            roles=roles,
            expires_at=ends,
            access_token=await self.signer.signed(claims),
            refresh_token=token.text,
        )
