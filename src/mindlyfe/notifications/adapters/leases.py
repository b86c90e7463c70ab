"""Who sends what: a sender claims due deliveries and keeps its claims up, so that no two send the same one at once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final, LiteralString

from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.notifications.application.ports import Due
from mindlyfe.notifications.contract import DeliveryId

LEASE: Final = timedelta(seconds=10)
"""A sender that fell silent for so long is dead: others take over. It takes a turn every second."""
KEEP: Final[LiteralString] = "update lease set until = clock_timestamp() + %s where delivery = any(%s)"
GIVE_BACK: Final[LiteralString] = "delete from lease where delivery = any(%s)"
CLAIM: Final[LiteralString] = """
    with due as (
        select d.tenant, d.id, d.correlation from delivery d left join lease l on l.delivery = d.id
        where d.status = 'waiting' and d.next_attempt_at <= clock_timestamp()
          and (l.delivery is null or l.until < clock_timestamp())
        order by d.next_attempt_at limit %(limit)s
        for update of d skip locked),
    claimed as (
        insert into lease (tenant, delivery, until)
        select tenant, id, clock_timestamp() + %(lease)s from due
        on conflict (delivery) do update set until = excluded.until where lease.until < clock_timestamp()
        returning delivery)
    select due.tenant, due.id, due.correlation from due join claimed on claimed.delivery = due.id"""
FORGET: Final[LiteralString] = """
    with forgotten as (delete from delivery where id = %(delivery)s) delete from lease where delivery = %(delivery)s"""


class Leases:
    """Claims over all tenants, as the worker role. They go by the database's clock, which all senders share."""

    def __init__(self, database: Database, lease: timedelta = LEASE) -> None:
        self._database, self._lease = database, lease

    async def turn(self, limit: int, *, keep: Collection[DeliveryId], give_back: Collection[DeliveryId]) -> list[Due]:
        """Keep, give back and claim in one transaction. Raises Unavailable."""
        async with self._database.worker() as tx:
            if keep:
                await tx.execute(KEEP, (self._lease, list(keep)))
            if give_back:
                await tx.execute(GIVE_BACK, (list(give_back),))
            if not limit:
                return []
            rows = await (await tx.execute(CLAIM, {"limit": limit, "lease": self._lease})).fetchall()
        return [Due(TenantId(tenant), DeliveryId(delivery), correlation) for tenant, delivery, correlation in rows]

    async def forget(self, due: Due) -> None:
        """Take it off the list, as a rebuild would: it skips what was erased. Raises Unavailable."""
        async with self._database.worker() as tx:
            await tx.execute(FORGET, {"delivery": due.delivery})
