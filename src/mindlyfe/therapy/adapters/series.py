"""Read models: series, and which appointment is which occurrence. Both inline."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, LiteralString

from psycopg.rows import dict_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.application.occurrences import Known
from mindlyfe.therapy.contract.series import SeriesId
from mindlyfe.therapy.domain.appointment import Change as AppointmentChange
from mindlyfe.therapy.domain.appointment import Placed, SeriesJoined
from mindlyfe.therapy.domain.booked_series import (
    Change,
    PatientMerged,
    SeriesBegun,
    SeriesEnded,
    SeriesExtended,
    SeriesSettled,
)

BEGIN: Final[LiteralString] = """
    insert into series (series, patient, therapist, schedule, zone, first, every_days, count, version)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
CHANGE: Final[LiteralString] = """
    update series set count = coalesce(%s, count), ended_after = coalesce(%s, ended_after),
        patient = coalesce(%s, patient), version = %s
    where tenant = current_setting('app.tenant')::uuid and series = %s"""
JOIN: Final[LiteralString] = """
    insert into occurrence (appointment, series, number, original) values (%s, %s, %s, %s)
    on conflict (tenant, appointment) do update set
        series = excluded.series, number = excluded.number, original = excluded.original"""
KNOWN: Final[LiteralString] = """
    select number, appointment, original, starts_at, status
    from occurrence join calendar using (tenant, appointment) where series = %s order by number"""
OF_PATIENT: Final[LiteralString] = "select series from series where patient = %s order by first, series limit 200"
TOLD: Final[LiteralString] = """
    select series::text, therapist::text, zone as time_zone, first as starts_at, every_days, count as appointments,
        ended_after
    from series where patient = %s order by first, series"""
ERASES: Final[Mapping[str, LiteralString]] = {"series": "delete from series where patient = %(person)s"}
MOVES: Final[Mapping[str, LiteralString]] = {
    "series": "select exists (select from series where patient = %(person)s)",
}


class SeriesList:
    """The series of a clinic."""

    name = "series"
    tables: Sequence[LiteralString] = ("series",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each change in its place."""
        for each in recorded:
            match each.event:
                case SeriesBegun(patient=patient, therapist=therapist, plan=p, count=count):
                    plan = (p.schedule, p.zone, p.first, p.every_days)
                    await tx.execute(BEGIN, (each.stream, patient, therapist, *plan, count, each.version))
                case SeriesExtended(count=count):
                    await tx.execute(CHANGE, (count, None, None, each.version, each.stream))
                case SeriesEnded(after=after):
                    await tx.execute(CHANGE, (None, after, None, each.version, each.stream))
                case PatientMerged(patient=patient):
                    await tx.execute(CHANGE, (None, None, patient, each.version, each.stream))
                case SeriesSettled():
                    await tx.execute(CHANGE, (None, None, None, each.version, each.stream))

    async def of_patient(self, tenant: TenantId, patient: PersonId) -> Sequence[SeriesId]:
        """Up to 200 series that stand under this patient."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(OF_PATIENT, (patient,))).fetchall()
        return [SeriesId(series) for (series,) in rows]

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """A patient's series, for their export; the appointments are told by themselves."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=dict_row) as rows:
            found = await (await rows.execute(TOLD, (person,))).fetchall()
        return [Entry(topic="appointments", values=row | {"starts_at": row["starts_at"].isoformat()}) for row in found]


class OccurrenceList:
    """Which appointment is which occurrence. Kept with the appointments; it names nobody."""

    name = "occurrences"
    tables: Sequence[LiteralString] = ("occurrence",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[AppointmentChange]], /) -> None:
        """Each appointment that is, or becomes, an occurrence."""
        for each in recorded:
            member = each.event.member if isinstance(each.event, Placed | SeriesJoined) else None
            if member is not None:
                await tx.execute(JOIN, (each.stream, member.series, member.number, member.original))

    async def of(self, tenant: TenantId, series: SeriesId) -> Mapping[int, Known]:
        """Those of a series that are appointments, by their number."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(KNOWN, (series,))).fetchall()
        return {number: Known(*row) for number, *row in rows}
