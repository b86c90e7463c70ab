"""Who sends what: a sender claims due deliveries for a while, so that two senders do not send the same one at once."""

from datetime import timedelta
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.notifications.application.ports import Due
from mindlyfe.notifications.contract import DeliveryId

LEASE: Final = timedelta(seconds=60)
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
RELEASE: Final[LiteralString] = "delete from lease where delivery = any(%(deliveries)s)"


class Leases:
    """Claims over all tenants, as the worker role."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, limit: int) -> list[Due]:
        """Deliveries that are due and nobody else's, claimed for `LEASE`."""
        async with self._database.worker() as tx:
            rows = await (await tx.execute(CLAIM, {"limit": limit, "lease": LEASE})).fetchall()
        return [Due(TenantId(tenant), DeliveryId(delivery), correlation) for tenant, delivery, correlation in rows]

    async def release(self, deliveries: list[DeliveryId]) -> None:
        """Give claims back after the attempt is recorded."""
        ids: list[UUID] = list(deliveries)
        async with self._database.worker() as tx:
            await tx.execute(RELEASE, {"deliveries": ids})
