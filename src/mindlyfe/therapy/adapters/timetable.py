"""Read model: the hours in force of each therapist. Inline, so a search sees what was published before."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, LiteralString

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.application.ports import Published
from mindlyfe.therapy.domain.availability import Hours, HoursPublished, Window

PUBLISH: Final[LiteralString] = """
    insert into hours (therapist, zone, windows, minutes, notice_minutes, horizon_days, version)
    values (%s, %s, %s::int[], %s, %s, %s, %s)
    on conflict (tenant, therapist) do update
    set (zone, windows, minutes, notice_minutes, horizon_days, version) =
        (excluded.zone, excluded.windows, excluded.minutes, excluded.notice_minutes, excluded.horizon_days,
         excluded.version)"""
OF: Final[LiteralString] = """
    select zone, windows, minutes, notice_minutes, horizon_days, version from hours where therapist = %s"""


class Timetable:
    """The hours of a clinic's therapists."""

    name = "timetable"
    tables: Sequence[LiteralString] = ("hours",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[HoursPublished]], /) -> None:
        """The latest hours of a therapist replace the earlier ones."""
        for each in recorded:
            e = each.event
            windows = [[w.weekday, w.opens, w.closes] for w in e.windows]
            row = (e.therapist, e.zone, windows, e.minutes, e.notice_minutes, e.horizon_days, each.version)
            await tx.execute(PUBLISH, row)

    async def of(self, tenant: TenantId, therapist: PersonId) -> Published | None:
        """The therapist's hours in this clinic."""
        async with self._database.app(tenant) as tx:
            row = await (await tx.execute(OF, (therapist,))).fetchone()
        if row is None:
            return None
        zone, windows, minutes, notice_minutes, horizon_days, version = row
        hours = Hours(
            therapist=therapist,
            zone=zone,
            windows=tuple(Window(weekday=weekday, opens=opens, closes=closes) for weekday, opens, closes in windows),
            minutes=minutes,
            notice_minutes=notice_minutes,
            horizon_days=horizon_days,
        )
        return Published(hours, version)
