"""Who may see a patient at all: the front desk and the privacy officer all, a clinician those whom they treat now."""

from dataclasses import dataclass
from typing import Final

from mindlyfe.identity.application.profiles import Treatments
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.surviving import surviving
from mindlyfe.identity.domain.profile import patient
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import PersonId, Principal, Role

EVERY: Final[frozenset[Role]] = frozenset({"clinic-admin", "reception", "privacy-officer"})


@dataclass(frozen=True, slots=True)
class Sight:
    """Looks before anything of a patient is shown or changed."""

    streams: IdentityStreams
    care: Treatments

    async def require(self, person: PersonId, who: Principal) -> PersonId:
        """The id the patient has now, if the caller may see them: another one after a merge. Raises NotFound."""
        try:
            member, _ = await surviving(self.streams, who.tenant, person)
        except Erased:
            raise NotFound from None
        found = patient(member).person
        if not (who.roles & EVERY or await self.care.treats(who.tenant, who.id, found)):
            raise NotFound
        return found
