"""Whether a clinician treats a patient: from our own copy when it is fresh, else by asking identity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mindlyfe.identity.contract import Care
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import PersonId, Principal
from mindlyfe.therapy.application.ports import KnownRelations
from mindlyfe.therapy.domain.access import Relation, treats

FRESH: Final = timedelta(seconds=5)
"""How old our copy may be: an ended relation gives no access for longer than this."""


@dataclass(frozen=True, slots=True)
class CareRelations:
    """The rule that opens a patient's calendar to a clinician. It fails closed."""

    known: KnownRelations
    care: Care
    clock: Clock

    async def require(self, who: Principal, patient: PersonId) -> None:
        """The caller treats this patient now. Raises NotFound, or Unavailable when identity cannot confirm it."""
        now = self.clock()
        known = await self.known.between(who.tenant, who.id, patient)
        fresh = known.checked_at is not None and now - known.checked_at <= FRESH
        relations = known.relations if fresh else await self._asked(who)
        if not any(treats(each, who.id, patient, now) for each in relations):
            raise NotFound

    async def _asked(self, who: Principal) -> Sequence[Relation]:
        asked_at = self.clock()
        relations = [
            Relation(patient=each.patient, clinician=each.clinician, since=each.since, until=each.until)
            for each in await self.care.relations(tenant=who.tenant, clinician=who.id)
        ]
        await self.known.replace(who.tenant, who.id, relations, asked_at)
        return relations
