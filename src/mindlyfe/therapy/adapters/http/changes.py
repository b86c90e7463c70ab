"""What becomes of an appointment: moved, confirmed, declined, missed."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import Forbidden, IdTaken, NotFound, VersionConflict
from mindlyfe.kernel.http import delete, post
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.application.appointments import Appointments
from mindlyfe.therapy.contract import (
    AlreadyStarted,
    AppointmentId,
    BeyondHorizon,
    InThePast,
    NotBooked,
    NotOffered,
    PatientBusy,
    Saved,
    SlotTaken,
    TherapistAway,
    TherapistFull,
    TooSoon,
)
from mindlyfe.therapy.contract.bookings import (
    ConfirmationNeeded,
    DeclineAppointment,
    MarkAbsence,
    MoveAppointment,
    NotAnswered,
    NotMissed,
    NotRequested,
    NotStarted,
    RequestLapsed,
    RoomTaken,
    TooLateToCorrect,
    TooLateToMove,
)
from mindlyfe.therapy.contract.clinic import UnknownRoom
from mindlyfe.therapy.contract.groups import SeatStays

CHANGING = (NotFound, IdTaken, Forbidden, VersionConflict)
TAKING = (
    SlotTaken,
    PatientBusy,
    RoomTaken,
    NotOffered,
    TooSoon,
    BeyondHorizon,
    InThePast,
    TherapistAway,
    TherapistFull,
)
MOVING = (
    *CHANGING,
    UnknownRoom,
    SeatStays,
    NotBooked,
    AlreadyStarted,
    NotAnswered,
    TooLateToMove,
    ConfirmationNeeded,
    *TAKING,
)


def routes(appointments: Appointments) -> list[Router]:
    """Change one appointment."""
    handlers = [*_moving(appointments), *_answering(appointments), *_absence(appointments)]
    return [Router("/v1/appointments", route_handlers=handlers, tags=["Appointments"])]


def _moving(appointments: Appointments) -> list[HTTPRouteHandler]:
    @post("/{appointment:uuid}/move", needs="appointments:move", clinical=True, refuses=MOVING, status_code=200)
    async def move(
        appointment: AppointmentId, data: MoveAppointment, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Give the appointment another time: the new one is taken and the old one freed at once, and all else stays.

        A patient moves what is not too near, by the hours of its schedule; the front desk also to another therapist.
        """
        return await appointments.move(appointment, data, who, act, expected)

    return [move]


def _answering(appointments: Appointments) -> list[HTTPRouteHandler]:
    @post(
        "/{appointment:uuid}/confirmation",
        needs="appointments:answer",
        clinical=True,
        refuses=(*CHANGING, NotRequested, RequestLapsed),
        status_code=200,
    )
    async def confirm(appointment: AppointmentId, who: Principal, act: Act, expected: int | None) -> Saved:
        """Say yes to a request; by its therapist, or the front desk for them."""
        return await appointments.confirm(appointment, who, act, expected)

    @post(
        "/{appointment:uuid}/decline",
        needs="appointments:answer",
        clinical=True,
        refuses=(*CHANGING, NotRequested),
        status_code=200,
    )
    async def decline(
        appointment: AppointmentId, data: DeclineAppointment, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Say no to a request, with a reason that the patient reads. The slot is free again."""
        return await appointments.decline(appointment, data, who, act, expected)

    return [confirm, decline]


def _absence(appointments: Appointments) -> list[HTTPRouteHandler]:
    @post(
        "/{appointment:uuid}/absence",
        needs="appointments:mark",
        clinical=True,
        refuses=(*CHANGING, NotBooked, NotStarted),
        status_code=200,
    )
    async def miss(
        appointment: AppointmentId, data: MarkAbsence, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Say who did not come, once it has begun: of the patient the therapist says so, of the therapist the patient.

        The front desk says it of either.
        """
        return await appointments.miss(appointment, data.absent, who, act, expected)

    @delete(
        "/{appointment:uuid}/absence",
        needs="appointments:mark",
        clinical=True,
        refuses=(NotFound, IdTaken, Forbidden, NotMissed, TooLateToCorrect),
    )
    async def take_back(appointment: AppointmentId, who: Principal, act: Act) -> None:
        """Say that they did come, at most 7 days after it was said that they did not."""
        await appointments.take_back(appointment, who, act)

    return [miss, take_back]
