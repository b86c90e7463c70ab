"""Read model: who treats whom, fed by identity's events and corrected by asking it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from mindlyfe.identity.contract import CareEndedV1, CareStartedV1
from mindlyfe.kernel.messages import Event, Heard, PersonId, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.application.ports import Known
from mindlyfe.therapy.domain.access import Relation

# Two relations of the same pair may be told out of order: a later beginning wins, and an end never ends it.
STARTED: Final[LiteralString] = """
    insert into care (clinician, patient, since) values (%s, %s, %s)
    on conflict (tenant, clinician, patient) do update set since = excluded.since, until = null
    where care.since < excluded.since"""
ENDED: Final[LiteralString] = """
    update care set until = %(until)s
    where tenant = current_setting('app.tenant')::uuid and clinician = %(clinician)s and patient = %(patient)s
    and since <= %(until)s"""
BETWEEN: Final[LiteralString] = """
    select since, until, checked_at from (values (%(clinician)s, %(patient)s)) as pair (clinician, patient)
    left join care using (clinician, patient) left join care_checked using (clinician)"""
CHECKED: Final[LiteralString] = """
    insert into care_checked (clinician, checked_at) values (%s, %s)
    on conflict (tenant, clinician) do update set checked_at = excluded.checked_at
    where care_checked.checked_at < excluded.checked_at returning true"""
FORGET: Final[LiteralString] = "delete from care where clinician = %s"
KEEP: Final[LiteralString] = """
    insert into care (clinician, patient, since, until) values (%s, %s, %s, %s)
    on conflict (tenant, clinician, patient) do update set since = excluded.since, until = excluded.until
    where care.since < excluded.since"""


class CareCopy:
    """Our copy of identity's care relations."""

    name = "care"
    events: Sequence[type[Event]] = (CareStartedV1, CareEndedV1)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, heard: Sequence[Heard[Any]], /) -> None:
        """Begin and end relations, in the order they are told."""
        for each in heard:
            match each.event:
                case CareStartedV1(patient=patient, clinician=clinician, since=since):
                    await tx.execute(STARTED, (clinician, patient, since))
                case CareEndedV1(patient=patient, clinician=clinician, until=until):
                    await tx.execute(ENDED, {"clinician": clinician, "patient": patient, "until": until})
                case _:
                    raise TypeError(f"not ours to hear: {type(each.event).__name__}")

    async def between(self, tenant: TenantId, clinician: PersonId, patient: PersonId) -> Known:
        """What we know of the two."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(BETWEEN, {"clinician": clinician, "patient": patient})).fetchone()
        since, until, checked_at = row or (None, None, None)
        relation = Relation(patient=patient, clinician=clinician, since=since, until=until) if since else None
        return Known([relation] if relation else [], checked_at)

    async def replace(
        self, tenant: TenantId, clinician: PersonId, relations: Sequence[Relation], checked_at: datetime
    ) -> None:
        """These are all the clinician's relations, unless somebody heard so later than `checked_at`."""
        async with self._database.app(tenant) as tx:
            if not await (await tx.execute(CHECKED, (clinician, checked_at))).fetchone():
                return
            await tx.execute(FORGET, (clinician,))
            for each in relations:
                await tx.execute(KEEP, (clinician, each.patient, each.since, each.until))
