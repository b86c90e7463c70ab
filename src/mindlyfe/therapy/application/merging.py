"""What therapy does when two accounts of one patient become one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Heard, PersonId, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.domain.appointment import Appointment, Change, follow_merge
from mindlyfe.therapy.domain.episode import Episode, Step
from mindlyfe.therapy.domain.following import follow_merge as episode_follows


class Booked(Protocol):
    """The calendar."""

    async def of_duplicate(self, tenant: TenantId, patient: PersonId) -> Sequence[UUID]:
        """Some of the appointments that stand under this patient."""
        ...


class Episodes(Protocol):
    """The read model of episodes."""

    async def running(self, tenant: TenantId, patient: PersonId) -> UUID | None:
        """The patient's that runs."""
        ...


@dataclass(frozen=True, slots=True)
class FollowedMerges:
    """Each thing moves once, by the message and by what stands; killed in the middle, it goes on.

    Notes, and episodes that are over, stay where they were written: whoever treats the survivor reads them there.
    """

    streams: Streams[Appointment, Change]
    booked: Booked
    episodes: Streams[Episode, Step]
    running: Episodes
    clock: Clock

    async def member_merged(self, heard: Heard[MemberMergedV1]) -> None:
        """Make the duplicate's appointments the survivor's, and the episode that runs. Raises Erased, Unavailable."""
        duplicate, survivor = heard.event.duplicate, heard.event.survivor
        while some := await self.booked.of_duplicate(heard.act.tenant, duplicate):
            for appointment in some:
                await self.streams.decide(
                    heard.act.step(str(appointment)),
                    appointment,
                    lambda state: follow_merge(state, duplicate=duplicate, survivor=survivor),
                )
        await self._episode(heard)

    async def _episode(self, heard: Heard[MemberMergedV1]) -> None:
        tenant, duplicate, survivor = heard.act.tenant, heard.event.duplicate, heard.event.survivor
        episode = await self.running.running(tenant, duplicate)
        if episode is None:
            return
        treated, now = await self.running.running(tenant, survivor) is not None, self.clock()
        await self.episodes.decide(
            heard.act.step(f"episode/{episode}"),
            episode,
            lambda state: episode_follows(state, duplicate=duplicate, survivor=survivor, treated=treated, now=now),
        )
