"""The door to one note: found on its patient, reached by the policy, and then what this person may do with it."""

from dataclasses import dataclass

from mindlyfe.kernel.errors import Erased, Forbidden
from mindlyfe.kernel.messages import Principal
from mindlyfe.kernel.reach import Reach
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.domain.note import Change, Kind, Note
from mindlyfe.therapy.domain.note_access import Where, notes_of, own, placed, seen, thing


@dataclass(frozen=True, slots=True)
class NoteDoor:
    """Notes of one kind."""

    kind: Kind
    streams: Streams[Note, Change]
    reach: Reach

    async def read(self, where: Where, who: Principal) -> tuple[Note, int]:
        """The note and its version, for who may read it. Raises NotFound, AssuranceTooLow, Unavailable."""
        try:
            state, version = await self.streams.load(who.tenant, where.note)
        except Erased:
            state, version = None, 0
        found, now = placed(state, where.patient, self.kind), self.reach.clock()
        there = thing(who.tenant, found, now) if found else notes_of(who.tenant, where.patient, self.kind)
        await self.reach.require(who, "read", there)
        return seen(found, who.id, now), version

    async def write(self, where: Where, who: Principal) -> Note:
        """The note, for its author while they may write it.

        Raises NotFound, Forbidden (may look only), AssuranceTooLow, Unavailable.
        """
        found = own((await self.read(where, who))[0], who.id)
        verdict = await self.reach.decide(who, "write", thing(who.tenant, found, self.reach.clock()))
        if not verdict.allowed:
            raise Forbidden("a psychotherapy note is written while care runs")
        return found
