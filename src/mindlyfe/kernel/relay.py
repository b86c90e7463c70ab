"""The relay: what a context's log says in public, handed to the transport in order."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, LiteralString

import msgspec

from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.codec import tag_of
from mindlyfe.kernel.ids import message_id
from mindlyfe.kernel.log import Lag, Log
from mindlyfe.kernel.messages import Cursor, Event, Recorded
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.transport.port import Envelope, Transport

PLACES: Final[LiteralString] = """
    with gone as (delete from cursor where starts_with(name, 'relay/') and not starts_with(name, %(name)s))
    select name, epoch, tx::text::bigint, position from cursor where starts_with(name, %(name)s)"""
SAVE: Final[LiteralString] = """
    insert into cursor (name, epoch, tx, position)
    select name, epoch, tx::xid8, position
    from unnest(%s::text[], %s::int[], %s::text[], %s::bigint[]) as here (name, epoch, tx, position)
    on conflict (name) do update
    set epoch = excluded.epoch, tx = excluded.tx, position = excluded.position, at = clock_timestamp()"""


class Relay:
    """Publishes one context's events; of all its processes one is active at a time."""

    def __init__(
        self,
        database: Database,
        log: Log,
        publishes: Callable[[Recorded[Any]], Event | None],
        transport: Transport,
        *,
        region: str,
    ) -> None:
        self._database, self._log, self._publishes = database, log, publishes
        self._transport, self._region = transport, region
        self._at = Cursor()

    async def run(self) -> None:
        """Relay until cancelled, through every outage."""
        await alone(self._database, "relay", self._relay)

    async def lag(self) -> Lag:
        """How far it is behind; of meaning in the process where it is active. Raises Unavailable."""
        return await self._log.lag(self._at)

    async def _relay(self) -> None:
        name, self._at = await self._start()
        async with asyncio.TaskGroup() as tasks, aclosing(ahead(self._log.follow(self._at))) as batches:
            saving: asyncio.Task[None] | None = None
            async for batch in batches:
                places = {name: batch.upto}
                if envelopes := self._envelopes(batch.recorded):
                    await self._transport.publish(envelopes)
                    places[f"{name}/public"] = envelopes[-1].cursor
                if saving is not None:
                    await saving
                # Saved while the next batch is published: what a crash leaves unsaved is published again.
                saving = tasks.create_task(self._save(places))
                self._at = batch.upto

    async def _start(self) -> tuple[str, Cursor]:
        """The name of the cursor to use and where to begin.

        The name is of the log's epoch and of what the transport keeps: when either is another, what was published
        before counts for nothing and all is published again. So it is from the last message kept, when the transport
        lost some after it.
        """
        held = await self._transport.open(self._database.context)
        async with self._database.worker() as tx:
            row = await (await tx.execute("select current_epoch()")).fetchone()
            name = f"relay/{row[0] if row else 0}/{held.generation}"
            rows = await (await tx.execute(PLACES, {"name": name})).fetchall()
        places = {str(found): Cursor(*place) for found, *place in rows}
        saved = places.get(name, Cursor())
        lost = held.upto is not None and held.upto < places.get(f"{name}/public", Cursor())
        return name, min(saved, held.upto) if lost and held.upto is not None else saved

    def _envelopes(self, recorded: Sequence[Recorded[Any]]) -> Sequence[Envelope]:
        public = ((one, self._publishes(one)) for one in recorded)
        return [self._envelope(one, event) for one, event in public if event is not None]

    def _envelope(self, recorded: Recorded[Any], event: Event) -> Envelope:
        return Envelope(
            id=message_id(self._database.context, recorded.stream, recorded.version),
            subject=f"{self._region}.{tag_of(event)}",
            tenant=recorded.tenant,
            stream=recorded.stream,
            version=recorded.version,
            at=recorded.at,
            correlation=recorded.correlation,
            body=msgspec.Raw(msgspec.json.encode(event)),
            cursor=recorded.cursor,
        )

    async def _save(self, places: Mapping[str, Cursor]) -> None:
        at = places.values()
        columns = ([c.epoch for c in at], [str(c.tx) for c in at], [c.position for c in at])
        async with self._database.worker() as tx:
            await tx.execute(SAVE, (list(places), *columns))


async def ahead[T](source: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """What `source` gives, the next of it being made while this one is used."""
    coming = asyncio.ensure_future(anext(source))
    try:
        while True:
            item = await coming
            coming = asyncio.ensure_future(anext(source))
            yield item
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await source.aclose()
