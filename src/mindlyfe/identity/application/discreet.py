"""A context's audit as the person it is about reads it: of emergency accesses, those they were told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mindlyfe.identity.domain.discretion import Emergency, may_read
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.trail import MOST, AuditTrail, Sought, TrailLine


class Emergencies(Protocol):
    """The read model of broken glasses."""

    async def of_patient(self, tenant: TenantId, patient: PersonId) -> Sequence[Emergency]:
        """All emergency accesses to a patient's record."""
        ...


@dataclass(frozen=True, slots=True)
class Discreet:
    """Fills up what it leaves out: a page that is too short would tell of it."""

    source: AuditTrail
    known: Sequence[Emergency]

    async def lines(self, *, tenant: TenantId, sought: Sought, before: int | None, limit: int) -> list[TrailLine]:
        """Lines before a position, newest first. Raises Unavailable."""
        found: list[TrailLine] = []
        while True:
            told = await self.source.lines(tenant=tenant, sought=sought, before=before, limit=limit)
            found += [line for line in told if self._shown(line)]
            if len(found) >= limit or len(told) < min(limit, MOST):
                return found[:limit]
            before = told[-1].position

    def _shown(self, line: TrailLine) -> bool:
        return not line.break_glass or may_read(self.known, actor=line.actor, thing=line.object, at=line.at)
