"""Read model: encounters. Who waits, what is still open, and what became of a patient's appointments."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import SYSTEM, Instant, PersonId, Recorded, TenantId
from mindlyfe.kernel.paging import Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.encounters import AttendanceEntry, WaitingEntry
from mindlyfe.therapy.domain.encounter import (
    FORGOTTEN,
    Admitted,
    CalledOff,
    CheckedIn,
    Ended,
    Joined,
    Left,
    Step,
)

# A first arrival counts; of an appointment that was moved since, the first one at its new time.
CHECK_IN: Final[LiteralString] = """
    insert into encounter
        (encounter, appointment, patient, therapist, kind, stage, starts_at, arrived_at, close_at, version)
    values (%(encounter)s, %(appointment)s, %(patient)s, %(therapist)s, %(kind)s, 'arrived', %(starts_at)s, %(at)s,
            %(close_at)s, %(version)s)
    on conflict (tenant, encounter) do update set
        patient = excluded.patient, therapist = excluded.therapist, kind = excluded.kind, stage = 'arrived',
        arrived_at = case when encounter.starts_at = excluded.starts_at then encounter.arrived_at
                     else excluded.arrived_at end,
        starts_at = excluded.starts_at, close_at = excluded.close_at, version = excluded.version"""
# Who leaves an encounter that goes on does not end it.
STEP: Final[LiteralString] = """
    update encounter set
        stage = case when %(stage)s = 'left' and stage = 'in-progress' then stage else coalesce(%(stage)s, stage) end,
        started_at = coalesce(%(started_at)s, started_at), ended_at = coalesce(%(ended_at)s, ended_at),
        close_at = greatest(close_at, %(close_at)s), by_platform = %(by_platform)s,
        patient_s = coalesce(%(patient_s)s, patient_s), therapist_s = coalesce(%(therapist_s)s, therapist_s),
        version = %(version)s
    where tenant = current_setting('app.tenant')::uuid and encounter = %(encounter)s"""
WAIT: Final[LiteralString] = """
    select appointment, patient, therapist, kind, starts_at, arrived_at from encounter
    where stage = 'arrived' and (%(therapist)s::uuid is null or therapist = %(therapist)s)
    order by starts_at, appointment limit 200"""
FORGOT: Final[LiteralString] = """
    select tenant, appointment from encounter
    where stage in ('arrived', 'left', 'in-progress') and close_at <= %s
    order by close_at, encounter limit %s offset %s"""
# Lateness counts from the first arrival, in whole minutes.
ATTENDED: Final[LiteralString] = """
    select c.appointment, c.therapist, c.starts_at, c.minutes,
        case when c.status = 'cancelled' and c.late then 'cancelled-late'
             when c.status = 'cancelled' then 'cancelled'
             when e.started_at is not null or c.status = 'fulfilled' then 'came'
             when c.status = 'missed' then 'missed'
             when c.status = 'declined' then 'called-off'
             when e.stage = 'cancelled' then 'not-admitted'
             when upper(c.during) > %(now)s then 'to-come'
             when e.stage is not null then 'not-admitted'
             else 'not-recorded' end as came,
        case when c.status = 'missed' and e.started_at is null then c.absent end as absent,
        greatest(0, floor(extract(epoch from e.arrived_at - c.starts_at) / 60))::int as late_minutes,
        coalesce(e.patient_s, 0) as patient_s, coalesce(e.therapist_s, 0) as therapist_s,
        coalesce(e.by_platform, false) as closed_by_platform
    from calendar c left join encounter e on e.tenant = c.tenant and e.appointment = c.appointment
    where c.patient = %(patient)s and (c.starts_at, c.appointment) < (%(before)s, %(before_id)s)
    order by c.starts_at desc, c.appointment desc limit %(limit)s"""
UNCHANGED: Final[Mapping[str, Any]] = MappingProxyType(
    dict.fromkeys(("stage", "started_at", "ended_at", "close_at", "patient_s", "therapist_s")) | {"by_platform": False}
)
COME: Final = ("appointment", "patient", "therapist", "kind", "starts_at", "at")
LAST: Final = (datetime.fromisoformat("9999-12-31T00:00Z"), UUID(int=2**128 - 1))
ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {"encounter": "delete from encounter where patient = %(person)s"}
)
STAYS: Final[Mapping[str, str]] = MappingProxyType(
    {"encounter": "sealed where it took place; the appointments that lead to it are the survivor's"}
)


class EncounterList:
    """The encounters of a clinic. Row-level security keeps to the tenant."""

    name = "encounters"
    tables: Sequence[LiteralString] = ("encounter",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Step]], /) -> None:
        """Follow each step."""
        for each in recorded:
            statement, row = _written(each.event)
            await tx.execute(statement, row | {"encounter": each.stream, "version": each.version})

    async def waiting(self, tenant: TenantId, therapist: PersonId | None) -> list[WaitingEntry]:
        """Who waits to be let in, for one therapist or in the clinic, by the time of their appointment; at most 200."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(WaitingEntry)) as rows:
            return await (await rows.execute(WAIT, {"therapist": therapist})).fetchall()

    async def forgotten(self, now: datetime, most: int, passed: int) -> Sequence[tuple[TenantId, AppointmentId]]:
        """Of all clinics, what should be over for long and is not; without the first `passed`."""
        async with self._database.worker() as tx:
            return [(tenant, one) for tenant, one in await (await tx.execute(FORGOT, (now, most, passed))).fetchall()]

    async def attendance(
        self, tenant: TenantId, patient: PersonId, *, now: datetime, limit: int, word: str | None
    ) -> Page[AttendanceEntry]:
        """What became of a patient's appointments, the latest first. Raises Malformed."""
        before, before_id = after(word, tuple[Instant, UUID]) or LAST
        row = {"patient": patient, "now": now, "before": before, "before_id": before_id, "limit": limit + 1}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(AttendanceEntry)) as rows:
            found = await (await rows.execute(ATTENDED, row)).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].starts_at, items[-1].appointment) if len(found) > limit else None)


def _written(step: Step) -> tuple[LiteralString, dict[str, Any]]:
    if isinstance(step, CheckedIn):
        row = {name: getattr(step, name) for name in COME}
        return CHECK_IN, row | {"close_at": step.starts_at + timedelta(minutes=step.minutes) + FORGOTTEN}
    return STEP, {**UNCHANGED, **_changed(step)}


def _changed(step: Admitted | Joined | Left | Ended | CalledOff) -> dict[str, Any]:
    match step:
        case Admitted(at=at):
            return {"stage": "in-progress", "started_at": at, "close_at": at + FORGOTTEN}
        case Left():
            return {"stage": "left"}
        case Joined():
            return {}
        case Ended(at=at, patient_s=patient_s, therapist_s=therapist_s, by_platform=by_platform):
            lasted = {"patient_s": patient_s, "therapist_s": therapist_s}
            return {"stage": "finished", "ended_at": at, "by_platform": by_platform, **lasted}
        case CalledOff(at=at, by=by):
            return {"stage": "cancelled", "ended_at": at, "by_platform": by == SYSTEM}
