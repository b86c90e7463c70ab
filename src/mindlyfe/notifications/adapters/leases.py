"""Who sends what: a sender claims due deliveries and keeps its claims up, so that no two send the same one at once."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final, LiteralString

from psycopg.rows import args_row

from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.application.ports import Due, Room
from mindlyfe.notifications.contract import DeliveryId

LEASE: Final = timedelta(seconds=10)
"""A sender that fell silent for so long is dead: others take over. It takes a turn every second."""
KEEP: Final[LiteralString] = "update lease set until = clock_timestamp() + %s where delivery = any(%s)"
GIVE_BACK: Final[LiteralString] = "delete from lease where delivery = any(%s)"
DUE: Final[LiteralString] = """
    with due as (
        select d.tenant, d.id, d.priority, d.correlation from delivery d left join lease l on l.delivery = d.id
        where d.status = 'waiting' and d.next_attempt_at <= clock_timestamp()"""
CLAIMED: Final[LiteralString] = """
          and (l.delivery is null or l.until < clock_timestamp())
        order by d.next_attempt_at limit %(limit)s
        for update of d skip locked),
    claimed as (
        insert into lease (tenant, delivery, until)
        select tenant, id, clock_timestamp() + %(lease)s from due
        on conflict (delivery) do update set until = excluded.until where lease.until < clock_timestamp()
        returning delivery)
    select due.tenant, due.id, due.priority, due.correlation from due join claimed on claimed.delivery = due.id"""
CRITICAL: Final[LiteralString] = DUE + " and d.priority = 'critical'" + CLAIMED
NORMAL: Final[LiteralString] = DUE + " and d.priority = 'normal'" + CLAIMED
"""Each has an index of its own: what is critical is found at once, however much else is due."""
FORGET: Final[LiteralString] = """
    with forgotten as (delete from delivery where id = %(delivery)s) delete from lease where delivery = %(delivery)s"""


class Leases:
    """Claims over all tenants, as the worker role. They go by the database's clock, which all senders share."""

    def __init__(self, database: Database, lease: timedelta = LEASE) -> None:
        self._database, self._lease = database, lease

    async def turn(
        self, room: Room, *, keep: Collection[DeliveryId], give_back: Collection[DeliveryId]
    ) -> Sequence[Due]:
        """Keep, give back and claim in one transaction. Raises Unavailable."""
        async with self._database.worker() as tx:
            if keep:
                await tx.execute(KEEP, (self._lease, list(keep)))
            if give_back:
                await tx.execute(GIVE_BACK, (list(give_back),))
            critical = await self._claim(tx, CRITICAL, room.all)
            return critical + await self._claim(tx, NORMAL, min(room.normal, room.all - len(critical)))

    async def forget(self, due: Due) -> None:
        """Take it off the list, as a rebuild would: it skips what was erased. Raises Unavailable."""
        async with self._database.worker() as tx:
            await tx.execute(FORGET, {"delivery": due.delivery})

    async def _claim(self, tx: Tx, claim: LiteralString, limit: int) -> list[Due]:
        if limit <= 0:
            return []
        async with tx.cursor(row_factory=args_row(Due)) as cursor:
            return await (await cursor.execute(claim, {"limit": limit, "lease": self._lease})).fetchall()
