"""One appointment: what may happen to it, and what it then is. The decisions are in `booking` and `attending`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from mindlyfe.kernel.messages import Event, Instant, PersonId
from mindlyfe.therapy.contract import Kind, RoomId, ScheduleId, Status, TypeId
from mindlyfe.therapy.contract.groups import GroupId
from mindlyfe.therapy.domain.placed import (
    DAY_HOURS,
    Booked,
    Held,
    HoldEnded,
    HoldOutcome,
    Limit,
    Membership,
    Placed,
    Requested,
)

__all__ = [
    "AbsenceTakenBack",
    "Appointment",
    "Booked",
    "Cancelled",
    "Change",
    "Confirmed",
    "Declined",
    "Fulfilled",
    "Held",
    "HoldEnded",
    "Limit",
    "Membership",
    "Missed",
    "Moved",
    "PatientMerged",
    "Placed",
    "Requested",
    "evolve",
    "follow_merge",
]


class Confirmed(Event, frozen=True, kw_only=True, tag="appointment.confirmed.v1"):
    """The answer to a request is yes."""

    patient: PersonId
    therapist: PersonId
    starts_at: Instant
    minutes: int
    room: RoomId | None = None
    by: PersonId


class Declined(Event, frozen=True, kw_only=True, tag="appointment.declined.v1"):
    """The answer to a request is no; by the platform: nobody answered in time."""

    patient: PersonId
    therapist: PersonId
    by: PersonId
    reason: str


class Moved(Placed, frozen=True, kw_only=True, tag="appointment.moved.v1"):
    """It has another time, or another therapist than `was_with`. With `lapses_at` it is still only asked for."""

    was_with: PersonId
    reason: str
    lapses_at: Instant | None = None


class Cancelled(Event, frozen=True, kw_only=True, tag="appointment.cancelled.v1"):
    """Somebody gave the slot back."""

    patient: PersonId
    therapist: PersonId
    by: PersonId
    reason: str
    late: bool


class Missed(Event, frozen=True, kw_only=True, tag="appointment.missed.v1"):
    """One of them, `absent`, did not come."""

    patient: PersonId
    therapist: PersonId
    absent: PersonId
    by: PersonId
    at: Instant


class AbsenceTakenBack(Event, frozen=True, kw_only=True, tag="appointment.absence-taken-back.v1"):
    """They did come."""

    patient: PersonId
    therapist: PersonId
    by: PersonId


class Fulfilled(Event, frozen=True, kw_only=True, tag="appointment.fulfilled.v1"):
    """It took place."""

    patient: PersonId
    therapist: PersonId
    by: PersonId


class SeriesJoined(Event, frozen=True, kw_only=True, tag="appointment.series-joined.v1"):
    """It is an occurrence of another series than before."""

    patient: PersonId
    therapist: PersonId
    member: Membership


class PatientMerged(Event, frozen=True, kw_only=True, tag="appointment.patient-merged.v1"):
    """The patient's account became another one, `patient`, whose appointment it is from now on."""

    patient: PersonId
    was: PersonId
    therapist: PersonId


type Change = Booked | Requested | Held | Step
type Step = (
    HoldEnded
    | Confirmed
    | Declined
    | Moved
    | Cancelled
    | Missed
    | AbsenceTakenBack
    | Fulfilled
    | SeriesJoined
    | PatientMerged
)


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """The state after the changes so far."""

    patient: PersonId
    therapist: PersonId
    starts_at: datetime
    minutes: int
    schedule: ScheduleId | None = None
    kind: Kind = "video"
    place: str = ""
    room: RoomId | None = None
    appointment_type: TypeId | None = None
    group_session: GroupId | None = None
    late_hours: int = DAY_HOURS
    sequence: int = 0
    """How often it was moved."""
    formerly: tuple[PersonId, ...] = ()
    """Therapists it was with before it was moved to another one."""
    status: Status = "booked"
    by: PersonId | None = None
    """Who changed it last."""
    reason: str = ""
    late: bool = False
    lapses_at: datetime | None = None
    absent: PersonId | None = None
    marked_at: datetime | None = None
    """When it was said that somebody did not come."""
    member: Membership | None = None
    booked_as: Membership | None = None
    """What it was a member of at first. Mail programs know it by that for good."""
    hold: Held | None = None
    """What it was kept by before it was booked, if it was."""
    hold_outcome: HoldOutcome | None = None


def evolve(state: Appointment | None, change: Change) -> Appointment:
    """The appointment after a change."""
    if isinstance(change, Booked | Requested):
        lapses_at = change.lapses_at if isinstance(change, Requested) else None
        status: Status = "requested" if isinstance(change, Requested) else "booked"
        kept: dict[str, Any] = {"hold": state.hold, "hold_outcome": state.hold_outcome} if state else {}
        return Appointment(**_place(change), status=status, lapses_at=lapses_at, **_joined(change), **kept)
    if isinstance(change, Held):
        return Appointment(**_place(change.then), status="held", lapses_at=change.until, hold=change)
    assert state
    return msgspec.structs.replace(state, **_changed(state, change))


def _joined(change: Placed) -> dict[str, Any]:
    return {"member": change.member, "booked_as": change.member}


def _place(change: Placed) -> dict[str, Any]:
    return {
        "patient": change.patient,
        "therapist": change.therapist,
        "starts_at": change.starts_at,
        "minutes": change.minutes,
        "schedule": change.schedule,
        "kind": change.kind,
        "place": change.place,
        "room": change.room,
        "appointment_type": change.appointment_type,
        "group_session": change.group_session,
        "late_hours": change.late_hours,
        "by": change.by or change.patient,
    }


def _changed(  # noqa: PLR0911 # one line per change
    state: Appointment,
    change: Step,
) -> Mapping[str, object]:
    match change:
        case HoldEnded(outcome=outcome):
            return {"hold_outcome": outcome, "lapses_at": None}
        case Confirmed(by=by):
            return {"status": "booked", "by": by, "lapses_at": None}
        case Declined(by=by, reason=reason):
            return {"status": "declined", "by": by, "reason": reason, "lapses_at": None}
        case Moved(reason=reason, lapses_at=lapses_at, was_with=was_with):
            before = tuple(dict.fromkeys((*state.formerly, was_with)))
            count = {"sequence": state.sequence + 1, "reason": reason, "lapses_at": lapses_at}
            return _place(change) | count | {"formerly": tuple(one for one in before if one != change.therapist)}
        case Cancelled(by=by, reason=reason, late=late):
            return {"status": "cancelled", "by": by, "reason": reason, "late": late, "lapses_at": None}
        case Missed(absent=absent, by=by, at=at):
            return {"status": "missed", "absent": absent, "by": by, "marked_at": at}
        case AbsenceTakenBack(by=by):
            return {"status": "booked", "absent": None, "by": by, "marked_at": None}
        case Fulfilled(by=by):
            return {"status": "fulfilled", "absent": None, "by": by, "marked_at": None}
        case SeriesJoined(member=member):
            return {"member": member}
        case PatientMerged(patient=patient, was=was):
            return dict.fromkeys(
                ["patient", *(name for name in ("by", "absent") if getattr(state, name) == was)], patient
            )


def follow_merge(state: Appointment | None, *, duplicate: PersonId, survivor: PersonId) -> Sequence[Change]:
    """Make the duplicate's appointment the survivor's, past and cancelled ones too; what is theirs already stays so."""
    if state is None or state.patient != duplicate:
        return []
    return [PatientMerged(patient=survivor, was=duplicate, therapist=state.therapist)]
