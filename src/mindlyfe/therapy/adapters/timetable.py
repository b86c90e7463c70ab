"""Read model: what each therapist has published. Inline, so a search sees what was published before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final, LiteralString

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.therapy.application.ports import Published
from mindlyfe.therapy.domain.availability import (
    Availability,
    Change,
    HoursPublished,
    Otherwise,
    OverridesSet,
    Schedule,
    ScheduleClosed,
    TimeOff,
    TimeOffGivenUp,
    TimeOffTaken,
    Window,
    first_schedule,
)
from mindlyfe.therapy.domain.clocks import EPOCH_DAY, numbered

VERSION: Final[LiteralString] = """
    insert into availability (therapist, version) values (%s, %s)
    on conflict (tenant, therapist) do update set version = excluded.version"""
PUBLISH: Final[LiteralString] = """
    insert into schedule (therapist, schedule, number, name, kind, place, zone, windows, minutes, step_minutes,
        before_minutes, after_minutes, notice_minutes, horizon_days, per_day, per_week,
        confirms, answer_hours, late_hours, room, offer_minutes)
    values (%s, %s, %s, %s, %s, %s, %s, %s::int[], %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (tenant, therapist, schedule) do update
    set (name, kind, place, zone, windows, minutes, step_minutes, before_minutes, after_minutes, notice_minutes,
         horizon_days, per_day, per_week, confirms, answer_hours, late_hours, room, offer_minutes) =
        (excluded.name, excluded.kind, excluded.place, excluded.zone, excluded.windows, excluded.minutes,
         excluded.step_minutes, excluded.before_minutes, excluded.after_minutes, excluded.notice_minutes,
         excluded.horizon_days, excluded.per_day, excluded.per_week,
         excluded.confirms, excluded.answer_hours, excluded.late_hours, excluded.room, excluded.offer_minutes)"""
OVERRIDE: Final[LiteralString] = "update schedule set days = %s::int[] where therapist = %s and schedule = %s"
CLOSE: Final[LiteralString] = "delete from schedule where therapist = %s and schedule = %s"
TAKE: Final[LiteralString] = """
    insert into time_off (therapist, number, time_off, zone, first, opens, last, closes, colleague)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
GIVE_UP: Final[LiteralString] = "delete from time_off where therapist = %s and time_off = %s"
VERSIONS: Final[LiteralString] = "select therapist, version from availability where therapist = any(%s)"
SCHEDULES: Final[LiteralString] = """
    select therapist, schedule, name, kind, place, zone, windows, days, minutes, step_minutes, before_minutes,
        after_minutes, notice_minutes, horizon_days, per_day, per_week, confirms, answer_hours, late_hours, room,
        offer_minutes
    from schedule where therapist = any(%s) order by therapist, number"""
TIMES_OFF: Final[LiteralString] = """
    select therapist, time_off, zone, first, opens, last, closes, colleague
    from time_off where therapist = any(%s) order by therapist, number"""
CLOSED: Final = -1
"""In place of hours, where a date has none."""


class Timetable:
    """What the therapists of a clinic have published."""

    name = "timetable"
    tables: Sequence[LiteralString] = ("availability", "schedule", "time_off")
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Change]], /) -> None:
        """Each change in its place."""
        for each in recorded:
            event = each.event
            await tx.execute(VERSION, (event.therapist, each.version))
            match event:
                case HoursPublished():
                    await tx.execute(PUBLISH, _row(event, each.cursor.position))
                case OverridesSet(therapist=therapist, schedule=schedule, days=days):
                    await tx.execute(OVERRIDE, (_days(days), therapist, schedule))
                case ScheduleClosed(therapist=therapist, schedule=schedule):
                    await tx.execute(CLOSE, (therapist, schedule))
                case TimeOffTaken(therapist=therapist, time_off=off):
                    place = (off.id, off.zone, off.first, off.opens, off.last, off.closes, off.colleague)
                    await tx.execute(TAKE, (therapist, each.cursor.position, *place))
                case TimeOffGivenUp(therapist=therapist, time_off=given_up):
                    await tx.execute(GIVE_UP, (therapist, given_up))

    async def of(self, tenant: TenantId, therapist: PersonId) -> Published | None:
        """What the therapist has published in this clinic."""
        return (await self.of_all(tenant, [therapist])).get(therapist)

    async def of_all(self, tenant: TenantId, therapists: Sequence[PersonId]) -> Mapping[PersonId, Published]:
        """The same for many at once; who has published nothing is left out."""
        wanted = (list(therapists),)
        async with self._database.app(tenant) as tx:
            versions = await (await tx.execute(VERSIONS, wanted)).fetchall()
            schedules = await (await tx.execute(SCHEDULES, wanted)).fetchall()
            times_off = await (await tx.execute(TIMES_OFF, wanted)).fetchall()
        offered = {therapist: tuple(map(_schedule, rows)) for therapist, rows in _each(schedules)}
        away = {therapist: tuple(map(_time_off, rows)) for therapist, rows in _each(times_off)}
        return {
            one: Published(
                Availability(therapist=one, schedules=offered.get(one, ()), time_off=away.get(one, ())), version
            )
            for one, version in versions
        }


def _each(rows: Sequence[tuple[Any, ...]]) -> Iterable[tuple[PersonId, Iterable[tuple[Any, ...]]]]:
    return groupby(rows, lambda row: row[0])


def _row(e: HoursPublished, position: int) -> tuple[Any, ...]:
    windows = [[w.weekday, w.opens, w.closes] for w in e.windows]
    schedule = e.schedule or first_schedule(e.therapist)
    said = (e.therapist, schedule, position, e.name, e.kind, e.place, e.zone, windows, e.minutes, e.step_minutes)
    kept = (e.before_minutes, e.after_minutes, e.notice_minutes, e.horizon_days, e.per_day, e.per_week)
    return (*said, *kept, e.confirms, e.answer_hours, e.late_hours, e.room, e.offer_minutes)


def _days(days: Sequence[Otherwise]) -> list[list[int]]:
    """Rows of (day, opens, closes)."""
    return [[numbered(each.day), opens, closes] for each in days for opens, closes in each.hours or ((CLOSED, CLOSED),)]


def _schedule(row: tuple[Any, ...]) -> Schedule:
    _, id_, name, kind, place, zone, windows, days, minutes, step, before, after, notice, horizon, *more = row
    per_day, per_week, confirms, answer_hours, late_hours, room, offer_minutes = more
    return Schedule(
        id=id_,
        name=name,
        kind=kind,
        place=place,
        zone=zone,
        windows=tuple(Window(weekday=weekday, opens=opens, closes=closes) for weekday, opens, closes in windows),
        days=tuple(_otherwise(day, hours) for day, hours in groupby(days, lambda one: one[0])),
        minutes=minutes,
        step_minutes=step,
        before_minutes=before,
        after_minutes=after,
        notice_minutes=notice,
        horizon_days=horizon,
        per_day=per_day,
        per_week=per_week,
        confirms=confirms,
        answer_hours=answer_hours,
        late_hours=late_hours,
        room=room,
        offer_minutes=offer_minutes,
    )


def _otherwise(day: int, hours: Iterable[Sequence[int]]) -> Otherwise:
    open_ = tuple((opens, closes) for _, opens, closes in hours if opens != CLOSED)
    return Otherwise(day=date.fromordinal(day + EPOCH_DAY), hours=open_)


def _time_off(row: tuple[Any, ...]) -> TimeOff:
    _, id_, zone, first, opens, last, closes, colleague = row
    return TimeOff(id=id_, zone=zone, first=first, opens=opens, last=last, closes=closes, colleague=colleague)
