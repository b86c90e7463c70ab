"""What notifications does when two accounts of one patient become one: all that waits goes to the survivor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.messages import Heard, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.notifications.application.reactions import Reactions
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.delivery import Change, Delivery, follow_merge
from mindlyfe.notifications.domain.run import Change as RunChange
from mindlyfe.notifications.domain.run import Run
from mindlyfe.notifications.domain.run import follow_merge as follow_run


class Waiting(Protocol):
    """The read model."""

    async def waiting_for(self, tenant: TenantId, person: PersonId) -> Sequence[DeliveryId]:
        """What is still to be sent to somebody."""
        ...


class Running(Protocol):
    """The read model of runs."""

    async def running_for(self, tenant: TenantId, person: PersonId) -> Sequence[UUID]:
        """What still runs for somebody."""
        ...


@dataclass(frozen=True, slots=True)
class FollowedMerges:
    """Each delivery moves once; and both addresses are told once: whoever owns the other one may be somebody else."""

    streams: Streams[Delivery, Change]
    waiting: Waiting
    runs: Streams[Run, RunChange]
    running: Running
    reactions: Reactions

    async def member_merged(self, heard: Heard[MemberMergedV1]) -> None:
        """Readdress what waits, and tell both. Raises Unavailable."""
        duplicate, survivor = heard.event.duplicate, heard.event.survivor
        for delivery in await self.waiting.waiting_for(heard.act.tenant, duplicate):
            await self.streams.decide(
                heard.act.step(str(delivery)),
                delivery,
                lambda state: follow_merge(state, duplicate=duplicate, survivor=survivor),
            )
        for run in await self.running.running_for(heard.act.tenant, duplicate):
            await self.runs.decide(
                heard.act.step(str(run)),
                run,
                lambda state: follow_run(state, duplicate=duplicate, survivor=survivor),
            )
        await self.reactions.tell_merged(heard)
