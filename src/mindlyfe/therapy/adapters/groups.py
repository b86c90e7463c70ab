"""Sessions of groups in the calendar: what they take of it, and who comes. Written by the calendar's projection."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg.rows import kwargs_row

from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.adapters.taking import MINUTE, stand
from mindlyfe.therapy.contract.groups import GroupEntry, GroupId, Guest
from mindlyfe.therapy.domain.group import Change, GroupCalledOff, GroupOffered

OFFER: Final[LiteralString] = """
    insert into group_session (group_session, therapist, title, seats) values (%s, %s, %s, %s)"""
OWN_ROW: Final[LiteralString] = """
    insert into calendar (appointment, therapist, room, starts_at, minutes, during, held, status, group_session,
        version, updated_at)
    values (%(group)s, %(therapist)s, %(room)s, %(starts_at)s, %(minutes)s, tstzrange(%(starts_at)s, %(ends_at)s),
            tstzrange(%(starts_at)s, %(ends_at)s), 'booked', %(group)s, %(version)s, %(at)s)"""
# Whoever takes a seat meanwhile finds no session to take it in.
CALL_OFF: Final[LiteralString] = (
    "delete from group_session where tenant = current_setting('app.tenant')::uuid and group_session = %s"
)
GUESTS: Final[LiteralString] = """
    select appointment, patient, status, late from calendar where group_session = %s and seat
    order by updated_at, appointment"""
UPCOMING: Final[LiteralString] = """
    select g.group_session as id, g.therapist, title, starts_at, minutes, room, seats, taken
    from group_session g join calendar c on c.tenant = g.tenant and c.appointment = g.group_session
    where starts_at > %(now)s and (%(therapist)s::uuid is null or g.therapist = %(therapist)s)
    order by starts_at, id limit 200"""
# An erased guest leaves their seat.
ERASES: Final[Mapping[str, LiteralString]] = {
    "calendar": """
        with gone as (
            delete from calendar where patient = %(person)s returning tenant, group_session, takes_time),
        seats as (select tenant, group_session, count(*) as left from gone where takes_time group by 1, 2)
        update group_session g set taken = taken - seats.left from seats
        where g.tenant = seats.tenant and g.group_session = seats.group_session""",
    "group_session": "delete from group_session where therapist = %(person)s",
}


async def apply_group(tx: Tx, recorded: Recorded[Any]) -> None:
    """Take the therapist's time and the room, or give them back."""
    event: Change = recorded.event
    match event:
        case GroupOffered() as offered:
            await tx.execute(OFFER, (recorded.stream, offered.therapist, offered.title, offered.seats))
            await tx.execute(OWN_ROW, _row(offered, recorded))
        case GroupCalledOff():
            await tx.execute(CALL_OFF, (recorded.stream,))
            await stand(tx, recorded, "cancelled")


class GroupSessions:
    """Answers `GroupList` of the application."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def guests(self, tenant: TenantId, group: GroupId) -> Sequence[Guest]:
        """Everybody who has or had a seat."""
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(Guest)) as rows:
            return await (await rows.execute(GUESTS, (group,))).fetchall()

    async def upcoming(self, tenant: TenantId, therapist: PersonId | None, now: datetime) -> Sequence[GroupEntry]:
        """The sessions that have not begun, soonest first, up to 200; of one therapist or all."""
        asked = {"therapist": therapist, "now": now}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=kwargs_row(GroupEntry)) as rows:
            return await (await rows.execute(UPCOMING, asked)).fetchall()


def _row(offered: GroupOffered, recorded: Recorded[Change]) -> dict[str, Any]:
    return {
        "group": recorded.stream,
        "therapist": offered.therapist,
        "room": offered.room,
        "starts_at": offered.starts_at,
        "minutes": offered.minutes,
        "ends_at": offered.starts_at + offered.minutes * MINUTE,
        "version": recorded.version,
        "at": recorded.at,
    }
