"""Read model: which clinics there are, for operators."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract.clinics import ClinicListed
from mindlyfe.identity.domain.organisation import Change, Described, Founded
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Recorded
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx

FOUND: Final[LiteralString] = "insert into organisation (name, region, opened_at) values (%s, %s, %s)"
DESCRIBE: Final[LiteralString] = "update organisation set name = %s, jurisdiction = %s where tenant = %s"
ANY: Final[LiteralString] = "select exists (select from organisation)"
# Of members nothing but their number leaves this query, and nothing else is read of them.
PAGE: Final[LiteralString] = """
    select tenant as id, name, region, jurisdiction, opened_at,
        (select count(*) from member where member.tenant = organisation.tenant and standing <> 'left') as members
    from organisation where (opened_at, tenant) > (%s, %s) order by opened_at, tenant limit %s"""


class Clinics:
    """One row per organisation of the region."""

    name = "organisation"
    tables: Sequence[LiteralString] = ("organisation",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Note each new one, and what it is called."""
        for r in recorded:
            match r.event:
                case Founded(name=name, region=region):
                    await tx.execute(FOUND, (name, region, r.at))
                case Described(name=name, jurisdiction=jurisdiction):
                    await tx.execute(DESCRIBE, (name, jurisdiction, r.tenant))
                case _:
                    continue

    async def any(self) -> bool:
        """Whether this installation has an organisation. Spans tenants; for the start of the platform only."""
        async with self._database.worker() as tx:
            row = await (await tx.execute(ANY)).fetchone()
        return bool(row and row[0])

    async def page(self, word: str | None, limit: int) -> Page[ClinicListed]:
        """Those of the region in the order they opened. Raises Malformed for a wrong cursor.

        Spans tenants on purpose, and is the one list that does. Operators run the installation: they must know which
        clinics it serves, whose law holds there and how large they are. Names, addresses and ids of people, and what a
        clinic keeps of them, are none of that: a new column here is a decision, not a convenience.
        """
        at, last = after(word, tuple[datetime, UUID]) or BEGINNING
        async with self._database.worker() as tx, tx.cursor(row_factory=class_row(ClinicListed)) as rows:
            found = await (await rows.execute(PAGE, (at, last, limit + 1))).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].opened_at, items[-1].id) if len(found) > limit else None)
