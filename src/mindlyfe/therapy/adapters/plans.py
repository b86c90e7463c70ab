"""Read model: treatment plans, without what they say; which of them should have been reviewed."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract.plans import ReviewDue
from mindlyfe.therapy.domain.plan import PatientMerged, Reviewed, Revised, Step

REVISE: Final[LiteralString] = """
    insert into treatment_plan (plan, episode, patient, number, next_review, version) values (%s, %s, %s, %s, %s, %s)
    on conflict (tenant, plan) do update set
        number = excluded.number, next_review = excluded.next_review, version = excluded.version"""
STEP: Final[LiteralString] = """
    update treatment_plan set next_review = coalesce(%s, next_review), patient = coalesce(%s, patient), version = %s
    where tenant = current_setting('app.tenant')::uuid and plan = %s"""
# Of treatment that runs, for the clinician who gives it; the longest overdue first.
DUE: Final[LiteralString] = """
    select p.episode, e.patient, p.number, p.next_review
    from treatment_plan p join episode e on e.tenant = p.tenant and e.episode = p.episode
    where e.clinician = %s and e.stage in ('accepted', 'active') and p.next_review < %s
    order by p.next_review, p.episode limit 200"""
THEIRS: Final[LiteralString] = "select plan from treatment_plan where patient = %s order by plan"
ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {"treatment_plan": "delete from treatment_plan where patient = %(person)s"}
)
MOVES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {"treatment_plan": "select exists (select from treatment_plan where patient = %(person)s)"}
)


class PlanList:
    """The plans of a clinic. Row-level security keeps to the tenant."""

    name = "plans"
    tables: Sequence[LiteralString] = ("treatment_plan",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Step]], /) -> None:
        """Follow each step."""
        for each in recorded:
            if isinstance(each.event, Revised):
                e = each.event
                row = (each.stream, e.episode, e.patient, e.number, e.next_review, each.version)
                await tx.execute(REVISE, row)
            else:
                await tx.execute(STEP, (*_moved(each.event), each.version, each.stream))

    async def due(self, tenant: TenantId, clinician: PersonId, today: date) -> list[ReviewDue]:
        """Plans of the clinician's patients whose review should have been before `today`; at most 200."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(ReviewDue)) as rows:
            return await (await rows.execute(DUE, (clinician, today))).fetchall()

    async def of_patient(self, tenant: TenantId, patient: PersonId) -> Sequence[UUID]:
        """The patient's."""
        async with self._database.app(tenant) as tx:
            return [plan for (plan,) in await (await tx.execute(THEIRS, (patient,))).fetchall()]


def _moved(step: Step) -> tuple[date | None, PersonId | None]:
    match step:
        case Reviewed(next_review=next_review):
            return next_review, None
        case PatientMerged(patient=patient):
            return None, patient
        case _:
            return None, None
