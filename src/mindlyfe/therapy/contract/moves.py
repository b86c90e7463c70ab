"""Moving many appointments at once, because their therapist cannot be there."""

from typing import Annotated

import msgspec

from mindlyfe.kernel.messages import Command, Instant, PersonId
from mindlyfe.therapy.contract import AppointmentId, Kind, ScheduleId, Status
from mindlyfe.therapy.contract.bookings import Reason


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Where an appointment could go: to a colleague at the same time, or to another time of the same therapist."""

    therapist: PersonId
    starts_at: Instant
    minutes: int
    schedule: ScheduleId
    kind: Kind


class DisplacedAppointment(msgspec.Struct, frozen=True, kw_only=True):
    """An appointment that has not begun, and what is proposed. Null: nothing is free, or it is not answered yet."""

    appointment: AppointmentId
    patient: PersonId
    starts_at: Instant
    minutes: int
    status: Status
    version: int
    proposal: Proposal | None


class OneMove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which appointment goes where; with `version`, only as it was seen."""

    appointment: AppointmentId
    therapist: PersonId
    starts_at: Instant
    schedule: ScheduleId | None = None
    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None


class MoveMany(Command, frozen=True):
    """The chosen moves. Each is done or refused by itself."""

    moves: Annotated[list[OneMove], msgspec.Meta(min_length=1, max_length=200)]
    reason: Reason = ""
    """Read by patient and therapist, and by the desk."""


class MoveResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one move. `refused` names why not, as the problem type of moving it alone."""

    appointment: AppointmentId
    version: int | None = None
    refused: str | None = None
