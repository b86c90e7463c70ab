"""Second factors that their owner lost, removed by somebody who made sure of who asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mindlyfe.identity.application.acts import factors_stream, member_stream
from mindlyfe.identity.application.endings import Endings
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.tries import Records
from mindlyfe.identity.contract.factors import ResetFactors
from mindlyfe.identity.domain.account import Account, NotThisClinicsAlone, existing, of_one_clinic
from mindlyfe.identity.domain.enrolment import reset
from mindlyfe.identity.domain.factors import Change, Factors
from mindlyfe.identity.domain.standing import another
from mindlyfe.kernel.audit import row_of
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import REGION, PersonId, Principal

REFUSED: Final = "factors.reset-refused"


@dataclass(frozen=True, slots=True)
class FactorResets:
    """The person signs in by the password alone then, and is told by mail; all their sessions end.

    An account opens every clinic its owner belongs to. So a clinic resets only accounts that open no other one; the
    others are the operators', who answer for the region. A refusal tells that there is another clinic, not which; it is
    on record, and nobody without a second factor is refused, so that it is no way to ask where people are treated.
    """

    streams: IdentityStreams
    endings: Endings
    records: Records
    clock: Clock

    async def of_member(self, person: PersonId, c: ResetFactors, who: Principal) -> None:
        """By an administrator of the only clinic the person belongs to.

        Raises NotFound, NotYourself, RoleNotYours, NothingToRemove, NotThisClinicsAlone.
        """
        try:
            member, _ = await self.streams.members.load(who.tenant, member_stream(who.tenant, person))
        except Erased:
            raise NotFound from None
        another(member, who.id, who.roles)
        try:
            await self._reset(person, c, who, lambda account: of_one_clinic(account, who.tenant))
        except NotThisClinicsAlone as refusal:
            await self.records.read([row_of(who.act, REFUSED, subject=person, outcome=refusal.code)])
            raise

    async def of_account(self, person: PersonId, c: ResetFactors, who: Principal) -> None:
        """By an operator, for every clinic. Raises NotFound, NotYourself, NothingToRemove."""
        await self._reset(person, c, who, lambda account: account)

    async def _reset(
        self, person: PersonId, c: ResetFactors, who: Principal, allowed: Callable[[Account], Account]
    ) -> None:
        try:
            state, _ = await self.streams.accounts.load(REGION, person)
        except Erased:
            raise NotFound from None
        account, act = existing(state), who.act.within(REGION)
        now, reason = self.clock(), c.reason.strip()

        def decided(state: Factors | None) -> Sequence[Change]:
            changes = reset(state, by=who.id, reason=reason, now=now)
            allowed(account)
            return changes

        await self.streams.factors.decide(act, factors_stream(person), decided)
        await self.endings.end(act, person)
