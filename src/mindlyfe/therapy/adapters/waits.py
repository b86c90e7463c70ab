"""Read model: the waiting list. Inline, so it can also refuse: a patient stands on it once."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Instant, PersonId, Recorded, TenantId
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.contract.waiting import AlreadyWaiting, WaitEntry, Wishes
from mindlyfe.therapy.domain.wait import (
    Joined,
    Left,
    Met,
    PatientMerged,
    Paused,
    Removed,
    Resumed,
    Step,
    UrgencyJudged,
    WishesChanged,
)

JOIN: Final[LiteralString] = """
    insert into waiting (wait, patient, therapist, team, wishes, status, since, present_at, version)
    values (%s, %s, %s, %s, %s::jsonb, 'waiting', %s, %s, %s)"""
WISH: Final[LiteralString] = """
    update waiting set (therapist, team, wishes, version) = (%s, %s, %s::jsonb, %s)
    where tenant = current_setting('app.tenant')::uuid and wait = %s"""
JUDGE: Final[LiteralString] = """
    update waiting set urgency = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and wait = %s"""
STAND: Final[LiteralString] = """
    update waiting set status = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and wait = %s"""
RESUME: Final[LiteralString] = """
    update waiting set status = 'waiting', present_at = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and wait = %s"""
MERGE: Final[LiteralString] = """
    update waiting set patient = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and wait = %s"""
SELECT: Final[LiteralString] = """
    select wait as id, patient, therapist, team, status, since, version from waiting """
LISTED: Final[LiteralString] = (
    SELECT
    + """
    where status in ('waiting', 'paused') and (since, wait) > (%(after)s, %(id)s)
    and (%(clinician)s::uuid is null or therapist is null or therapist = %(clinician)s)
    order by since, wait limit %(limit)s"""
)
OF_PATIENT: Final[LiteralString] = SELECT + "where patient = %s order by since, wait"
STANDING: Final[LiteralString] = "select wait from waiting where patient = %s and status in ('waiting', 'paused')"
ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {
        "waiting": """
        with without as (update waiting set therapist = null where therapist = %(person)s)
        delete from waiting where patient = %(person)s"""
    }
)
MOVES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {
        "waiting": """select exists (select from waiting
        where patient = %(person)s and status in ('waiting', 'paused'))"""
    }
)


class WaitingList:
    """Who waits in a clinic. Row-level security keeps to the tenant."""

    name = "waiting"
    tables: Sequence[LiteralString] = ("waiting",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({"waiting_once": AlreadyWaiting})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Step]], /) -> None:
        """Follow each step."""
        for each in recorded:
            query, values = _followed(each.event)
            if isinstance(each.event, Joined):
                await tx.execute(query, (each.stream, *values, each.version))
            else:
                await tx.execute(query, (*values, each.version, each.stream))

    async def standing(
        self, tenant: TenantId, clinician: PersonId | None, word: str | None, limit: int
    ) -> Page[WaitEntry]:
        """Who waits now, the longest waiting first: all, or those who may be met by a clinician. Raises Malformed."""
        since, id_ = after(word, tuple[Instant, UUID]) or BEGINNING
        row = {"clinician": clinician, "after": since, "id": id_, "limit": limit + 1}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(WaitEntry)) as rows:
            found = await (await rows.execute(LISTED, row)).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].since, items[-1].id) if len(found) > limit else None)

    async def of_patient(self, tenant: TenantId, patient: PersonId) -> list[WaitEntry]:
        """A patient's places, past ones too, oldest first."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(WaitEntry)) as rows:
            return await (await rows.execute(OF_PATIENT, (patient,))).fetchall()

    async def place_of(self, tenant: TenantId, patient: PersonId) -> UUID | None:
        """Where the patient stands on the list now."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(STANDING, (patient,))).fetchone()
        return row[0] if row else None


def _followed(step: Step) -> tuple[LiteralString, tuple[object, ...]]:  # noqa: PLR0911 # one line per step
    """What a step writes, and with which values beside the place and its version."""
    match step:
        case Joined(patient=patient, wishes=wishes, at=at):
            return JOIN, (patient, *_wished(wishes), at, at)
        case WishesChanged(wishes=wishes):
            return WISH, _wished(wishes)
        case UrgencyJudged(urgency=urgency):
            return JUDGE, (urgency,)
        case Resumed(at=at):
            return RESUME, (at,)
        case PatientMerged(patient=patient):
            return MERGE, (patient,)
        case Paused():
            return STAND, ("paused",)
        case Left():
            return STAND, ("left",)
        case Removed():
            return STAND, ("removed",)
        case Met():
            return STAND, ("met",)


def _wished(wishes: Wishes) -> tuple[object, ...]:
    return wishes.therapist, wishes.team, msgspec.json.encode(wishes).decode()
