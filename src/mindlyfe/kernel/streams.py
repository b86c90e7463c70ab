"""Load, decide, append: a command's effect, its read models and its audit in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from mindlyfe.kernel.codec import Codec, Upcast
from mindlyfe.kernel.messages import Act, Decided, Event, PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.projections import Projection as Projection
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.snapshots import Snapshots as Snapshots


class Streams[S, E: Event]:
    """The streams of one aggregate; `evolve` folds a state out of its events.

    `subject` names, from the state after an event, whose data the event is; its payload is sealed under that person's
    key. `inline` projections run in the command's transaction and may refuse it by their constraints.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        *,
        name: str,
        events: Any,
        evolve: Callable[[S | None, E], S],
        subject: Callable[[S], PersonId | None] | None = None,
        inline: Sequence[Projection[E]] = (),
        upcasts: Mapping[str, Upcast] | None = None,
        snapshots: Snapshots[S] | None = None,
    ) -> None:
        self.database, self.keys, self.name = database, keys, name
        self.evolve, self.subject, self.inline, self.snapshots = evolve, subject, inline, snapshots
        self.codec: Codec[E] = Codec(database.context, events, upcasts or {})

    async def decide(
        self,
        act: Act,
        stream: UUID,
        decision: Callable[[S | None], Sequence[E]],
        *,
        expected: int | None = None,
    ) -> Decided:
        """Append what `decision` makes of the state, and answer after the commit.

        `decision` is pure and may be called more than once. Raises what it refuses, VersionConflict when `expected` is
        not the stream's version, KeyReused, Erased, Unavailable, and what a violated constraint means.
        """
        raise NotImplementedError

    async def load(self, tenant: TenantId, stream: UUID) -> tuple[S | None, int]:
        """The state and its version; (None, 0) when nothing happened yet. Raises Erased, Unavailable."""
        raise NotImplementedError
