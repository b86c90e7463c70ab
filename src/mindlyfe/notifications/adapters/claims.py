"""Who carries out what is due: claims on streams that go on now, so that no two workers carry out the same step."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, LiteralString, NamedTuple

from psycopg.rows import args_row

from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.application.scheduler import Turn

LEASE: Final = timedelta(seconds=20)
"""Longer than a turn may take: who holds a claim for so long is dead, and others take over."""
_DUE: Final[LiteralString] = """
    with due as (
        select d.tenant, d.id, d.correlation from """
_CLAIMED: Final[LiteralString] = """ d left join claim c on c.stream = d.id
        where d.due_at <= %(now)s and (c.stream is null or c.until < clock_timestamp()) """
_TAKEN: Final[LiteralString] = """
        order by d.due_at limit %(limit)s
        for update of d skip locked),
    claimed as (
        insert into claim (tenant, stream, until) select tenant, id, clock_timestamp() + %(lease)s from due
        on conflict (stream) do update set until = excluded.until where claim.until < clock_timestamp()
        returning stream)
    select due.tenant, due.id, due.correlation from due join claimed on claimed.stream = due.id"""
GIVE_BACK: Final[LiteralString] = "delete from claim where stream = any(%s)"
TIDY: Final[LiteralString] = """
    delete from claim where stream in (
        select stream from claim where until < clock_timestamp() - interval '1 minute' for update skip locked)"""
"""Claims of the dead on what others have carried out since."""
_FORGET: Final[tuple[LiteralString, LiteralString]] = (
    "with forgotten as (delete from ",
    " where id = %(stream)s) delete from claim where stream = %(stream)s",
)


class Table(NamedTuple):
    """How streams of one table are found due, in the order of what goes first, and forgotten."""

    due: Sequence[LiteralString]
    forget: LiteralString


RUNS: Final = Table(
    (_DUE + "run" + _CLAIMED + "and d.critical" + _TAKEN, _DUE + "run" + _CLAIMED + "and not d.critical" + _TAKEN),
    _FORGET[0] + "run" + _FORGET[1],
)
"""What is critical first, found by an index of its own."""
ESCALATIONS: Final = Table((_DUE + "escalation" + _CLAIMED + _TAKEN,), _FORGET[0] + "escalation" + _FORGET[1])


class Claims:
    """Claims over all tenants, as the worker role, on streams of one table. They run out by the database's clock."""

    def __init__(self, database: Database, table: Table, lease: timedelta = LEASE) -> None:
        self._database, self._table, self._lease = database, table, lease

    async def claim(self, limit: int, now: datetime) -> Sequence[Turn]:
        """Claim up to `limit` that are due at `now`. Raises Unavailable."""
        found: list[Turn] = []
        async with self._database.worker() as tx:
            for statement in self._table.due:
                if len(found) < limit:
                    found += await self._take(tx, statement, limit - len(found), now)
        return found

    async def give_back(self, turns: Sequence[Turn]) -> None:
        """They are carried out, or put off. Raises Unavailable."""
        async with self._database.worker() as tx:
            await tx.execute(GIVE_BACK, ([turn.stream for turn in turns],))
            await tx.execute(TIDY)

    async def forget(self, turn: Turn) -> None:
        """Its person was erased: take it off the list, as a rebuild would. Raises Unavailable."""
        async with self._database.worker() as tx:
            await tx.execute(self._table.forget, {"stream": turn.stream})

    async def _take(self, tx: Tx, statement: LiteralString, limit: int, now: datetime) -> list[Turn]:
        async with tx.cursor(row_factory=args_row(Turn)) as cursor:
            return await (
                await cursor.execute(statement, {"limit": limit, "now": now, "lease": self._lease})
            ).fetchall()
