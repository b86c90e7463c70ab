"""Answers what binds clinicians to patients, from the read models of care, supervision and broken glasses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

from mindlyfe.kernel.at_once import at_once
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.ties import BY_ITSELF, Held, Known

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


COLUMNS: Final = ("kind", "id", "subject", "since", "until", "via")


class HeldTies:
    """What runs, and what is agreed for later."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def held(self, *, tenant: TenantId, holder: PersonId) -> list[Held]:
        """All of one clinician."""
        values = {"tenant": tenant, "holder": holder, "now": self._clock(), "nil": BY_ITSELF}
        rows = await at_once(self._database, tenant, (HELD, values))
        return [Held(**dict(zip(COLUMNS, row, strict=True))) for row in rows]


class NothingKept:
    """Identity keeps no copy of its own ties: `Reach` asks it each time, and what it says is never old."""

    async def between(
        self,
        tenant: TenantId,  # noqa: ARG002
        holder: PersonId,  # noqa: ARG002
        subject: PersonId,  # noqa: ARG002
    ) -> Known:
        """Nothing, never confirmed."""
        return Known((), None)

    async def replace(self, tenant: TenantId, holder: PersonId, all_: Sequence[Held], checked_at: datetime) -> None:
        """Keep nothing."""
