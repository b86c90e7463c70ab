"""Read model: who supervises whom. Inline, so it refuses the same supervision twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.identity.contract.supervision import SupervisionView
from mindlyfe.identity.domain.supervision import Change, Ended, Started, SupervisionRuns
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Principal, Recorded
from mindlyfe.kernel.paging import BEGINNING, Page, after, cursor
from mindlyfe.kernel.postgres import Database, Tx

START: Final[LiteralString] = """
    insert into supervision (id, supervisor, clinician, since, version) values (%s, %s, %s, %s, %s)"""
END: Final[LiteralString] = "update supervision set until = %s, version = %s where tenant = %s and id = %s"
PAGE: Final[LiteralString] = """
    select id, supervisor, clinician, since, until, version from supervision
    where tenant = %(tenant)s and (since, id) > (%(at)s, %(id)s) and (%(all)s or %(me)s in (supervisor, clinician))
    order by since, id limit %(limit)s"""


class Supervisions:
    """Supervisions of one organisation, past ones too."""

    name = "supervision"
    tables: Sequence[LiteralString] = ("supervision",)
    constraints: Mapping[str, type[DomainError]] = {"supervision_runs_once": SupervisionRuns}

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]]) -> None:
        """Follow beginnings and ends."""
        for r in recorded:
            match r.event:
                case Started(supervision=id_, supervisor=supervisor, clinician=clinician, since=since):
                    await tx.execute(START, (id_, supervisor, clinician, since, r.version))
                case Ended(supervision=id_, until=until):
                    await tx.execute(END, (until, r.version, r.tenant, id_))

    async def page(self, who: Principal, *, everybody: bool, word: str | None, limit: int) -> Page[SupervisionView]:
        """The caller's own, or everybody's, oldest first. Raises Malformed for a cursor that is not ours."""
        at, last = after(word, tuple[datetime, UUID]) or BEGINNING
        values = {"tenant": who.tenant, "at": at, "id": last, "all": everybody, "me": who.id, "limit": limit + 1}
        async with self._database.app(who.tenant) as tx, tx.cursor(row_factory=class_row(SupervisionView)) as rows:
            found = await (await rows.execute(PAGE, values)).fetchall()
        items = found[:limit]
        return Page(items, cursor(items[-1].since, items[-1].id) if len(found) > limit else None)
