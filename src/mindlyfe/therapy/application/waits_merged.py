"""What becomes of a place on the waiting list when two accounts of one patient become one."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Heard, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.domain.wait import Step, Wait, follow_merge


class Places(Protocol):
    """The read model."""

    async def place_of(self, tenant: TenantId, patient: PersonId) -> UUID | None:
        """Where the patient stands on the list now."""
        ...


@dataclass(frozen=True, slots=True)
class MergedWaits:
    """The duplicate's place becomes the survivor's, with the time they waited; who has one keeps their own."""

    streams: Streams[Wait, Step]
    places: Places
    clock: Clock

    async def member_merged(self, heard: Heard[MemberMergedV1]) -> None:
        """Move it. Raises Erased, Unavailable."""
        tenant, duplicate, survivor = heard.act.tenant, heard.event.duplicate, heard.event.survivor
        wait = await self.places.place_of(tenant, duplicate)
        if wait is None:
            return
        waits, now = await self.places.place_of(tenant, survivor) is not None, self.clock()
        await self.streams.decide(
            heard.act.step(f"wait/{wait}"),
            wait,
            lambda state: follow_merge(state, duplicate=duplicate, survivor=survivor, waits=waits, now=now),
        )
