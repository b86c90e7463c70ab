"""Passwords that replace others: by their owner, or through a recovery."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.acts import member_stream, private
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.tries import Tries
from mindlyfe.identity.contract.flows import ChangePassword
from mindlyfe.identity.domain.account import Account, Change, PasswordChanged, change_password, existing
from mindlyfe.identity.domain.refusals import WrongPassword
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, KeyReused
from mindlyfe.kernel.messages import REGION, Act, Principal
from mindlyfe.kernel.secrecy import Keys


@dataclass(frozen=True, slots=True)
class Renewals:
    """What both ways end with. Second factors stay as they are: who has one still shows it to sign in."""

    streams: IdentityStreams
    credentials: Credentials
    endings: Endings
    clock: Clock

    async def made(self, account: Account, password: str) -> str:
        """The hash of a new password for this account. Raises WeakPassword."""
        return await self.credentials.made(password, email=account.email, name=await self._name(account))

    async def put(
        self, act: Act, account: Account, made: str, *, epoch: int | None = None, but: UUID | None = None
    ) -> None:
        """Let it count and end the person's sessions, but one. Raises CodeExpired when not in `epoch` any more."""
        changed = PasswordChanged(password=made, at=self.clock(), recovered=epoch is not None)
        await self.streams.accounts.decide(
            act.step("password"), account.person, lambda state: change_password(state, changed, epoch=epoch)
        )
        await self.endings.end(act, account.person, but=but)

    async def again(self, act: Act, account: Account, *, but: UUID | None = None) -> None:
        """The same, if this very act did it before. Raises WrongPassword if it did not, KeyReused."""
        await self.streams.accounts.decide(act.step("password"), account.person, _unproved)
        await self.endings.end(act, account.person, but=but)

    async def _name(self, account: Account) -> str:
        home = account.home
        try:
            member, _ = await self.streams.members.load(home, member_stream(home, account.person))
        except Erased:
            return ""
        return member.name if member else ""


def _unproved(_: Account | None) -> Sequence[Change]:
    raise WrongPassword


@dataclass(frozen=True, slots=True)
class PasswordChanges:
    """By the owner, who shows the current password: that proves more, and later, than how old the sign-in is."""

    streams: IdentityStreams
    credentials: Credentials
    tries: Tries
    renewals: Renewals
    keys: Keys

    async def change(self, c: ChangePassword, who: Principal) -> None:
        """Replace it and end all other sessions. Raises WrongPassword, WeakPassword, TooMany, KeyReused.

        Each request tries one password, once: what is wrong is counted, whatever its key.
        """
        state, _ = await self.streams.accounts.load(REGION, who.id)
        account, act = existing(state), private(who.act, self.keys).within(REGION)
        await self.tries.admit(account.email, who.act)
        if not await self.credentials.match(account.password, c.current_password):
            await self._repeated(account, act, who)
            return
        await self.tries.succeeded(account.email, who.act)
        made = await self.renewals.made(account, c.new_password)
        await self.renewals.put(act, account, made, but=who.session)

    async def _repeated(self, account: Account, act: Act, who: Principal) -> None:
        """Go on with a request that was answered before, word for word the same: its password is replaced by now.

        Any other one was wrong, and is counted.
        """
        try:
            await self.renewals.again(act, account, but=who.session)
        except (WrongPassword, KeyReused) as refusal:
            await self.tries.failed(account.email, who.act, who.id, type(refusal))
            raise
