"""Writes of the calendar: taking times and giving them back, one event at a time, without a circle of waiting."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID

from mindlyfe.kernel.messages import Recorded
from mindlyfe.kernel.postgres import Tx
from mindlyfe.therapy.contract import Status
from mindlyfe.therapy.contract.bookings import Side
from mindlyfe.therapy.domain.appointment import Confirmed, Moved, Placed
from mindlyfe.therapy.domain.group import GroupOffered

# Two bookings that collide would wait for each other; they queue here instead. A lock per person and day, in order.
QUEUE: Final[LiteralString] = """
    select pg_advisory_xact_lock(key) from (
        select distinct hashtextextended(one || '/' || day, 0) as key
        from unnest(%s::text[], %s::text[]) as wanted (one, day) order by key)"""
TAKE: Final[LiteralString] = """
    insert into calendar (appointment, patient, therapist, room, starts_at, minutes, during, held, schedule,
        appointment_type, status, lapses_at, version, updated_at, seat, group_session)
    values (%(appointment)s, %(patient)s, %(therapist)s, %(room)s, %(starts_at)s, %(minutes)s,
            tstzrange(%(starts_at)s, %(ends_at)s), tstzrange(%(held_from)s, %(held_until)s), %(schedule)s,
            %(appointment_type)s, %(status)s, %(lapses_at)s, %(version)s, %(at)s, %(seat)s,
            (select group_session from group_session where group_session = %(group_session)s))"""
# Who takes the last seat, and who calls the session off, write one row: the second sees the first, or tries again.
SEAT: Final[LiteralString] = """
    update group_session set taken = taken + 1
    where tenant = current_setting('app.tenant')::uuid and group_session = %s"""
LEAVE: Final[LiteralString] = """
    update group_session g set taken = taken - 1 from calendar c
    where c.tenant = current_setting('app.tenant')::uuid and c.appointment = %s and c.seat
    and g.tenant = c.tenant and g.group_session = c.group_session"""
# A limit is kept by counting, and who counts must see who came before: their writes to one row collide.
TURN: Final[LiteralString] = """
    insert into turn (therapist, taken) values (%s, 1)
    on conflict (tenant, therapist) do update set taken = turn.taken + 1"""
KEEP: Final[LiteralString] = "select keep_limit(%s, %s, %s, %s)"
MOVE: Final[LiteralString] = """
    update calendar set therapist = %(therapist)s, room = %(room)s, starts_at = %(starts_at)s, minutes = %(minutes)s,
        during = tstzrange(%(starts_at)s, %(ends_at)s), held = tstzrange(%(held_from)s, %(held_until)s),
        schedule = %(schedule)s, appointment_type = %(appointment_type)s, lapses_at = %(lapses_at)s, doubled = false,
        sequence = sequence + 1, version = %(version)s, updated_at = %(at)s
    where tenant = current_setting('app.tenant')::uuid and appointment = %(appointment)s"""
FREE: Final[LiteralString] = (
    "delete from calendar where tenant = current_setting('app.tenant')::uuid and appointment = %s"
)
STAND: Final[LiteralString] = """
    update calendar set status = %s, late = %s, absent = %s, lapses_at = null, version = %s, updated_at = %s
    where tenant = current_setting('app.tenant')::uuid and appointment = %s"""
NOTE: Final[LiteralString] = """
    update calendar set version = %s, updated_at = %s
    where tenant = current_setting('app.tenant')::uuid and appointment = %s"""
# Two appointments of one patient at one time, booked as two people: both stand, and somebody must choose.
MERGE: Final[LiteralString] = """
    update calendar as mine set patient = %(patient)s, version = %(version)s, doubled = exists (
        select from calendar other where other.patient = %(patient)s and other.takes_time
        and not other.doubled and other.during && mine.during and mine.takes_time)
    where tenant = current_setting('app.tenant')::uuid and appointment = %(appointment)s"""
BUFFER: Final = timedelta(hours=2)
"""No more is kept free around an appointment."""
MINUTE: Final = timedelta(minutes=1)


async def queue(tx: Tx, taken: Sequence[Placed | Confirmed | GroupOffered]) -> None:
    """Wait for everybody who takes time of the same people or rooms on the same days."""
    wanted = [
        (str(one), day.date().isoformat())
        for each in taken
        for one in (None if isinstance(each, GroupOffered) else each.patient, each.therapist, each.room)
        if one is not None
        for day in {each.starts_at - BUFFER, each.starts_at + each.minutes * MINUTE + BUFFER}
    ]
    if wanted:
        ones, days = zip(*wanted, strict=True)
        await tx.execute(QUEUE, (list(ones), list(days)))


async def take(
    tx: Tx, placed: Placed, recorded: Recorded[Any], status: Status, *, lapses_at: datetime | None = None
) -> None:
    """A new row. A seat counts for its session first."""
    if placed.group_session is not None:
        await tx.execute(SEAT, (placed.group_session,))
    await tx.execute(TAKE, _row(placed, recorded) | {"status": status, "lapses_at": lapses_at})
    await _keep(tx, placed)


async def move(tx: Tx, moved: Moved, recorded: Recorded[Any]) -> None:
    """Its old time is free, and the new one taken."""
    await tx.execute(MOVE, _row(moved, recorded) | {"lapses_at": moved.lapses_at})
    await _keep(tx, moved)


async def free(tx: Tx, appointment: UUID) -> None:
    """It was never an appointment: nothing of it stays."""
    await tx.execute(FREE, (appointment,))


async def stand(
    tx: Tx, recorded: Recorded[Any], status: Status, *, late: bool = False, absent: Side | None = None
) -> None:
    """It is something else now."""
    await tx.execute(STAND, (status, late, absent, recorded.version, recorded.at, recorded.stream))


async def leave(tx: Tx, appointment: UUID) -> None:
    """If it is a seat, somebody else can have it."""
    await tx.execute(LEAVE, (appointment,))


async def note(tx: Tx, recorded: Recorded[Any]) -> None:
    """It changed, and not when it is, nor whether."""
    await tx.execute(NOTE, (recorded.version, recorded.at, recorded.stream))


async def merge(tx: Tx, appointment: UUID, patient: UUID, version: int) -> None:
    """It is another patient's."""
    await tx.execute(MERGE, {"appointment": appointment, "patient": patient, "version": version})


def _row(placed: Placed, recorded: Recorded[Any]) -> dict[str, Any]:
    at = placed.starts_at
    ends_at = at + placed.minutes * MINUTE
    return {
        "appointment": recorded.stream,
        "version": recorded.version,
        "at": recorded.at,
        "patient": placed.patient,
        "therapist": placed.therapist,
        "seat": placed.group_session is not None,
        "group_session": placed.group_session,
        "room": placed.room,
        "appointment_type": placed.appointment_type,
        "schedule": placed.schedule,
        "starts_at": at,
        "ends_at": ends_at,
        "minutes": placed.minutes,
        "held_from": at - placed.before_minutes * MINUTE,
        "held_until": ends_at + placed.after_minutes * MINUTE,
    }


async def _keep(tx: Tx, placed: Placed) -> None:
    if placed.limits:
        await tx.execute(TURN, (placed.therapist,))
    for limit in placed.limits:
        await tx.execute(KEEP, (placed.therapist, limit.since, limit.until, limit.most))
