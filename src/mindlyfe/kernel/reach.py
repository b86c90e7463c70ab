"""The door to a patient's data in a clinical context: the policy, decided on ties that are fresh. It fails closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from mindlyfe.kernel.audit import note
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import PersonId, Principal, TenantId
from mindlyfe.kernel.policy import NO_TIES, Action, Policy, Thing, Tie, Ties, Verdict
from mindlyfe.kernel.roles import CLINICIANS
from mindlyfe.kernel.ties import Held, Known

FRESH: Final = timedelta(seconds=5)
"""How old our copy may be: what ended gives no access for longer, however late its event comes."""
DOUBTFUL: Final = timedelta(seconds=1)
"""A denial by an older copy than this is confirmed first: care that has just begun opens at once."""


class KnownTies(Protocol):
    """Our copy of who is bound to whom."""

    async def between(self, tenant: TenantId, holder: PersonId, subject: PersonId) -> Known:
        """As far as we know."""
        ...

    async def replace(self, tenant: TenantId, holder: PersonId, all_: Sequence[Held], checked_at: datetime) -> None:
        """These are all, said identity at `checked_at`."""
        ...


class AskedTies(Protocol):
    """Identity, asked."""

    async def held(self, *, tenant: TenantId, holder: PersonId) -> list[Held]:
        """All that binds `holder` now or later."""
        ...


class MergedAccounts(Protocol):
    """Our copy of whose account became whose."""

    async def survivor(self, tenant: TenantId, person: PersonId) -> PersonId:
        """Who the person is now."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """Who reaches whose data in this context."""

    policy: Policy
    known: KnownTies
    asked: AskedTies
    clock: Clock
    merged: MergedAccounts | None = None
    """Whoever treats a patient reads what stands under an account that became theirs, too."""

    async def require(self, who: Principal, action: Action, thing: Thing) -> Verdict:
        """By what it is allowed.

        Raises NotFound, AssuranceTooLow or ConsentMissing, and Unavailable when nobody can say what binds them.
        """
        verdict = await self.decide(who, action, thing)
        if not verdict.allowed:
            raise verdict.refusal
        if "break-glass" in verdict.by:
            note(break_glass=True)
        return verdict

    async def decide(self, who: Principal, action: Action, thing: Thing) -> Verdict:
        """Whether `who` may do it now. Raises Unavailable."""
        now = self.clock()
        verdict = self.policy.decide(who, action, thing, NO_TIES, now)
        if verdict.allowed or who.tenant != thing.tenant or who.roles.isdisjoint(CLINICIANS):
            return verdict
        verdict = await self._tied(who, action, thing, thing.subject, now)
        if verdict.lacks == "relation" and self.merged:
            left = await self.merged.survivor(who.tenant, thing.subject)
            if left != thing.subject:
                verdict = await self._tied(who, action, thing, left, now)
        return verdict

    async def _tied(self, who: Principal, action: Action, thing: Thing, subject: PersonId, now: datetime) -> Verdict:
        """By what binds the caller to `subject`, whom the thing is of or whose account theirs became."""
        known = await self.known.between(who.tenant, who.id, subject)
        age = now - known.checked_at if known.checked_at else None
        if age is not None and timedelta(0) <= age <= FRESH:
            verdict = self.policy.decide(who, action, thing, Ties(known.ties), now)
            if verdict.lacks != "relation" or age <= DOUBTFUL:
                return verdict
        return self.policy.decide(who, action, thing, Ties(await self._confirmed(who, subject)), now)

    async def _confirmed(self, who: Principal, subject: PersonId) -> tuple[Tie, ...]:
        asked_at = self.clock()
        found = await self.asked.held(tenant=who.tenant, holder=who.id)
        await self.known.replace(who.tenant, who.id, found, asked_at)
        return tuple(Tie(one.kind, one.since, one.until) for one in found if one.subject == subject)
