"""When therapists can be met: schedules, days that are otherwise, time off; and what they refuse."""

from datetime import date
from typing import Annotated, Literal, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant, PersonId
from mindlyfe.therapy.contract import Closes, Kind, Opens, ScheduleId, Zone

TimeOffId = NewType("TimeOffId", UUID)

type Lack = Literal["in-the-past", "too-soon", "beyond-horizon", "not-offered", "away", "full", "taken", "you-are-busy"]
"""Why a start is not given: from what nobody can change to what may change any moment."""


class Span(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"opens": "from", "closes": "to"}
):
    """Open from … to by the wall clock."""

    opens: Opens
    closes: Closes


class Override(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other hours on one date than the week would give; without any, closed."""

    day: date
    hours: Annotated[list[Span], msgspec.Meta(max_length=20)]


class SetOverrides(Command, frozen=True):
    """All the dates of a schedule that are otherwise; replaces those set before."""

    overrides: Annotated[list[Override], msgspec.Meta(max_length=400)]


class TakeTimeOff(Command, frozen=True):
    """Away from a time on the first date until a time on the last, by the wall clock of a zone, in every schedule."""

    zone: Zone
    first: date
    last: date
    from_: Opens = msgspec.field(default="00:00", name="from")
    to: Closes = "24:00"
    colleague: PersonId | None = None
    """Whom patients are sent to meanwhile."""


class ScheduleSaved(msgspec.Struct, frozen=True):
    """The schedule stands; `version` is of all that the therapist publishes."""

    schedule: ScheduleId
    version: int


class TimeOffSaved(msgspec.Struct, frozen=True):
    """The time off stands; `version` is of all that the therapist publishes."""

    time_off: TimeOffId
    version: int


class TimeOffView(msgspec.Struct, frozen=True, kw_only=True):
    """Time off, as the therapist sees it: by the wall clock of its zone."""

    id: TimeOffId
    zone: str
    first: date
    last: date
    from_: str = msgspec.field(name="from")
    to: str
    colleague: PersonId | None


class Away(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time that the therapist is away, and who stands in, if anybody does."""

    since: Instant
    until: Instant
    colleague: PersonId | None


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A start that is free, UTC, how long the appointment takes, and how they meet."""

    starts_at: Instant
    minutes: int
    schedule: ScheduleId
    kind: Kind


class Slots(msgspec.Struct, frozen=True, kw_only=True):
    """All free slots of the range, and the therapist's absences in it. `next` is always null: there is one page."""

    items: list[Slot]
    away: list[Away]
    next: None = None


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment of a series, as if those before it were booked."""

    starts_at: Instant
    minutes: int
    schedule: ScheduleId
    kind: Kind
    free: bool
    lacks: Lack | None
    """Why it is not free."""


class OverridesClash(DomainError):
    """A date stands in the list twice."""

    status = 422
    code = "overrides-clash"
    advice = "Give all hours of a date in one entry."


class PlaceMissing(DomainError):
    """Appointments on site need a place."""

    status = 422
    code = "place-missing"
    advice = "Say in `place` where patients come to."


class TooManySchedules(DomainError):
    """A therapist has at most 20 schedules."""

    status = 422
    code = "too-many-schedules"
    advice = "Change or remove one of the others."


class TimeOffBackwards(DomainError):
    """The time off ends before it begins, or takes more than two years."""

    status = 422
    code = "time-off-backwards"
    advice = "Let `last` and `to` be after `first` and `from`, at most two years later."


class TooMuchTimeOff(DomainError):
    """A therapist has at most 400 times off on record."""

    status = 422
    code = "too-much-time-off"
    advice = "Remove some that are over."


class NoColleague(DomainError):
    """The colleague cannot stand in: they publish no hours in this clinic, or are the therapist."""

    status = 422
    code = "no-colleague"
    advice = "Name a colleague who has published hours, or nobody."
