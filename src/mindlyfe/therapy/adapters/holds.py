"""Read model: slots that are kept for somebody. Inline, so it can also refuse: one offer each, and two holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import kwargs_row

from mindlyfe.kernel.errors import DomainError, NotFound
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.application.offering import Over
from mindlyfe.therapy.contract.holds import AlreadyOffered, OfferView, TooManyHolds
from mindlyfe.therapy.contract.waiting import OfferId, WaitId, Wishes
from mindlyfe.therapy.domain.appointment import Change, PatientMerged
from mindlyfe.therapy.domain.matching import Candidate
from mindlyfe.therapy.domain.placed import Held, HoldEnded

HOLD: Final[LiteralString] = """
    insert into hold (hold, holder, patient, therapist, starts_at, minutes, wait, number, until, version)
    values (%(hold)s, %(holder)s, %(patient)s, %(therapist)s, %(starts_at)s, %(minutes)s, %(wait)s::uuid,
        case when %(wait)s::uuid is null then coalesce(
            (select n from generate_series(1, 2) as n
             where not exists (select from hold where holder = %(holder)s and number = n) order by n limit 1), 2) end,
        %(until)s, %(version)s)"""
RELEASE: Final[LiteralString] = "delete from hold where tenant = current_setting('app.tenant')::uuid and hold = %s"
ANSWER: Final[LiteralString] = """
    update hold set outcome = %s, ended_at = %s, version = %s
    where tenant = current_setting('app.tenant')::uuid and hold = %s"""
MERGE: Final[LiteralString] = """
    update hold set patient = %(patient)s, number = null,
        holder = case holder when %(was)s then %(patient)s else holder end
    where tenant = current_setting('app.tenant')::uuid and hold = %(hold)s"""
OVER: Final[LiteralString] = """
    select tenant, hold, waits from (
        select hold.tenant, hold, until, (wait is null or coalesce(waiting.status = 'waiting', false)) and exists (
            select from schedule where schedule.tenant = hold.tenant and schedule.therapist = hold.therapist) as waits
        from hold left join waiting using (tenant, wait) where outcome is null) as held
    where until <= %s or not waits order by until limit %s"""
CANDIDATES: Final[LiteralString] = """
    select wait, patient, wishes::text, urgency, since,
        case when team is not null then array(select m.therapist from team_member m where m.team = waiting.team)
             when therapist is not null then array[therapist] end,
        array(select distinct c.therapist from calendar c
              where c.patient = waiting.patient and c.status in ('booked', 'fulfilled')),
        array(select array[extract(epoch from lower(c.during))::bigint, extract(epoch from upper(c.during))::bigint]
              from calendar c where c.patient = waiting.patient and c.takes_time and upper(c.during) > %(now)s),
        exists (select from hold h where h.wait = waiting.wait and h.outcome is null),
        array(select h.therapist from hold h where h.wait = waiting.wait and h.starts_at > %(now)s order by h.hold),
        array(select extract(epoch from h.starts_at)::bigint from hold h
              where h.wait = waiting.wait and h.starts_at > %(now)s order by h.hold),
        (select count(*) from hold h where h.wait = waiting.wait and h.outcome = 'expired'
            and h.ended_at > greatest(present_at, (select max(d.ended_at) from hold d
                where d.wait = waiting.wait and d.outcome = 'declined')))
    from waiting where status = 'waiting'
    and not exists (select from hold h where h.wait = waiting.wait and h.outcome = 'accepted')
    order by since, wait limit 2000"""
SELECT: Final[LiteralString] = """
    select hold as id, wait, patient, therapist, starts_at, minutes, until as expires_at, outcome
    from hold where wait is not null """
ONE: Final[LiteralString] = SELECT + "and hold = %s"
OPEN: Final[LiteralString] = (
    SELECT
    + """
    and outcome is null and (%(patient)s::uuid is null or patient = %(patient)s)
    and (%(therapist)s::uuid is null or therapist = %(therapist)s) order by until, hold limit 200"""
)
ERASES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {"hold": "delete from hold where %(person)s in (patient, holder, therapist)"}
)
MOVES: Final[Mapping[str, LiteralString]] = MappingProxyType(
    {"hold": "select exists (select from hold where patient = %(person)s and outcome is null)"}
)


class Holds:
    """What is kept, and who could be offered what is free. Row-level security keeps to the tenant."""

    name = "holds"
    tables: Sequence[LiteralString] = ("hold",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType(
        {"hold_two": TooManyHolds, "hold_one_offer": AlreadyOffered}
    )

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Follow what concerns a slot that is kept."""
        for each in recorded:
            match each.event:
                case Held() as held:
                    await tx.execute(HOLD, _row(held, each))
                case HoldEnded(offered=True, outcome=outcome, at=at):
                    await tx.execute(ANSWER, (outcome, at, each.version, each.stream))
                case HoldEnded():
                    await tx.execute(RELEASE, (each.stream,))
                case PatientMerged(patient=patient, was=was):
                    await tx.execute(MERGE, {"hold": each.stream, "patient": patient, "was": was})
                case _:
                    pass

    async def over(self, now: datetime, most: int) -> Sequence[Over]:
        """Of all clinics, some that are kept too long, or for nobody."""
        async with self._database.worker() as tx:
            return [Over(*row) for row in await (await tx.execute(OVER, (now, most))).fetchall()]

    async def candidates(self, tenant: TenantId, now: datetime) -> Sequence[Candidate]:
        """Everybody of a clinic who waits for offers, the first 2,000."""
        async with self._database.app(tenant) as tx:
            return [_candidate(row) for row in await (await tx.execute(CANDIDATES, {"now": now})).fetchall()]

    async def offer(self, tenant: TenantId, offer: UUID) -> OfferView | None:
        """An offer, open or over."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(OfferView)) as rows:
            return await (await rows.execute(ONE, (offer,))).fetchone()

    async def waiting_offer(self, *, tenant: TenantId, offer: OfferId) -> OfferView:
        """Answers the contract's question. Raises NotFound."""
        found = await self.offer(tenant, offer)
        if found is None:
            raise NotFound
        return found

    async def open_offers(
        self, tenant: TenantId, *, patient: PersonId | None = None, therapist: PersonId | None = None
    ) -> list[OfferView]:
        """Those that can be answered, soonest over first, 200 at most: of a patient, of a therapist's slots, or all."""
        asked = {"patient": patient, "therapist": therapist}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(OfferView)) as rows:
            return await (await rows.execute(OPEN, asked)).fetchall()


def _row(held: Held, recorded: Recorded[Any]) -> dict[str, Any]:
    return {
        "hold": recorded.stream,
        "holder": held.holder,
        "patient": held.then.patient,
        "therapist": held.then.therapist,
        "starts_at": held.then.starts_at,
        "minutes": held.then.minutes,
        "wait": held.trace.wait if held.trace else None,
        "until": held.until,
        "version": recorded.version,
    }


def _candidate(row: tuple[Any, ...]) -> Candidate:
    wait, patient, wishes, urgency, since, therapists, met, busy, has_offer, had, starts, unanswered = row
    return Candidate(
        wait=WaitId(wait),
        patient=patient,
        wishes=msgspec.json.decode(wishes, type=Wishes),
        urgency=urgency,
        since=since,
        therapists=None if therapists is None else frozenset(therapists),
        met=frozenset(met),
        busy=[(begins, ends) for begins, ends in busy],
        has_offer=has_offer,
        had=frozenset(zip(had, starts, strict=True)),
        unanswered=unanswered,
    )
