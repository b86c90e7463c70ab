"""Sign-in, renewal and sign-out."""

from dataclasses import dataclass

from mindlyfe.identity.application.beat import refused_on_a_beat
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.openings import Openings
from mindlyfe.identity.application.ports import Addresses
from mindlyfe.identity.application.second_steps import SecondSteps
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.token_renewals import TokenRenewals
from mindlyfe.identity.application.tries import FIRST_STEP, Tries
from mindlyfe.identity.contract import SignedIn, SignIn
from mindlyfe.identity.contract.factors import SecondFactorNeeded
from mindlyfe.identity.domain.account import Account
from mindlyfe.identity.domain.factors import changes_of
from mindlyfe.identity.domain.refusals import SignInFailed
from mindlyfe.identity.domain.session import revoke
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, Act, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Tokens for people who show a password or a refresh token."""

    streams: IdentityStreams
    addresses: Addresses
    credentials: Credentials
    tries: Tries
    openings: Openings
    second_steps: SecondSteps

    async def sign_in(self, c: SignIn, act: Act, *, device: str) -> SignedIn | SecondFactorNeeded:
        """Open a session, or ask for the second factor of who has one, and of nobody else.

        An unknown address and a wrong password get the same words after the same work. Raises SignInFailed, TooMany.
        """
        async with refused_on_a_beat():
            return await self._sign_in(c, act, device)

    async def _sign_in(self, c: SignIn, act: Act, device: str) -> SignedIn | SecondFactorNeeded:
        await self.tries.admit(c.email, act)
        account, version = await self._account(c.email)
        if not await self.credentials.match(account.password if account else None, c.password) or account is None:
            await self.tries.failed(c.email, act, account.person if account else None, SignInFailed)
            raise SignInFailed
        try:
            organisation, roles = await self.openings.place(account, c.organisation)
        except SignInFailed:
            await self.tries.failed(c.email, act, account.person, SignInFailed)
            raise
        await self.tries.succeeded(c.email, act)
        factors = await self.second_steps.verification.factors(account.person)
        if needed := self.second_steps.needed(factors, organisation, version, device.strip()):
            await self.tries.note(act, FIRST_STEP, account.person)
            return needed
        opened = await self.openings.open(
            act,
            person=account.person,
            organisation=organisation,
            roles=roles,
            aal=1,
            methods=("pwd",),
            device=device.strip(),
        )
        if await self.openings.outdated(act, opened, version, changes_of(factors)):
            raise SignInFailed
        return opened

    async def renew(self, text: str, act: Act) -> SignedIn:
        """Exchange a refresh token. One that was used before ends the session. Raises SessionEnded."""
        return await TokenRenewals(self.streams, self.openings).renew(text, act)

    async def sign_out(self, who: Principal) -> None:
        """End the session of this request, its access tokens included."""
        now = self.openings.clock()
        await self.streams.sessions.decide(
            who.act.within(REGION), who.session, lambda state: revoke(state, by=who.id, now=now)
        )

    async def _account(self, email: str) -> tuple[Account | None, int]:
        owner = await self.addresses.owner(email)
        try:
            return await self.streams.accounts.load(REGION, owner or self.openings.ids())
        except Erased:
            return None, 0
