"""Supervisions: begin and end them."""

from dataclasses import dataclass
from uuid import UUID

from mindlyfe.identity.application.acts import member_stream, supervision_stream
from mindlyfe.identity.application.streams import IdentityStreams
from mindlyfe.identity.contract.supervision import StartSupervision, SupervisionSaved
from mindlyfe.identity.domain.member import Member
from mindlyfe.identity.domain.supervision import NotInSupervision, Started, able, end, start
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, Principal


@dataclass(frozen=True, slots=True)
class Supervising:
    """Who answers for whose work."""

    streams: IdentityStreams
    clock: Clock

    async def start(self, supervision: UUID, c: StartSupervision, who: Principal) -> SupervisionSaved:
        """Begin under an id that the caller made; the same again changes nothing.

        Raises NotInSupervision, SupervisionRuns, SupervisionEnded.
        """
        able(await self._member(c.supervisor, who), await self._member(c.clinician, who))
        wish = Started(supervision=supervision, supervisor=c.supervisor, clinician=c.clinician, since=self.clock())
        stream = supervision_stream(who.tenant, supervision)
        decided = await self.streams.supervisions.decide(who.act, stream, lambda state: start(state, wish))
        return SupervisionSaved(supervision, decided.version)

    async def end(self, supervision: UUID, who: Principal, expected: int | None) -> SupervisionSaved:
        """End it now. Raises NotFound, SupervisionEnded, VersionConflict."""
        now = self.clock()
        decided = await self.streams.supervisions.decide(
            who.act,
            supervision_stream(who.tenant, supervision),
            lambda state: end(state, by=who.id, now=now),
            expected=expected,
        )
        return SupervisionSaved(supervision, decided.version)

    async def _member(self, person: PersonId, who: Principal) -> Member | None:
        try:
            member, _ = await self.streams.members.load(who.tenant, member_stream(who.tenant, person))
        except Erased:
            raise NotInSupervision from None
        return member
