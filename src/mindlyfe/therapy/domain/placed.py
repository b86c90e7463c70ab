"""What takes a time of the calendar: a booking, a request, and what is kept for one of these for a while."""

from typing import Final, Literal

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract import Kind, RoomId, ScheduleId, TypeId
from mindlyfe.therapy.contract.groups import GroupId
from mindlyfe.therapy.contract.series import SeriesId
from mindlyfe.therapy.contract.waiting import OfferOutcome
from mindlyfe.therapy.domain.matching import Trace

DAY_HOURS: Final = 24

type HoldOutcome = OfferOutcome | Literal["used", "released"]
"""Of an offer to who waits; or of a hold."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """The therapist has at most so many appointments that start in this time."""

    since: Instant
    until: Instant
    most: int


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """Which occurrence of a series an appointment is."""

    series: SeriesId
    number: int
    """From 1."""
    original: Instant
    """When it was to start, before anybody moved it alone: it is recognised by that in other calendars."""


class Placed(Event, frozen=True, kw_only=True):
    """Takes a time: of whom, where, what is kept free around it, and the limits that it counts for."""

    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int
    schedule: ScheduleId | None = None
    kind: Kind = "video"
    place: str = ""
    before_minutes: int = 0
    after_minutes: int = 0
    limits: tuple[Limit, ...] = ()
    room: RoomId | None = None
    appointment_type: TypeId | None = None
    late_hours: int = DAY_HOURS
    """A cancellation nearer to the start is late."""
    by: PersonId | None = None
    """Who did it; None: the patient."""
    group_session: GroupId | None = None
    """It is a seat in this session of a group."""
    member: Membership | None = None
    """Of what is new: which occurrence of a series it is."""


class Booked(Placed, frozen=True, kw_only=True, tag="appointment.booked.v1"):
    """It is certain: they will meet."""


class Requested(Placed, frozen=True, kw_only=True, tag="appointment.requested.v1"):
    """The patient asks for this time, and has an answer before it lapses."""

    lapses_at: Instant


class Held(Event, frozen=True, kw_only=True, tag="appointment.held.v1"):
    """The slot is kept for a while. What `then` says happens when it is taken up."""

    then: Booked | Requested
    holder: PersonId
    until: Instant
    trace: Trace | None = None
    """Of an offer to who waits: why it is theirs."""


class HoldEnded(Event, frozen=True, kw_only=True, tag="appointment.hold-ended.v1"):
    """It is kept no longer. Accepted or used, it is booked, or asked for, by the next event."""

    patient: PersonId
    therapist: PersonId
    offered: bool
    outcome: HoldOutcome
    at: Instant
