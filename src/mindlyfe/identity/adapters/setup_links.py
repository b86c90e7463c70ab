"""Read model: links by which clinics are opened, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract.clinics import LinkState, SetUpLinkListed
from mindlyfe.identity.domain.setup import Begun, Change, Done, Offered, Withdrawn
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import REGION, Recorded
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx

OFFER: Final[LiteralString] = """
    insert into setup_link (id, operator, state, offered_at, expires_at, version) values (%s, %s, 'open', %s, %s, %s)
    on conflict (tenant, id) do update set expires_at = excluded.expires_at, version = excluded.version"""
BEGIN: Final[LiteralString] = "update setup_link set organisation = %s, version = %s where tenant = %s and id = %s"
CLOSE: Final[LiteralString] = "update setup_link set state = %s, version = %s where tenant = %s and id = %s"
PAGE: Final[LiteralString] = """
    with link as (
        select id, case when state = 'open' and expires_at <= %(now)s then 'expired' else state end as state, operator,
            offered_at, expires_at, case when state = 'used' then organisation end as organisation
        from setup_link where tenant = %(tenant)s)
    select * from link where (offered_at, id) > (%(at)s, %(id)s) and (%(state)s::text is null or state = %(state)s)
    order by offered_at, id limit %(limit)s"""


class OfferedLinks:
    """Links of the region. An open one that is past its end has expired: nobody has to note it."""

    name = "setup_link"
    tables: Sequence[LiteralString] = ("setup_link",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow what becomes of each."""
        for r in recorded:
            place = (r.version, r.tenant, r.stream)
            match r.event:
                case Offered(expires_at=ends, operator=operator):
                    await tx.execute(OFFER, (r.stream, operator, r.at, ends, r.version))
                case Begun(organisation=organisation):
                    await tx.execute(BEGIN, (organisation, *place))
                case Done():
                    await tx.execute(CLOSE, ("used", *place))
                case Withdrawn():
                    await tx.execute(CLOSE, ("withdrawn", *place))

    async def page(
        self, *, state: LinkState | None, word: str | None, limit: int, now: datetime
    ) -> Page[SetUpLinkListed]:
        """Those in this state, or all, the oldest first. Raises Malformed for a wrong cursor."""
        at, last = after(word, tuple[datetime, UUID]) or BEGINNING
        asked = {"tenant": REGION, "now": now, "at": at, "id": last, "state": state, "limit": limit + 1}
        async with self._database.app(REGION) as tx, tx.cursor(row_factory=class_row(SetUpLinkListed)) as rows:
            found = await (await rows.execute(PAGE, asked)).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].offered_at, items[-1].id) if len(found) > limit else None)
