"""Who leaves the clinic waits there no longer."""

from dataclasses import dataclass

from mindlyfe.identity.contract import People
from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import Heard
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.application.waits_merged import Places
from mindlyfe.therapy.domain.wait import Step, Wait, give_up


@dataclass(frozen=True, slots=True)
class LeftWaits:
    """What was kept for them is offered to others by the worker, which sees that they do not wait."""

    streams: Streams[Wait, Step]
    places: Places
    people: People
    clock: Clock

    async def left(self, heard: Heard[MemberLeftV1]) -> None:
        """Give their place up, unless they are back: then it may be a new one. Raises Erased, Unavailable."""
        tenant, person = heard.act.tenant, heard.event.person
        if await self.people.belongs(tenant=tenant, person=person):
            return
        wait = await self.places.place_of(tenant, person)
        if wait is not None:
            now = self.clock()
            await self.streams.decide(heard.act.step(f"wait/{wait}"), wait, lambda state: give_up(state, now=now))
