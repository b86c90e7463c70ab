"""Which access tokens count no longer: noted by what ends a session or changes roles, told to all processes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString

import msgspec
import psycopg
import structlog

from mindlyfe.identity.adapters.seen import Seen
from mindlyfe.identity.application.openings import ACCESS_LASTS
from mindlyfe.identity.domain.app import Disabled
from mindlyfe.identity.domain.member import RolesChanged
from mindlyfe.identity.domain.session import ReuseDetected, Revoked
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import DomainError, Unavailable
from mindlyfe.kernel.messages import REGION, PersonId, Recorded
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.revocations import AppOver, Entry, News, RolesNow, SessionOver

LOOK_EVERY_S: Final = 0.1
LONGEST_S: Final = 1.5
SWEEP_EVERY_S: Final = 60.0
MOST: Final = 2000
"""So many entries an answer carries: about a quarter of a megabyte."""

UNDER_WAY: Final = timedelta(minutes=1)
"""What was asked for just before an app was closed is answered by then."""

NOTE: Final[LiteralString] = """
    insert into revocation (subject, version, roles, until) values (%s, %s, %s, %s) on conflict do nothing"""
NOTE_APP: Final[LiteralString] = """
    insert into revocation (subject, version, of_app, until) values (%s, %s, true, %s) on conflict do nothing"""
NEW: Final[LiteralString] = """
    select s.epoch, s.seen, r.tx::text::bigint, r.tenant, r.subject, r.version, r.roles, r.until, r.of_app
    from (select current_epoch() as epoch, pg_current_snapshot()::text as seen) s
    left join revocation r on r.tx >= pg_snapshot_xmin(%(seen)s::text::pg_snapshot)
        and not pg_visible_in_snapshot(r.tx, %(seen)s::text::pg_snapshot) and r.until > %(now)s
    order by r.tx"""
SWEEP: Final[LiteralString] = "delete from revocation where until < %s"


class RevocationNotes:
    """Notes them with the events they follow from."""

    name = "revocation"
    tables: Sequence[LiteralString] = ()
    constraints: Mapping[str, type[DomainError]] = {}

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Any]]) -> None:
        """Note what ends access, until no token is left that could have it."""
        for r in recorded:
            match r.event:
                case ReuseDetected(at=at) | Revoked(at=at):
                    await tx.execute(NOTE, (r.stream, r.version, None, at + ACCESS_LASTS))
                case RolesChanged(person=person, roles=roles):
                    await tx.execute(NOTE, (person, r.version, sorted(roles), r.at + ACCESS_LASTS))
                case Disabled(at=at):
                    await tx.execute(NOTE_APP, (r.stream, r.version, at + ACCESS_LASTS + UNDER_WAY))
                case _:
                    pass


class _Noted(msgspec.Struct, frozen=True):
    tx: int
    entry: SessionOver | RolesNow | AppOver


class RevocationNews:
    """Answers `Revocations`. However many ask, the table is looked at every 100 ms, and only while somebody waits."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database, self._clock, self._monotonic, self._sleep = database, clock, monotonic, sleep
        self._noted: list[_Noted] = []
        self._seen = Seen()
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    async def since(self, *, cursor: str, wait_s: float) -> News:
        """What came after `cursor`, at once or within `wait_s`. Raises Unavailable, Malformed."""
        began, seen = self._monotonic(), Seen.read(cursor)
        await self._look(began if wait_s <= 0 else began - LOOK_EVERY_S)
        while not (news := self._after(seen)).entries and self._monotonic() < began + min(wait_s, LONGEST_S):
            await self._sleep(LOOK_EVERY_S)
            await self._look(self._monotonic() - LOOK_EVERY_S)
        return news

    async def run(self) -> None:
        """Forget what matters no more, until cancelled."""
        while True:
            try:
                async with self._database.worker() as tx:
                    await tx.execute(SWEEP, (self._clock(),))
            except Unavailable as away:
                structlog.get_logger("revocations").warning("revocations not swept", reason=str(away))
            await self._sleep(SWEEP_EVERY_S)

    def _after(self, seen: Seen) -> News:
        if seen.epoch == self._seen.epoch and seen.xmax > self._seen.xmax:
            return News(str(seen), [])  # another process looked later: it told all that this one knows
        if seen.epoch != self._seen.epoch:
            seen = Seen()
        new = [one for one in self._noted if not seen.has(one.tx)]
        if len(new) <= MOST:
            return News(str(self._seen), [one.entry for one in new])
        last = new[MOST - 1].tx
        return News(str(self._seen.upto(last)), [one.entry for one in new if one.tx <= last])

    async def _look(self, at_earliest: float) -> None:
        """Read what is new, unless somebody did since `at_earliest`."""
        async with self._looking:
            if self._looked >= at_earliest:
                return
            began, now = self._monotonic(), self._clock()
            rows = await self._read(self._seen, now)
            if self._seen.epoch not in {0, rows[0][0]}:  # numbers began anew
                self._noted, self._seen = [], Seen()
                rows = await self._read(self._seen, now)
            self._noted += [_Noted(row[2], _entry(row)) for row in rows if row[2] is not None]
            self._noted = [one for one in self._noted if one.entry.until > now]
            self._seen, self._looked = Seen.read(f"{rows[0][0]}/{rows[0][1]}"), began

    async def _read(self, seen: Seen, now: datetime) -> list[Any]:
        try:
            async with self._database.worker() as tx:
                return await (await tx.execute(NEW, {"seen": seen.snapshot, "now": now})).fetchall()
        except psycopg.Error as failure:
            raise Unavailable from failure


def _entry(row: Sequence[Any]) -> Entry:
    tenant, subject, version, roles, until, of_app = row[3:]
    if of_app:
        return AppOver(subject, until)
    if tenant == REGION:
        return SessionOver(subject, until)
    return RolesNow(tenant, PersonId(subject), frozenset(roles or ()), version, until)
