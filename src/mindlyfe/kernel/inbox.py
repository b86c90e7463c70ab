"""The inbox: public events of other contexts, delivered at least once and taking effect once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from mindlyfe.kernel.messages import Event, Heard
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.transport.port import Transport


class ReadModel(Protocol):
    """A read model fed by public events, a batch of one tenant per transaction."""

    name: str
    events: Sequence[type[Event]]
    """Public contract events; each one's tag is `<context>.<event>.vN`."""

    async def apply(self, tx: Tx, heard: Sequence[Heard[Any]], /) -> None:
        """Fill the tables. `app.tenant` is set, nothing comes twice, and it commits with the inbox rows."""
        ...


type Reaction = Callable[[Heard[Any]], Awaitable[None]]


class Inbox:
    """Receives for one context: reactions one message at a time, read models a batch at a time."""

    def __init__(
        self,
        database: Database,
        transport: Transport,
        *,
        region: str,
        hears: Mapping[type[Event], Reaction],
        follows: Sequence[ReadModel] = (),
    ) -> None:
        self._database, self._transport, self._region = database, transport, region
        self._hears, self._follows = hears, follows

    async def run(self) -> None:
        """Receive until cancelled."""
        raise NotImplementedError
