"""Lost passwords: a link by mail, and a new password by its code. Nothing tells whether an address has an account."""

from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.acts import by, private, recovery_stream
from mindlyfe.identity.application.beat import on_a_beat
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.password_changes import Renewals
from mindlyfe.identity.application.ports import Addresses, Attempts
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import Accepted
from mindlyfe.identity.contract.flows import AskRecovery, CompleteRecovery, PasswordRenewed
from mindlyfe.identity.domain.account import existing
from mindlyfe.identity.domain.address import kept
from mindlyfe.identity.domain.recovery import LASTS, Asked, ask, sought, use
from mindlyfe.identity.domain.refusals import CodeInvalid
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import REGION, Act
from mindlyfe.kernel.secrecy import Keys


@dataclass(frozen=True, slots=True)
class Recoveries:
    """Known and unknown addresses get the same answer after the same work; only the mail differs."""

    streams: IdentityStreams
    addresses: Addresses
    attempts: Attempts
    renewals: Renewals
    links: LinkMaker
    keys: Keys
    clock: Clock

    async def ask(self, c: AskRecovery, act: Act) -> Accepted:
        """Have a link sent, if there is an account. Raises TooMany, KeyReused."""
        async with on_a_beat():
            return await self._ask(c, act)

    async def _ask(self, c: AskRecovery, act: Act) -> Accepted:
        email = kept(c.email)
        await self.attempts.admit_asker(act.client)
        if not await self.attempts.may_write_to(f"recovery {email}"):  # others' mails must not use up the owner's
            return Accepted()
        found = await self.addresses.holder(email)
        wish = Asked(
            person=found.person if found else None,
            epoch=found.epoch if found else 0,
            expires_at=self.clock().replace(microsecond=0) + LASTS,
        )
        # Asked again, a stream of nobody is as long as one of somebody: how long it takes to read tells nothing.
        nobody = UUID(bytes=self.keys.digest("recovery of nobody", email)[:16])
        stream = recovery_stream(found.person if found else nobody)
        once = private(act.within(REGION), self.keys)
        await self.streams.recoveries.decide(once, stream, lambda state: ask(state, wish))
        return Accepted()

    async def complete(self, c: CompleteRecovery, act: Act) -> PasswordRenewed:
        """Replace the password, end all sessions, have the owner told. Opens no session: a second factor is not passed.

        Raises CodeInvalid, CodeExpired, CodeUsed, WeakPassword. Under the same key it goes on where it broke off.
        """
        ticket, now = self.links.ticket("recovery", c.code), self.clock()
        state, _ = await self.streams.recoveries.load(REGION, ticket.id)
        found = sought(state, ends=ticket.expires_at, now=now)
        try:
            owned, _ = await self.streams.accounts.load(REGION, found.person)
        except Erased:
            raise CodeInvalid from None
        account = existing(owned)
        made = await self.renewals.made(account, c.password)
        act = by(private(act, self.keys).within(REGION), found.person)
        await self.streams.recoveries.decide(
            act.step("used"), ticket.id, lambda state: use(state, ends=ticket.expires_at, now=now)
        )
        await self.renewals.put(act, account, made, epoch=found.epoch)
        return PasswordRenewed()
