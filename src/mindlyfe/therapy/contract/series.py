"""Series of appointments: what is asked, answered, told and refused of them. Every time is UTC."""

from typing import Annotated, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Event, Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId, ScheduleId, Status

SeriesId = NewType("SeriesId", UUID)

MOST: int = 104
"""Occurrences of one series: two years of weeks."""
EveryDays = Annotated[int, msgspec.Meta(ge=1, le=28, description="Days from one appointment to the next.")]
Number = Annotated[
    int, msgspec.Meta(ge=1, le=MOST, description="Of the first that it is about; the first of all is 1.")
]
Reason = Annotated[str, msgspec.Meta(max_length=2_000, description="Read by patient and therapist only.")]


class BookSeries(Command, frozen=True):
    """Take a slot again and again, at the same time by the clocks of its schedule."""

    therapist: PersonId
    starts_at: Instant
    """Of the first."""
    every_days: EveryDays = 7
    count: Annotated[int, msgspec.Meta(ge=2, le=52, description="How many appointments.")] = 10
    schedule: ScheduleId | None = None
    """The slot's; without it, the one that gives the first start."""
    patient: PersonId | None = None
    """Whose, when staff books; without it, the caller's."""


class ExtendSeries(Command, frozen=True):
    """Go on for longer."""

    more: Annotated[int, msgspec.Meta(ge=1, le=52, description="How many appointments are added.")]


class EndSeries(Command, frozen=True):
    """Cancel one occurrence and all that follow it."""

    number: Number
    reason: Reason = ""


class MoveFollowing(Command, frozen=True):
    """Move one occurrence and all that follow it: they become another series."""

    number: Number
    starts_at: Instant
    """Of the first of them, from now on."""
    every_days: EveryDays | None = None
    """Without it, as before."""
    schedule: ScheduleId | None = None
    """Without it, the same."""
    reason: Reason = ""


class OccurrenceView(msgspec.Struct, frozen=True, kw_only=True):
    """One of a series: the appointment that it is, or why there is none."""

    number: int
    original: Instant
    """When it was to start before anybody moved it alone."""
    appointment: AppointmentId | None = None
    starts_at: Instant | None = None
    status: Status | None = None
    refused: str | None = None
    """Why it could not be booked or moved, the code of the refusal, such as `slot-taken`."""


class SeriesView(msgspec.Struct, frozen=True, kw_only=True):
    """A series and all its occurrences."""

    id: SeriesId
    patient: PersonId
    therapist: PersonId
    schedule: ScheduleId
    zone: str
    starts_at: Instant
    every_days: int
    count: int
    ended_after: int | None
    """The last number, when it ended before its time."""
    continues: SeriesId | None
    """The series of which it is what follows after a move."""
    continued_by: SeriesId | None
    complete: bool
    """Whether all that was wanted has been tried."""
    version: int
    occurrences: tuple[OccurrenceView, ...]


class SeriesChangedV1(Event, frozen=True, kw_only=True, tag="therapy.series-changed.v1"):
    """A series began, goes on for longer or ended: its appointments follow, each told by itself."""

    series: SeriesId


class SeriesOver(DomainError):
    """The series ended before this occurrence."""

    code = "series-over"
    advice = "Book another series, or look at the one that continues it."


class SeriesTooLong(DomainError):
    """A series has at most 104 appointments."""

    status = 422
    code = "series-too-long"
    advice = "Add fewer, or book another series after this one."
