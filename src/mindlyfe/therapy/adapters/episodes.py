"""Read model: where each episode of care stands. Inline, so it can also refuse: a patient has one that runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Instant, PersonId, Recorded, TenantId
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract.episodes import EpisodeEntry, EpisodeRuns, Stage
from mindlyfe.therapy.domain.episode import (
    Accepted,
    Begun,
    Described,
    Discharged,
    PatientMerged,
    Referred,
    Refused,
    Step,
    Transferred,
    Withdrawn,
)

REFER: Final[LiteralString] = """
    insert into episode (episode, patient, stage, source, addressed_to, referred_at, version)
    values (%s, %s, 'referred', %s, %s, %s, %s)"""
MOVE: Final[LiteralString] = """
    update episode set stage = coalesce(%s, stage), clinician = coalesce(%s, clinician),
        ended_at = coalesce(%s, ended_at), version = %s
    where tenant = current_setting('app.tenant')::uuid and episode = %s"""
MERGE: Final[LiteralString] = """
    update episode set patient = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and episode = %s"""
TRANSFER: Final[LiteralString] = """
    update episode set clinician = %s, transferred_at = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and episode = %s"""
RUNNING: Final[LiteralString] = """
    select episode from episode where patient = %s and stage in ('referred', 'accepted', 'active')"""
SELECT: Final[LiteralString] = """
    select episode as id, patient, stage, source, addressed_to, clinician, referred_at, ended_at, version
    from episode """
LISTED: Final[LiteralString] = """
    and (referred_at, episode) > (%(since)s, %(id)s) order by referred_at, episode limit %(limit)s"""
CONCERNS: Final[LiteralString] = """
    and (%(person)s::uuid is null or %(person)s = coalesce(clinician, addressed_to)
         or (stage = 'referred' and addressed_to is null))"""
AT_STAGE: Final[LiteralString] = SELECT + "where stage = %(stage)s" + CONCERNS + LISTED
THEIRS: Final[LiteralString] = """
    where patient = %(patient)s or patient in (select person from merged where survivor = %(patient)s)
    order by referred_at, episode"""
OF_PATIENT: Final[LiteralString] = SELECT + THEIRS
RUNS: Final[LiteralString] = (
    "select exists (select from episode where patient = %s and stage in ('referred', 'accepted', 'active'))"
)


class EpisodeList:
    """The episodes of a clinic. Row-level security keeps to the tenant."""

    name = "episodes"
    tables: Sequence[LiteralString] = ("episode",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({"episode_runs": EpisodeRuns})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Step]], /) -> None:
        """Follow each step."""
        for each in recorded:
            if isinstance(each.event, Referred):
                e = each.event
                await tx.execute(REFER, (each.stream, e.patient, e.source, e.addressed_to, e.at, each.version))
            elif isinstance(each.event, PatientMerged):
                await tx.execute(MERGE, (each.event.patient, each.version, each.stream))
            elif isinstance(each.event, Transferred):
                await tx.execute(TRANSFER, (each.event.clinician, each.event.at, each.version, each.stream))
            else:
                await tx.execute(MOVE, (*_moved(each.event), each.version, each.stream))

    async def at_stage(
        self, tenant: TenantId, stage: Stage, clinician: PersonId | None, word: str | None, limit: int
    ) -> Page[EpisodeEntry]:
        """Those at one stage, the longest waiting first: all, or what concerns a clinician. Raises Malformed."""
        since, id_ = after(word, tuple[Instant, UUID]) or BEGINNING
        row = {"stage": stage, "person": clinician, "since": since, "id": id_, "limit": limit + 1}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(EpisodeEntry)) as rows:
            found = await (await rows.execute(AT_STAGE, row)).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].referred_at, items[-1].id) if len(found) > limit else None)

    async def of_patient(self, tenant: TenantId, patient: PersonId) -> list[EpisodeEntry]:
        """A patient's, those of accounts that became theirs among them; oldest first."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(EpisodeEntry)) as rows:
            return await (await rows.execute(OF_PATIENT, {"patient": patient})).fetchall()

    async def running(self, tenant: TenantId, patient: PersonId) -> UUID | None:
        """The patient's that runs."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(RUNNING, (patient,))).fetchone()
        return row[0] if row else None

    async def runs(self, tenant: TenantId, patient: PersonId) -> bool:
        """Whether the patient has one that runs."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(RUNS, (patient,))).fetchone()
        return bool(row and row[0])


def _moved(
    step: Accepted | Refused | Withdrawn | Begun | Described | Discharged,
) -> tuple[Stage | None, PersonId | None, datetime | None]:
    """Stage, clinician and end that the step brings; None leaves what was."""
    match step:
        case Accepted(clinician=clinician):
            return "accepted", clinician, None
        case Refused(at=at):
            return "refused", None, at
        case Withdrawn(at=at):
            return "withdrawn", None, at
        case Begun():
            return "active", None, None
        case Described():
            return None, None, None
        case Discharged(at=at):
            return "discharged", None, at
