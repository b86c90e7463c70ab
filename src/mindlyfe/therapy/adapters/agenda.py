"""What a day holds, read from the calendar and beside it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, LiteralString

from psycopg.rows import kwargs_row

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.therapy.contract.agenda import AgendaEntry, NoteOutstanding

ENTRY: Final[LiteralString] = """
    select calendar.appointment as id, calendar.patient, calendar.therapist, calendar.starts_at, calendar.minutes,
        schedule.kind, calendar.room, calendar.status, calendar.lapses_at, encounter.stage as encounter
    from calendar
    left join encounter on encounter.tenant = calendar.tenant and encounter.appointment = calendar.appointment
    left join schedule on schedule.tenant = calendar.tenant and schedule.therapist = calendar.therapist
        and schedule.schedule = calendar.schedule
    where (%(therapist)s::uuid is null or calendar.therapist = %(therapist)s) """
OF_DAY: Final[LiteralString] = (
    ENTRY
    + """
    and calendar.starts_at >= %(since)s and calendar.starts_at < %(until)s
    and calendar.status in ('requested', 'booked', 'missed', 'fulfilled') and not calendar.seat
    order by calendar.starts_at, calendar.appointment limit 1000"""
)
REQUESTS: Final[LiteralString] = (
    ENTRY
    + """
    and calendar.status = 'requested' and calendar.lapses_at > %(now)s
    order by calendar.lapses_at, calendar.appointment limit 200"""
)
UNSIGNED: Final[LiteralString] = """
    select calendar.appointment, calendar.patient, upper(calendar.during) as ended_at,
        (select note.note from note where note.appointment = calendar.appointment and note.author = calendar.therapist
         and note.stage = 'draft' order by note.started_at desc limit 1) as draft
    from calendar
    where calendar.therapist = %(therapist)s and calendar.status in ('booked', 'fulfilled')
    and calendar.patient is not null and upper(calendar.during) <= %(now)s
    and calendar.starts_at > %(now)s - interval '60 days'
    and not exists (select from note where note.appointment = calendar.appointment and note.author = calendar.therapist
                    and note.stage = 'signed')
    order by calendar.starts_at, calendar.appointment limit 200"""


class Days:
    """Row-level security keeps to the tenant, each query to the therapist, or to all of the clinic."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def appointments(
        self, tenant: TenantId, therapist: PersonId | None, since: datetime, until: datetime
    ) -> list[AgendaEntry]:
        """Those that start in the time, soonest first."""
        asked = {"therapist": therapist, "since": since, "until": until}
        return await self._entries(tenant, OF_DAY, asked)

    async def requests(self, tenant: TenantId, therapist: PersonId | None, now: datetime) -> list[AgendaEntry]:
        """Those that wait for an answer, soonest lapsing first."""
        return await self._entries(tenant, REQUESTS, {"therapist": therapist, "now": now})

    async def unsigned(self, tenant: TenantId, therapist: PersonId, now: datetime) -> list[NoteOutstanding]:
        """Appointments that are over, of which the therapist has signed no note; oldest first."""
        asked = {"therapist": therapist, "now": now}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(NoteOutstanding)) as rows:
            return await (await rows.execute(UNSIGNED, asked)).fetchall()

    async def _entries(self, tenant: TenantId, query: LiteralString, asked: Mapping[str, object]) -> list[AgendaEntry]:
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(AgendaEntry)) as rows:
            return await (await rows.execute(query, asked)).fetchall()
