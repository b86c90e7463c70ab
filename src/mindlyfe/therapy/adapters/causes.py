"""What makes a task without anybody saying so, and what ends one: found in the tables, for all clinics."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.therapy.application.tasks import Cause
from mindlyfe.therapy.contract.tasks import TaskKind

DUE: Final = timedelta(hours=24)
"""So long after an encounter its note should be signed."""
LONGEST: Final = timedelta(days=90)
"""What is older when it is first looked at is history, and no task any more."""
# Whose therapist left has nobody to write it: the clinic sees to it.
UNDOCUMENTED: Final[LiteralString] = """
    select e.tenant, 'note-outstanding', e.appointment, e.appointment::text, e.patient,
        case when l.person is null then e.therapist end, case when l.person is not null then 'clinic-admin' end, null
    from encounter e left join leaver l on l.tenant = e.tenant and l.person = e.therapist
    where e.stage = 'finished' and e.ended_at <= %(note_due)s and e.ended_at > %(oldest)s
    and not exists (select from note n
        where n.tenant = e.tenant and n.appointment = e.appointment and n.stage = 'signed')
    and not exists (select from task t
        where t.tenant = e.tenant and t.about = e.appointment and t.kind = 'note-outstanding')
    order by e.ended_at, e.encounter limit %(most)s offset %(passed)s"""
OVERDUE: Final[LiteralString] = """
    select p.tenant, 'plan-review-overdue', p.episode, p.plan || '/' || p.next_review, e.patient, e.clinician,
        null::text, null::uuid
    from treatment_plan p join episode e on e.tenant = p.tenant and e.episode = p.episode
    where e.stage in ('accepted', 'active') and p.next_review < %(today)s
    and not exists (select from task t
        where t.tenant = p.tenant and t.about = p.episode and t.kind = 'plan-review-overdue'
        and t.opened_at >= p.next_review::timestamptz)
    order by p.next_review, p.plan limit %(most)s offset %(passed)s"""
LEFT: Final[LiteralString] = """
    select e.tenant, 'leavers-episode', e.episode, e.episode || '/' || e.clinician, e.patient, null::uuid,
        'clinic-admin', e.clinician
    from episode e join leaver l on l.tenant = e.tenant and l.person = e.clinician
    where e.stage in ('accepted', 'active')
    and not exists (select from task t
        where t.tenant = e.tenant and t.about = e.episode and t.kind = 'leavers-episode'
        and (e.transferred_at is null or t.opened_at >= e.transferred_at))
    order by l.left_at, e.episode limit %(most)s offset %(passed)s"""
SETTLED: Final[LiteralString] = """
    select t.tenant, t.task from task t
    where t.closed_at is null and case t.kind
        when 'note-outstanding' then exists (select from note n
            where n.tenant = t.tenant and n.appointment = t.about and n.stage = 'signed')
        when 'no-show' then exists (select from calendar c
            where c.tenant = t.tenant and c.appointment = t.about and c.status <> 'missed')
        when 'leavers-episode' then exists (select from episode e
            where e.tenant = t.tenant and e.episode = t.about
            and (e.stage not in ('accepted', 'active') or e.transferred_at > t.opened_at))
        when 'plan-review-overdue' then exists (select from treatment_plan p
            join episode e on e.tenant = p.tenant and e.episode = p.episode
            where p.tenant = t.tenant and p.episode = t.about
            and (p.next_review >= %(today)s or e.stage not in ('accepted', 'active')))
        else false end
    order by t.opened_at, t.task limit %(most)s offset %(passed)s"""
BEGUN: Final[Mapping[TaskKind, LiteralString]] = MappingProxyType(
    {"note-outstanding": UNDOCUMENTED, "plan-review-overdue": OVERDUE, "leavers-episode": LEFT}
)


class Causes:
    """Answers `FoundCauses` of the application."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begun(self, kind: TaskKind, now: datetime, most: int, passed: int) -> Sequence[Cause]:
        """What of this kind there is no task for yet; without the first `passed`."""
        asked = {"note_due": now - DUE, "oldest": now - LONGEST, "today": now.date(), "most": most, "passed": passed}
        async with self._database.worker() as tx:
            return [Cause(*row) for row in await (await tx.execute(BEGUN[kind], asked)).fetchall()]

    async def ended(self, now: datetime, most: int, passed: int) -> Sequence[tuple[TenantId, UUID]]:
        """Open tasks whose cause is no more; without the first `passed`."""
        async with self._database.worker() as tx:
            rows = await tx.execute(SETTLED, {"today": now.date(), "most": most, "passed": passed})
            return [(tenant, task) for tenant, task in await rows.fetchall()]
