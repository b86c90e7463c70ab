"""Answers what binds clinicians to patients, from the read models of care, supervision and broken glasses."""

from typing import Final, LiteralString

from psycopg.rows import kwargs_row

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.ties import BY_ITSELF, Held

HELD: Final[LiteralString] = """
    with running as (select * from care where tenant = %(tenant)s and (until is null or until > %(now)s))
    select 'care' as kind, id, patient as subject, since, until, %(nil)s::uuid as via
    from running where clinician = %(holder)s
    union all
    select 'supervision', s.id, c.patient, greatest(s.since, c.since), least(s.until, c.until), c.id
    from supervision s join running c on c.clinician = s.clinician and c.patient <> s.supervisor
    where s.tenant = %(tenant)s and s.supervisor = %(holder)s and (s.until is null or s.until > %(now)s)
    union all
    select 'break-glass', id, patient, opened_at, until, %(nil)s::uuid
    from break_glass where tenant = %(tenant)s and clinician = %(holder)s and until > %(now)s"""


class HeldTies:
    """What runs, and what is agreed for later."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def held(self, *, tenant: TenantId, holder: PersonId) -> list[Held]:
        """All of one clinician."""
        values = {"tenant": tenant, "holder": holder, "now": self._clock(), "nil": BY_ITSELF}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(Held)) as rows:
            return await (await rows.execute(HELD, values)).fetchall()
