"""Care relationships: begin and end them."""

from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.acts import care_stream, member_stream
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract import CareSaved, StartCare
from mindlyfe.identity.domain.care import Started, able, end, start
from mindlyfe.identity.domain.member import Member
from mindlyfe.identity.domain.refusals import NotInCare
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, Principal


@dataclass(frozen=True, slots=True)
class CareRelationships:
    """Who treats whom."""

    streams: IdentityStreams
    clock: Clock

    async def start(self, care: UUID, c: StartCare, who: Principal) -> CareSaved:
        """Begin under an id that the caller made; the same again changes nothing.

        Raises NotInCare, CareRuns, CareEnded, CareBackdated.
        """
        now = self.clock()
        able(await self._member(c.patient, who), await self._member(c.clinician, who))
        wish = Started(care=care, patient=c.patient, clinician=c.clinician, since=c.since or now, until=c.until)
        decided = await self.streams.care.decide(
            who.act, care_stream(who.tenant, care), lambda state: start(state, wish, now)
        )
        return CareSaved(care, decided.version)

    async def end(self, care: UUID, who: Principal, expected: int | None) -> CareSaved:
        """End it now. Raises NotFound, CareEnded, VersionConflict."""
        now = self.clock()
        decided = await self.streams.care.decide(
            who.act,
            care_stream(who.tenant, care),
            lambda state: end(state, by=who.id, roles=who.roles, now=now),
            expected=expected,
        )
        return CareSaved(care, decided.version)

    async def _member(self, person: PersonId, who: Principal) -> Member | None:
        try:
            member, _ = await self.streams.members.load(who.tenant, member_stream(who.tenant, person))
        except Erased:
            raise NotInCare from None
        return member
