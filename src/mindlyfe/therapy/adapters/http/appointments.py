"""One appointment: book, cancel, look."""

import msgspec
from litestar import Router

from mindlyfe.kernel.errors import Forbidden, IdTaken, NotFound, VersionConflict
from mindlyfe.kernel.http import get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.adapters.calendar import AppointmentFacts
from mindlyfe.therapy.application.appointments import Appointments
from mindlyfe.therapy.contract import (
    AlreadyBooked,
    AlreadyStarted,
    AppointmentId,
    BeyondHorizon,
    BookAppointment,
    CancelAppointment,
    InThePast,
    Kind,
    NotBooked,
    NotOffered,
    PatientBusy,
    Saved,
    ScheduleId,
    SlotTaken,
    TherapistAway,
    TherapistFull,
    TooSoon,
)

BOOKING = (
    *(NotFound, IdTaken, AlreadyBooked, SlotTaken, PatientBusy, NotOffered, TooSoon, BeyondHorizon, InThePast),
    *(TherapistAway, TherapistFull),
)
CANCELLING = (NotFound, IdTaken, Forbidden, NotBooked, AlreadyStarted, VersionConflict)


class AppointmentDetail(AppointmentFacts, frozen=True, kw_only=True):
    """One appointment. The reason of a cancellation is shown to patient and therapist only."""

    reason: str
    schedule: ScheduleId | None
    kind: Kind
    place: str


def routes(appointments: Appointments) -> list[Router]:
    """Book, cancel and look at one appointment."""

    @put("/{appointment:uuid}", needs="appointments:book", clinical=True, refuses=BOOKING, status_code=201)
    async def book(appointment: AppointmentId, data: BookAppointment, who: Principal, act: Act) -> Saved:
        """Book a free slot for the caller, under an id that the caller makes."""
        return await appointments.book(appointment, data, who, act)

    @post(
        "/{appointment:uuid}/cancellation",
        needs="appointments:cancel",
        clinical=True,
        refuses=CANCELLING,
        status_code=200,
    )
    async def cancel(
        appointment: AppointmentId, data: CancelAppointment, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Cancel; marked late within 24 hours of the start. The slot is free again."""
        return await appointments.cancel(appointment, data, who, act, expected)

    @get(
        "/{appointment:uuid}",
        needs="appointments:read",
        clinical=True,
        refuses=(NotFound,),
        audits="appointments.read",
        scope="Appointment.r",
    )
    async def one(appointment: AppointmentId, who: Principal) -> AppointmentDetail:
        """One appointment, for its patient, its therapist and the clinic's staff."""
        state, version = await appointments.one(appointment, who)
        return AppointmentDetail(id=appointment, version=version, **msgspec.structs.asdict(state))

    return [Router("/v1/appointments", route_handlers=[book, cancel, one], tags=["Appointments"])]
