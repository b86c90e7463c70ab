"""Accounts as operators lock them, for the whole region."""

from dataclasses import dataclass

from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.ports import Addresses
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.accounts import AccountSaved, AccountView, FindAccount, LockAccount
from mindlyfe.identity.domain.account import Locked, existing, lock, unlock
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import REGION, PersonId, Principal


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who may sign in at all."""

    streams: IdentityStreams
    addresses: Addresses
    endings: Endings
    clock: Clock

    async def find(self, c: FindAccount) -> AccountView:
        """The account by an address. Raises NotFound."""
        owner = await self.addresses.owner(c.email)
        if owner is None:
            raise NotFound
        return await self.view(owner)

    async def view(self, person: PersonId) -> AccountView:
        """One account. Raises NotFound."""
        try:
            state, version = await self.streams.accounts.load(REGION, person)
        except Erased:
            raise NotFound from None
        account = existing(state)
        return AccountView(
            person=person,
            organisations=account.organisations,
            locked_at=account.lock.at if account.lock else None,
            reason=account.lock.reason if account.lock else "",
            version=version,
        )

    async def lock(self, person: PersonId, c: LockAccount, who: Principal) -> AccountSaved:
        """Let nobody sign in by the account, and end its sessions. Raises NotFound, NotYourself."""
        wish = Locked(by=who.id, reason=c.reason.strip(), at=self.clock())
        act = who.act.within(REGION)
        decided = await self.streams.accounts.decide(act, person, lambda state: lock(state, wish))
        await self.endings.end(act, person)
        return AccountSaved(person, decided.version)

    async def unlock(self, person: PersonId, who: Principal) -> AccountSaved:
        """Let its owner sign in again. Raises NotFound."""
        now = self.clock()
        act = who.act.within(REGION)
        decided = await self.streams.accounts.decide(act, person, lambda state: unlock(state, by=who.id, now=now))
        return AccountSaved(person, decided.version)
