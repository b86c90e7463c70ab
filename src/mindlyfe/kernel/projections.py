"""Projections that follow the log: tables filled after the commit, by a cursor of their own."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any, Final, LiteralString

from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.log import Batch, Log
from mindlyfe.kernel.messages import Cursor, Recorded
from mindlyfe.kernel.ports import Projection
from mindlyfe.kernel.postgres import TENANT, Tx

__all__ = ["AsyncProjection", "Projection", "applied"]

PLACE: Final[LiteralString] = "select epoch, tx::text::bigint, position from cursor where name = %s"
TAKE: Final[LiteralString] = PLACE + " for update"
BEGIN: Final[LiteralString] = """
    insert into cursor (name, epoch, tx, position) values (%s, 0, '0', 0) on conflict (name) do nothing"""
SAVE: Final[LiteralString] = """
    update cursor set epoch = %s, tx = %s::text::xid8, position = %s, at = clock_timestamp() where name = %s"""
SHORTEST_S: Final = 0.005
LONGEST_S: Final = 0.05


class Overtaken(Exception):
    """A rebuild or another process moved the cursor: begin again where it stands now."""


class AsyncProjection[E]:
    """Runs a projection after the commit: its cursor moves in the transaction of its effect, so each event counts once.

    It is given every event of the log's streams, and ignores those it has no use for.
    """

    def __init__(self, log: Log, projection: Projection[E]) -> None:
        self.log, self.projection = log, projection

    @property
    def name(self) -> str:
        """The projection's."""
        return self.projection.name

    @property
    def cursor(self) -> str:
        """The name of its cursor."""
        return f"projection/{self.projection.name}"

    async def run(self) -> None:
        """Follow the log until cancelled; of all processes one does."""
        await alone(self.log.database, self.cursor, self._follow)

    async def caught_up(self, cursor: Cursor, timeout_s: float = 1.0) -> bool:
        """Whether the effect of `cursor` is there, after waiting up to `timeout_s` seconds for it.

        Raises Unavailable.
        """
        until, pause = time.monotonic() + timeout_s, SHORTEST_S
        while await self._place() < cursor:
            if time.monotonic() + pause > until:
                return False
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_S)
        return True

    async def _follow(self) -> None:
        async with self.log.database.worker() as tx:
            await tx.execute(BEGIN, (self.cursor,))
        while True:
            after = await self._place()
            with suppress(Overtaken):
                async for batch in self.log.follow(after):
                    await self._apply(after, batch)
                    after = batch.upto

    async def _place(self) -> Cursor:
        async with self.log.database.worker() as tx:
            row = await (await tx.execute(PLACE, (self.cursor,))).fetchone()
        return Cursor(*row) if row else Cursor()

    async def _apply(self, after: Cursor, batch: Batch) -> None:
        async with self.log.database.worker() as tx:
            row = await (await tx.execute(TAKE, (self.cursor,))).fetchone()
            if row is None or Cursor(*row) != after:
                raise Overtaken(self.cursor)
            await applied(tx, self.projection, batch.recorded)
            upto = batch.upto
            await tx.execute(SAVE, (upto.epoch, str(upto.tx), upto.position, self.cursor))


async def applied(tx: Tx, projection: Projection[Any], recorded: Sequence[Recorded[Any]]) -> None:
    """Give `projection` the events, tenant by tenant in their order; afterwards no tenant is named."""
    async with tx.pipeline():
        for tenant, events in groupby(recorded, lambda one: one.tenant):
            await tx.execute(TENANT, (str(tenant),))
            await projection.apply(tx, list(events))
        await tx.execute(TENANT, ("",))
