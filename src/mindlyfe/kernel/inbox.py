"""The inbox: public events of other contexts, delivered at least once and taking effect once."""

import asyncio
from collections.abc import Mapping, Sequence

from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.follower import Follower, ReadModel
from mindlyfe.kernel.messages import Event
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.reactor import Reaction, Reactor
from mindlyfe.kernel.transport.port import Deliver, Transport

__all__ = ["Inbox", "Reaction", "ReadModel"]


class Inbox:
    """Receives for one context: reactions one message at a time, read models a batch at a time.

    The two are fed apart: a reaction that waits for another context does not hold up a read model.
    """

    def __init__(
        self,
        database: Database,
        transport: Transport,
        *,
        region: str,
        hears: Mapping[type[Event], Reaction],
        follows: Sequence[ReadModel] = (),
    ) -> None:
        self._database, self._transport = database, transport
        reactor, follower = Reactor(database, region, hears), Follower(database, region, follows)
        self._consumers: dict[str, tuple[Sequence[str], Deliver]] = {
            f"{database.context}-hears": (reactor.subjects, reactor.deliver),
            f"{database.context}-follows": (follower.subjects, follower.deliver),
        }

    async def run(self) -> None:
        """Receive until cancelled; of all the processes of a context one is active at a time, to keep the order."""
        if any(subjects for subjects, _ in self._consumers.values()):
            await alone(self._database, "inbox", self._receive)
        await asyncio.Event().wait()

    async def _receive(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for consumer, (subjects, deliver) in self._consumers.items():
                if subjects:
                    tasks.create_task(self._transport.consume(consumer, subjects, deliver))
