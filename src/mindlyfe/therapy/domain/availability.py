"""When a therapist can be met: schedules by the wall clock of a zone, days that are otherwise, time off."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from mindlyfe.kernel.messages import Event, PersonId
from mindlyfe.therapy.contract import Kind, RoomId, ScheduleId, UnknownZone
from mindlyfe.therapy.contract.availability import TimeOffId

LONGEST: Final = timedelta(minutes=240)
"""No appointment takes longer."""


class Window(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Open on this ISO weekday, in minutes since midnight: from `opens` until before `closes` (1440: midnight)."""

    weekday: int
    opens: int
    closes: int


class Otherwise(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A date with hours of its own, in minutes since midnight; without any, closed."""

    day: date
    hours: tuple[tuple[int, int], ...]


class HoursPublished(Event, frozen=True, kw_only=True, tag="availability.hours-published.v1"):
    """From now on the therapist can be met at these times. Without a `schedule`, it is the first one's."""

    therapist: PersonId
    zone: str
    windows: tuple[Window, ...]
    minutes: int
    notice_minutes: int
    horizon_days: int
    schedule: ScheduleId | None = None
    name: str = ""
    kind: Kind = "video"
    place: str = ""
    step_minutes: int | None = None
    before_minutes: int = 0
    after_minutes: int = 0
    per_day: int | None = None
    per_week: int | None = None
    confirms: bool = False
    answer_hours: int = 48
    late_hours: int = 24
    offer_minutes: int = 240
    room: RoomId | None = None


class OverridesSet(Event, frozen=True, kw_only=True, tag="availability.overrides-set.v1"):
    """These dates of a schedule are otherwise, and no others."""

    therapist: PersonId
    schedule: ScheduleId
    days: tuple[Otherwise, ...]


class ScheduleClosed(Event, frozen=True, kw_only=True, tag="availability.schedule-closed.v1"):
    """The therapist is not met by this schedule any more."""

    therapist: PersonId
    schedule: ScheduleId


class TimeOff(msgspec.Struct, frozen=True, kw_only=True):
    """Away from minute `opens` of the first day until minute `closes` of the last, by the clocks of a zone."""

    id: TimeOffId
    zone: str
    first: date
    opens: int
    last: date
    closes: int
    colleague: PersonId | None


class TimeOffTaken(Event, frozen=True, kw_only=True, tag="availability.time-off-taken.v1"):
    """The therapist will be away."""

    therapist: PersonId
    time_off: TimeOff


class TimeOffGivenUp(Event, frozen=True, kw_only=True, tag="availability.time-off-given-up.v1"):
    """They will not."""

    therapist: PersonId
    time_off: TimeOffId


type Change = HoursPublished | OverridesSet | ScheduleClosed | TimeOffTaken | TimeOffGivenUp


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """One set of hours. A slot takes `minutes` and starts a multiple of the step after a window opens.

    Where the therapist `confirms`, a patient's booking is a request until they say yes, for at most `answer_hours`.
    """

    id: ScheduleId
    name: str = ""
    kind: Kind = "video"
    place: str = ""
    zone: str
    windows: tuple[Window, ...]
    days: tuple[Otherwise, ...] = ()
    minutes: int
    step_minutes: int | None = None
    before_minutes: int = 0
    after_minutes: int = 0
    notice_minutes: int
    horizon_days: int
    per_day: int | None = None
    per_week: int | None = None
    confirms: bool = False
    answer_hours: int = 48
    late_hours: int = 24
    offer_minutes: int = 240
    room: RoomId | None = None

    @property
    def notice(self) -> timedelta:
        """How long before its start a slot can still be booked."""
        return timedelta(minutes=self.notice_minutes)

    @property
    def horizon(self) -> timedelta:
        """How long before its start a slot cannot be booked yet."""
        return timedelta(days=self.horizon_days)


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """All that a therapist has published in a clinic."""

    therapist: PersonId
    schedules: tuple[Schedule, ...] = ()
    time_off: tuple[TimeOff, ...] = ()

    def schedule(self, schedule: ScheduleId) -> Schedule | None:
        """The one of this id."""
        return next((each for each in self.schedules if each.id == schedule), None)


def first_schedule(therapist: PersonId) -> ScheduleId:
    """The schedule of who names none: it has the therapist's own id."""
    return ScheduleId(UUID(int=therapist.int))


def evolve(state: Availability | None, change: Change) -> Availability:
    """The availability after a change."""
    before = state or Availability(therapist=change.therapist)
    match change:
        case HoursPublished():
            return msgspec.structs.replace(before, schedules=_with(before, scheduled(before, change)))
        case OverridesSet(schedule=schedule, days=days):
            known = before.schedule(schedule)
            assert known
            return msgspec.structs.replace(before, schedules=_with(before, msgspec.structs.replace(known, days=days)))
        case ScheduleClosed(schedule=schedule):
            kept = tuple(each for each in before.schedules if each.id != schedule)
            return msgspec.structs.replace(before, schedules=kept)
        case TimeOffTaken(time_off=taken):
            return msgspec.structs.replace(before, time_off=(*before.time_off, taken))
        case TimeOffGivenUp(time_off=given_up):
            left = tuple(each for each in before.time_off if each.id != given_up)
            return msgspec.structs.replace(before, time_off=left)


def scheduled(state: Availability | None, change: HoursPublished) -> Schedule:
    """The schedule after its hours were published; the dates that are otherwise stay."""
    id_ = change.schedule or first_schedule(change.therapist)
    known = state.schedule(id_) if state else None
    rules = msgspec.structs.asdict(change)
    del rules["therapist"], rules["schedule"]
    return Schedule(id=id_, days=known.days if known else (), **rules)


def _with(state: Availability, changed: Schedule) -> tuple[Schedule, ...]:
    if state.schedule(changed.id) is None:
        return (*state.schedules, changed)
    return tuple(changed if each.id == changed.id else each for each in state.schedules)


def zone_of(name: str) -> ZoneInfo:
    """The time zone. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise UnknownZone(f"there is no time zone {name!r}") from unknown
