"""Load, decide, append: a command's effect, its read models and its audit in one transaction."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from mindlyfe.kernel.aggregate import Aggregate
from mindlyfe.kernel.batch import Command
from mindlyfe.kernel.codec import Codec, Upcast
from mindlyfe.kernel.errors import IdTaken
from mindlyfe.kernel.flush import Flushes
from mindlyfe.kernel.keyring import Keyring, MissingKeys
from mindlyfe.kernel.load import history
from mindlyfe.kernel.messages import Act, Decided, Event, PersonId, TenantId
from mindlyfe.kernel.ports import Projection
from mindlyfe.kernel.postgres import Database, refuse_in_transaction
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.snapshots import SnapshotCodec, Snapshots

__all__ = ["Projection", "Snapshots", "Streams"]


class Streams[S, E: Event]:
    """The streams of one aggregate; `evolve` folds a state out of its events.

    `events` is the union of its event types, `upcasts` lift the types it wrote before (tag → newer shape). `subject`
    names, from the state after an event, whose data the event is; its payload is sealed under that person's key.
    `inline` projections run in the command's transaction and may refuse it by their constraints.
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
        self.name, self.database, self.keys, self.inline = name, database, keys, inline
        self.codec: Codec[E] = Codec(database.context, events, upcasts or {})
        kept = SnapshotCodec(database.context, snapshots) if snapshots else None
        self._aggregate: Aggregate[S, E] = Aggregate(name, self.codec, evolve, subject, inline, kept)
        self._flushes = Flushes(database, keys, self._aggregate)

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
        not the stream's version, KeyReused, IdTaken, Erased, Unavailable, and what a violated constraint means.
        """
        refuse_in_transaction()
        answer: asyncio.Future[Decided] = asyncio.get_running_loop().create_future()
        return await self._flushes.run(Command(act, stream, decision, expected, answer))

    async def load(self, tenant: TenantId, stream: UUID) -> tuple[S | None, int]:
        """The state and its version; (None, 0) when nothing happened yet. Raises Erased, Unavailable."""
        shape = self._aggregate.snapshots.shape if self._aggregate.snapshots else None
        keyring = Keyring(self.keys, tenant)
        async with self.database.app(tenant) as tx:
            rows = await history(tx, stream, shape)
        while True:
            try:
                state, version, _ = self._aggregate.fold(tenant, rows, keyring)
            except IdTaken:
                return None, 0  # of this kind there is none
            except MissingKeys as missing:
                await keyring.load(missing.persons)
            else:
                return state, version
