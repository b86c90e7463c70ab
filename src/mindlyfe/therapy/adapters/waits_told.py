"""What the waiting list tells of a person for their export."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.waits import WaitingList
from mindlyfe.therapy.domain.wait import Step, Wait


@dataclass(frozen=True, slots=True)
class WaitsTold:
    """Reads it under the patient's key."""

    listed: WaitingList
    streams: Streams[Wait, Step]

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """Every place on the list that was theirs: what they wished, how urgent it was judged, how it ended."""
        found: list[Entry] = []
        for place in await self.listed.of_patient(tenant, person):
            state, _ = await self.streams.load(tenant, place.id)
            if state:
                values = {"wait": str(place.id), **msgspec.to_builtins(state)}
                found.append(Entry(topic="appointments", values=values))
        return found
