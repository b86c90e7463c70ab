"""What a therapist decides of their own availability."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.therapy.contract import ScheduleId, WindowsOverlap, WindowTooShort
from mindlyfe.therapy.contract.availability import (
    OverridesClash,
    PlaceMissing,
    TimeOffBackwards,
    TimeOffId,
    TooManySchedules,
    TooMuchTimeOff,
)
from mindlyfe.therapy.domain.availability import (
    Availability,
    Change,
    HoursPublished,
    Otherwise,
    OverridesSet,
    ScheduleClosed,
    TimeOffGivenUp,
    TimeOffTaken,
    first_schedule,
    scheduled,
    zone_of,
)

MOST_SCHEDULES: Final = 20
MOST_TIMES_OFF: Final = 400
LONGEST_OFF: Final = timedelta(days=731)


def publish(state: Availability | None, wish: HoursPublished) -> Sequence[Change]:
    """Replace the hours of a schedule, or begin one; nothing happens when they are the same.

    Raises UnknownZone, WindowTooShort, WindowsOverlap, PlaceMissing, TooManySchedules.
    """
    zone_of(wish.zone)
    if wish.kind == "on-site" and not wish.place.strip():
        raise PlaceMissing
    windows = tuple(sorted(wish.windows))
    for weekday in {window.weekday for window in windows}:
        _refuse_unsound([(w.opens, w.closes) for w in windows if w.weekday == weekday], wish.minutes)
    known = state.schedule(wish.schedule or first_schedule(wish.therapist)) if state else None
    if state and known is None and len(state.schedules) >= MOST_SCHEDULES:
        raise TooManySchedules
    change = msgspec.structs.replace(wish, windows=windows)
    return [] if known is not None and known == scheduled(state, change) else [change]


def republish(state: Availability | None, wish: HoursPublished) -> Sequence[Change]:
    """Replace the hours of a schedule that is there. Raises NotFound, and what `publish` raises."""
    if state is None or wish.schedule is None or state.schedule(wish.schedule) is None:
        raise NotFound
    return publish(state, wish)


def override(state: Availability | None, schedule: ScheduleId, days: Iterable[Otherwise]) -> Sequence[Change]:
    """Set all dates of a schedule that are otherwise.

    Raises NotFound, OverridesClash, WindowTooShort, WindowsOverlap.
    """
    known = state.schedule(schedule) if state else None
    if state is None or known is None:
        raise NotFound
    sound = tuple(sorted(msgspec.structs.replace(each, hours=tuple(sorted(each.hours))) for each in days))
    if any(one.day == next_.day for one, next_ in pairwise(sound)):
        raise OverridesClash
    for each in sound:
        _refuse_unsound(each.hours, known.minutes)
    if sound == known.days:
        return []
    return [OverridesSet(therapist=state.therapist, schedule=schedule, days=sound)]


def close(state: Availability | None, schedule: ScheduleId) -> Sequence[Change]:
    """Offer a schedule no longer; appointments stay. Raises NotFound."""
    if state is None or state.schedule(schedule) is None:
        raise NotFound
    return [ScheduleClosed(therapist=state.therapist, schedule=schedule)]


def take_off(state: Availability | None, wish: TimeOffTaken) -> Sequence[Change]:
    """Be away for a while; appointments stay. Raises UnknownZone, TimeOffBackwards, TooMuchTimeOff."""
    off = wish.time_off
    zone_of(off.zone)
    if not _forwards(off.first, off.opens, off.last, off.closes):
        raise TimeOffBackwards
    if state and any(each.id == off.id for each in state.time_off):
        return []
    if state and len(state.time_off) >= MOST_TIMES_OFF:
        raise TooMuchTimeOff
    return [wish]


def give_up(state: Availability | None, time_off: TimeOffId) -> Sequence[Change]:
    """Be there after all. Raises NotFound."""
    if state is None or all(each.id != time_off for each in state.time_off):
        raise NotFound
    return [TimeOffGivenUp(therapist=state.therapist, time_off=time_off)]


def _forwards(first: date, opens: int, last: date, closes: int) -> bool:
    return (first, opens) < (last, closes) and last - first <= LONGEST_OFF


def _refuse_unsound(hours: Sequence[tuple[int, int]], minutes: int) -> None:
    """Hours of one day, in order: each with room for an appointment, none in another."""
    if any(closes - opens < minutes for opens, closes in hours):
        raise WindowTooShort
    if any(next_ < closes for (_, closes), (next_, _) in pairwise(hours)):
        raise WindowsOverlap
