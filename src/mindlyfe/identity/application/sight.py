"""Looks, before anything of a patient is shown or changed, whether there is one and whether the caller reaches them."""

from dataclasses import dataclass

from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.application.surviving import surviving
from mindlyfe.identity.domain.profile import patient
from mindlyfe.identity.domain.sight import kept_of
from mindlyfe.kernel.errors import Erased, NotFound
from mindlyfe.kernel.messages import PersonId, Principal
from mindlyfe.kernel.policy import Action
from mindlyfe.kernel.reach import Reach


@dataclass(frozen=True, slots=True)
class Sight:
    """What binds the caller to a patient decides; that somebody works here opens the front desk's share alone."""

    streams: IdentityStreams
    reach: Reach

    async def require(self, person: PersonId, who: Principal, action: Action = "read") -> PersonId:
        """The id the patient has now, if the caller may: another one after a merge.

        Raises NotFound, AssuranceTooLow, Unavailable.
        """
        try:
            member, _ = await surviving(self.streams, who.tenant, person)
        except Erased:
            raise NotFound from None
        found = patient(member).person
        await self.reach.require(who, action, kept_of(who.tenant, found))
        return found
