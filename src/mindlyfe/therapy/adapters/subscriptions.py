"""Read model: whose calendar which address shows, and the lines of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, LiteralString

from psycopg.rows import DictRow, dict_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.application.subscriptions import Subscriber
from mindlyfe.therapy.domain.line import DISCREET, STANDING, Line, Member
from mindlyfe.therapy.domain.subscription import (
    Change,
    SubscriptionChanged,
    SubscriptionOpened,
    SubscriptionRevoked,
)

OPEN: Final[LiteralString] = """
    insert into subscription (person, digest, shows, version) values (%(person)s, %(digest)s, 'busy', %(version)s)
    on conflict (tenant, person) do update set digest = excluded.digest, version = excluded.version"""
SHOW: Final[LiteralString] = """
    insert into subscription (person, shows, version) values (%(person)s, %(shows)s, %(version)s)
    on conflict (tenant, person) do update set shows = excluded.shows, version = excluded.version"""
REVOKE: Final[LiteralString] = """
    update subscription set digest = null, version = %(version)s
    where tenant = current_setting('app.tenant')::uuid and person = %(person)s"""
BY: Final[LiteralString] = "select person, shows from subscription where digest = %s"
SELECT: Final[LiteralString] = """
    select appointment, calendar.patient, calendar.starts_at, calendar.minutes, status, calendar.version,
        calendar.updated_at, coalesce(schedule.zone, 'UTC') as zone,
        occurrence.series, occurrence.number, occurrence.original, series.first, series.every_days,
        series.zone as series_zone
    from calendar
    left join occurrence using (tenant, appointment)
    left join schedule on schedule.tenant = calendar.tenant and schedule.therapist = calendar.therapist
        and schedule.schedule = calendar.schedule
    left join series on series.tenant = occurrence.tenant and series.series = occurrence.series"""
THEIRS: Final[LiteralString] = """
    where (calendar.patient = %(person)s or (calendar.therapist = %(person)s and not seat))
        and status = any(%(shown)s) and (calendar.starts_at >= %(since)s or occurrence.series in (
            select goes_on.series from calendar later join occurrence goes_on using (tenant, appointment)
            where (later.patient = %(person)s or later.therapist = %(person)s) and later.starts_at >= %(since)s))
    order by calendar.starts_at, appointment limit 5000"""
LINES: Final[LiteralString] = SELECT + THEIRS
ERASES: Final[Mapping[str, LiteralString]] = {"subscription": "delete from subscription where person = %(person)s"}
STAYS: Final[Mapping[str, str]] = {"subscription": "shows the account's own appointments, which are the survivor's"}


class SubscriptionList:
    """The subscriptions of a clinic."""

    name = "subscriptions"
    tables: Sequence[LiteralString] = ("subscription",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each change in its place."""
        for each in recorded:
            row: dict[str, Any] = {"person": each.event.person, "version": each.version}
            match each.event:
                case SubscriptionOpened(digest=digest):
                    await tx.execute(OPEN, row | {"digest": bytes.fromhex(digest)})
                case SubscriptionChanged(shows=shows):
                    await tx.execute(SHOW, row | {"shows": shows})
                case SubscriptionRevoked():
                    await tx.execute(REVOKE, row)

    async def by(self, tenant: TenantId, digest: bytes) -> Subscriber | None:
        """Whose address has this digest."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(BY, (digest,))).fetchone()
        return Subscriber(PersonId(row[0]), row[1]) if row else None

    async def lines(self, tenant: TenantId, person: PersonId, since: datetime) -> list[tuple[PersonId | None, Line]]:
        """The person's appointments from `since` on, with their patients; of a series that goes on, all."""
        asked = {"person": person, "since": since, "shown": list(STANDING)}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=dict_row) as rows:
            found = await (await rows.execute(LINES, asked)).fetchall()
        return [(row["patient"], line_of(row)) for row in found]


def line_of(row: DictRow) -> Line:
    """A row of SELECT. Its sequence grows with each change."""
    return Line(
        id=row["appointment"],
        starts_at=row["starts_at"],
        minutes=row["minutes"],
        zone=row["zone"],
        status=STANDING[row["status"]],
        sequence=row["version"] - 1,
        updated_at=row["updated_at"],
        summary=DISCREET,
        member=_member(row) if row["series"] and row["first"] else None,
    )


def _member(row: DictRow) -> Member:
    return Member(
        series=row["series"],
        number=row["number"],
        original=row["original"],
        first=row["first"],
        every_days=row["every_days"],
        zone=row["series_zone"],
    )
