"""Renews tokens by a refresh token, of our own pages and of apps alike."""

from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from mindlyfe.identity.application.acts import by, unrepeatable
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import SignedIn
from mindlyfe.identity.domain.refresh_token import SECRET_BYTES, made, presented
from mindlyfe.identity.domain.refusals import SessionEnded
from mindlyfe.identity.domain.session import Session, holds, refresh, running
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, Act


@dataclass(frozen=True, slots=True)
class TokenRenewals:
    """Each token works once; one that was used before ends the session."""

    streams: IdentityStreams
    openings: Openings

    async def renew(self, text: str, act: Act, *, client: str = "", scope: str | None = None) -> SignedIn:
        """New tokens for `client`, the access token with no more than `scope`. Raises SessionEnded.

        A token of another client is refused, and changes nothing.
        """
        keys, now = self.openings.keys, self.openings.clock()
        shown = presented(text, keys.mac)
        successor = made(shown.session, self.openings.random(SECRET_BYTES), keys.mac)
        session = running(await self._load(shown.session), now)
        if session.client != client:
            raise SessionEnded
        act = by(unrepeatable(act).within(REGION), session.person)
        await self.streams.sessions.decide(
            act, shown.session, lambda state: refresh(state, shown.hash, successor.hash, now)
        )
        session = holds(await self._load(shown.session), successor.hash)
        roles = await self.openings.roles(session.organisation, session.person)
        if not roles:
            raise SessionEnded
        narrowed = session if scope is None else replace(session, scope=scope)
        return await self.openings.granted(successor, narrowed, roles, now)

    async def _load(self, session: UUID) -> Session:
        try:
            state, _ = await self.streams.sessions.load(REGION, session)
        except Erased:
            raise SessionEnded from None
        if state is None:
            raise SessionEnded
        return state
