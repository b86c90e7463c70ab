"""Read model: care that was handed over, until the patient's episode has followed; fed by identity."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.identity.contract import CareEndedV1
from mindlyfe.kernel.messages import Event, Heard, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.application.transferring import Agreed

NOTE: Final[LiteralString] = """
    insert into transfer (care, patient, was, clinician, at) values (%s, %s, %s, %s, %s) on conflict do nothing"""
DUE: Final[LiteralString] = """
    select t.tenant, t.care, e.episode, t.was, t.clinician
    from transfer t left join episode e on e.tenant = t.tenant and e.patient = t.patient
        and e.clinician = t.was and e.stage in ('accepted', 'active')
    where t.at <= %s order by t.at, t.care limit %s offset %s"""
DONE: Final[LiteralString] = "delete from transfer where care = %s"
ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {"transfer": "delete from transfer where patient = %(person)s"}
)
STAYS: Final[Mapping[str, str]] = MappingProxyType(
    {"transfer": "an episode that is to follow bars the merge; without one there is nothing to follow"}
)


class TransferList:
    """What an episode is to follow; the workers see that of all clinics."""

    name = "transfers"
    events: Sequence[type[Event]] = (CareEndedV1,)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, heard: Sequence[Heard[CareEndedV1]], /) -> None:
        """Note the ends that are handovers."""
        for e in (each.event for each in heard):
            if e.passed_to is not None:
                await tx.execute(NOTE, (e.care, e.patient, e.clinician, e.passed_to, e.until))

    async def due(self, now: datetime, most: int, passed: int) -> Sequence[Agreed]:
        """Those whose time has come, the earliest first; without the first `passed`."""
        async with self._database.worker() as tx:
            return [Agreed(*row) for row in await (await tx.execute(DUE, (now, most, passed))).fetchall()]

    async def done(self, tenant: TenantId, care: UUID) -> None:
        """Forget one."""
        async with self._database.app(tenant) as tx:
            await tx.execute(DONE, (care,))
