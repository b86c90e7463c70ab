"""Read model: feeds, and beside it how they are and the busy times they brought."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, LiteralString

from psycopg.rows import dict_row

from mindlyfe.kernel.columns import Bigints
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.web_address import host_of
from mindlyfe.therapy.application.ports import Due, Health
from mindlyfe.therapy.contract.feeds import FeedId, FeedView
from mindlyfe.therapy.contract.feeds import Health as State
from mindlyfe.therapy.domain.feed import Change, FeedAdded, FeedRemoved
from mindlyfe.therapy.domain.slots import Stretch

ADD: Final[LiteralString] = """
    insert into feed (feed, therapist, name, host, zone, all_day_busy) values (%s, %s, %s, %s, %s, %s)"""
REMOVE: Final[LiteralString] = "delete from feed where feed = %s"
OF: Final[LiteralString] = """
    select feed as id, name, host, zone, all_day_busy, trouble, good_at, checked_at,
        (select count(*) from imported where imported.tenant = feed.tenant and imported.feed = feed.feed) as busy
    from feed left join feed_health using (tenant, feed) where feed.therapist = %s order by name, feed"""
TOLD: Final[LiteralString] = """
    select name as calendar_elsewhere, host, zone as time_zone,
        array(select to_char(to_timestamp(begins) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '/' ||
                     to_char(to_timestamp(ends) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
              from imported i where i.tenant = feed.tenant and i.feed = feed.feed order by begins) as busy
    from feed where therapist = %s order by name, feed"""
DUE: Final[LiteralString] = """
    select tenant, feed, feed.therapist, coalesce(etag, ''), read_at, coalesce(failures, 0)
    from feed left join feed_health using (tenant, feed)
    where next_at is null or next_at <= %s order by next_at nulls first limit %s"""
HEALTH: Final[LiteralString] = """
    insert into feed_health (feed, therapist, etag, read_at, good_at, checked_at, next_at, failures, trouble)
    values (%(feed)s, %(therapist)s, %(etag)s, %(read_at)s, %(good_at)s, %(now)s, %(next_at)s, %(failures)s,
        %(trouble)s)
    on conflict (tenant, feed) do update set
        etag = coalesce(excluded.etag, feed_health.etag), read_at = coalesce(excluded.read_at, feed_health.read_at),
        good_at = coalesce(excluded.good_at, feed_health.good_at), checked_at = excluded.checked_at,
        next_at = excluded.next_at, failures = excluded.failures, trouble = excluded.trouble"""
CLEAR: Final[LiteralString] = "delete from imported where feed = %s"
FILL: Final[LiteralString] = """
    insert into imported (feed, therapist, begins, ends) select %b, %b, b, e from unnest(%b, %b) as line (b, e)"""
FORGET: Final[LiteralString] = "delete from feed_health where feed = %s"
SOON: Final[LiteralString] = """
    update feed_health set next_at = %(now)s
    where feed = %(feed)s and therapist = %(therapist)s and checked_at <= %(before)s"""
KNOWN: Final[LiteralString] = "select exists (select from feed where feed = %s and therapist = %s)"
PAUSE: Final = timedelta(minutes=1)
"""Between two tries that somebody asks for."""


class Feeds:
    """The feeds of a clinic's therapists. The address is not here: it is in the sealed event alone."""

    name = "feeds"
    tables: Sequence[LiteralString] = ("feed",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each change in its place."""
        for each in recorded:
            match each.event:
                case FeedAdded() as e:
                    shown = (e.name, host_of(e.url), e.zone, e.all_day_busy)
                    await tx.execute(ADD, (each.stream, e.therapist, *shown))
                case FeedRemoved():
                    await tx.execute(REMOVE, (each.stream,))

    async def of(self, tenant: TenantId, therapist: PersonId, now: datetime) -> list[FeedView]:
        """The therapist's, and how they are."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=dict_row) as rows:
            found = await (await rows.execute(OF, (therapist,))).fetchall()
        return [_view(row, now) for row in found]

    async def told(self, tenant: TenantId, therapist: PersonId) -> list[dict[str, Any]]:
        """What the therapist's export says of them: whence, and the times they brought."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=dict_row) as rows:
            return await (await rows.execute(TOLD, (therapist,))).fetchall()

    async def due(self, now: datetime, most: int) -> Sequence[Due]:
        """Of all clinics, those that are to be asked now, the longest waiting first."""
        async with self._database.worker() as tx:
            return [Due(*row) for row in await (await tx.execute(DUE, (now, most))).fetchall()]

    async def note(self, tenant: TenantId, health: Health, busy: Sequence[Stretch] | None) -> None:
        """How a try went; with other busy times, they replace those before."""
        async with self._database.app(tenant) as tx:
            await tx.execute(HEALTH, {name: getattr(health, name) for name in health.__struct_fields__})
            if busy is not None:
                await tx.execute(CLEAR, (health.feed,))
                columns = Bigints([begins for begins, _ in busy]), Bigints([ends for _, ends in busy])
                await tx.execute(FILL, (health.feed, health.therapist, *columns))

    async def forget(self, tenant: TenantId, feed: FeedId) -> None:
        """Nothing of what it brought stays."""
        async with self._database.app(tenant) as tx:
            await tx.execute(CLEAR, (feed,))
            await tx.execute(FORGET, (feed,))

    async def soon(self, tenant: TenantId, feed: FeedId, therapist: PersonId, now: datetime) -> bool:
        """Have it asked now, unless it was within a minute. Whether the therapist has such a feed."""
        asked = {"now": now, "before": now - PAUSE, "feed": feed, "therapist": therapist}
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(KNOWN, (feed, therapist))).fetchone()
            await tx.execute(SOON, asked)
        return bool(row and row[0])


def _view(row: dict[str, Any], now: datetime) -> FeedView:
    good, trouble = row["good_at"], row["trouble"]
    health: State = "fresh"
    if row["checked_at"] is None:
        health = "waiting"
    elif trouble:
        health = "stale" if good else "broken"
    return FeedView(
        health=health,
        age_minutes=(now - good) // timedelta(minutes=1) if good else None,
        **row,
    )
