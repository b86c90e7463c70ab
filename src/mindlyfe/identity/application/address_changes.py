"""Moving an account to another address: asked for, proved from the new one, stopped from the old one."""

from dataclasses import dataclass

from mindlyfe.identity.application.acts import address_change_stream, by, private
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.ports import Addresses, Attempts
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import Accepted
from mindlyfe.identity.contract.flows import (
    AddressChangeCancelled,
    AddressConfirmed,
    CancelAddressChange,
    ChangeAddress,
    ConfirmAddress,
)
from mindlyfe.identity.domain.account import AddressChanged, existing, move
from mindlyfe.identity.domain.address import kept
from mindlyfe.identity.domain.address_change import LASTS, AddressChange, Asked, ask, cancel, prove, wished
from mindlyfe.identity.domain.codes import Ticket
from mindlyfe.identity.domain.refusals import CodeInvalid
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, TooMany
from mindlyfe.kernel.ids import Ids
from mindlyfe.kernel.messages import REGION, Act, Principal
from mindlyfe.kernel.secrecy import Keys


@dataclass(frozen=True, slots=True)
class AddressChanges:
    """Nothing here tells the caller whether the new address has an account: its owner is told instead."""

    streams: IdentityStreams
    addresses: Addresses
    attempts: Attempts
    links: LinkMaker
    keys: Keys
    clock: Clock
    ids: Ids

    async def ask(self, c: ChangeAddress, who: Principal) -> Accepted:
        """Have a link sent to the new address and a notice to the old one. Raises TooMany, KeyReused."""
        email = kept(c.email)
        state, _ = await self.streams.accounts.load(REGION, who.id)
        account = existing(state)
        if not await self.attempts.may_write_to(f"address change {who.id}"):
            raise TooMany("You asked for this several times within the hour. Try again later.")
        if not await self.attempts.may_write_to(email):
            return Accepted()
        owner = await self.addresses.owner(email)
        wish = Asked(
            ask=self.ids(),
            person=who.id,
            old=account.email,
            new=email,
            owner=None if owner == who.id else owner,
            epoch=account.epoch,
            expires_at=self.clock().replace(microsecond=0) + LASTS,
        )
        once = private(who.act.within(REGION), self.keys)
        await self.streams.address_changes.decide(once, address_change_stream(who.id), lambda state: ask(state, wish))
        return Accepted()

    async def confirm(self, c: ConfirmAddress, act: Act) -> AddressConfirmed:
        """Move the account. Again, nothing: mail scanners open links before people do.

        Raises CodeInvalid, CodeExpired, AddressTaken when somebody made an account by the address meanwhile.
        """
        ticket, now = self.links.ticket("address-change", c.code), self.clock()
        asked = wished(await self._load(ticket), ends=ticket.expires_at)
        act = by(private(act, self.keys).within(REGION), asked.person)
        await self.streams.address_changes.decide(
            act.step("proved"), ticket.id, lambda state: prove(state, ends=ticket.expires_at, now=now)
        )
        moved = AddressChanged(email=asked.new, ask=asked.ask, at=now)
        await self.streams.accounts.decide(
            act.step("moved"), asked.person, lambda state: move(state, moved, epoch=asked.epoch)
        )
        return AddressConfirmed()

    async def cancel(self, c: CancelAddressChange, act: Act) -> AddressChangeCancelled:
        """Stop it; again, nothing. Raises CodeInvalid, CodeExpired, CodeUsed."""
        ticket, now = self.links.ticket("address-change-stop", c.code), self.clock()
        asked = wished(await self._load(ticket), ends=ticket.expires_at)
        once = by(private(act, self.keys).within(REGION), asked.person)
        await self.streams.address_changes.decide(
            once, ticket.id, lambda state: cancel(state, ends=ticket.expires_at, now=now)
        )
        return AddressChangeCancelled()

    async def _load(self, ticket: Ticket) -> AddressChange | None:
        try:
            state, _ = await self.streams.address_changes.load(REGION, ticket.id)
        except Erased:
            raise CodeInvalid from None
        return state
