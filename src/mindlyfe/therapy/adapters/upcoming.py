"""What somebody has before them, from the calendar; when it was booked is what the log says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

from psycopg.rows import kwargs_row

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.therapy.application.lapsing import Unanswered
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.domain.displacing import Displaced

OF: Final[LiteralString] = """
    select appointment from calendar
    join event on event.tenant = calendar.tenant and stream = appointment and event.version = 1
    where (patient = %(person)s or therapist = %(person)s) and patient is not null
    and status in ('requested', 'booked') and starts_at > %(now)s
    and (%(booked_by)s::timestamptz is null or at <= %(booked_by)s) order by starts_at, appointment"""

LAPSED: Final[LiteralString] = """
    select tenant, appointment from calendar where status = 'requested' and lapses_at <= %s
    order by lapses_at, appointment limit %s offset %s"""

DISPLACED: Final[LiteralString] = """
    select appointment, patient, starts_at, minutes, status, appointment_type is not null as typed, version
    from calendar where therapist = %s and status in ('requested', 'booked') and group_session is null
    and starts_at >= %s and starts_at < %s order by starts_at, appointment limit 200"""


class UpcomingAppointments:
    """Answers `Upcoming`, `Requests` and `Planned` of the application."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(
        self, tenant: TenantId, person: PersonId, *, now: datetime, booked_by: datetime | None
    ) -> Sequence[AppointmentId]:
        """Those the person takes part in, soonest first."""
        asked = {"person": person, "now": now, "booked_by": booked_by}
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(OF, asked)).fetchall()
        return [AppointmentId(appointment) for (appointment,) in rows]

    async def displaced(
        self, tenant: TenantId, therapist: PersonId, start: datetime, end: datetime
    ) -> Sequence[Displaced]:
        """What the therapist has before them that starts in this time, soonest first, up to 200."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(Displaced)) as rows:
            return await (await rows.execute(DISPLACED, (therapist, start, end))).fetchall()

    async def lapsed(self, now: datetime, most: int, passed: int) -> Sequence[Unanswered]:
        """The requests of all clinics that were to be answered by now, the oldest first: so many, after so many."""
        async with self._database.worker() as tx:
            rows = await (await tx.execute(LAPSED, (now, most, passed))).fetchall()
        return [Unanswered(*row) for row in rows]
