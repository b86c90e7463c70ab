"""One appointment: book, cancel, look."""

from litestar import Router

from mindlyfe.kernel.errors import Forbidden, IdTaken, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import get, post, put
from mindlyfe.kernel.messages import Act, PersonId, Principal
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
from mindlyfe.therapy.contract.bookings import NoPatient, RoomTaken
from mindlyfe.therapy.contract.clinic import TypeForStaff, UnknownRoom, UnknownType
from mindlyfe.therapy.contract.holds import HoldOver
from mindlyfe.therapy.domain.appointment import Membership

BOOKING = (
    *(NotFound, IdTaken, AlreadyBooked, SlotTaken, PatientBusy, NotOffered, TooSoon, BeyondHorizon, InThePast),
    *(TherapistAway, TherapistFull, RoomTaken, NoPatient, Forbidden, Unavailable),
    *(UnknownType, TypeForStaff, UnknownRoom, HoldOver),
)
CANCELLING = (NotFound, IdTaken, NotBooked, AlreadyStarted, VersionConflict)


class AppointmentDetail(AppointmentFacts, frozen=True, kw_only=True):
    """One appointment. Patient and therapist see the reason of a change, the desk what the desk gave."""

    reason: str
    by: PersonId
    """Who booked, moved, answered, cancelled or marked it last; all zeros: the platform."""
    late_hours: int
    """A cancellation nearer to the start is late, and a patient does not move it any more."""
    schedule: ScheduleId | None
    kind: Kind
    place: str
    member: Membership | None
    """Which occurrence of a series it is."""


SHOWN = tuple(name for name in AppointmentDetail.__struct_fields__ if name not in {"id", "version", "by"})


def routes(appointments: Appointments) -> list[Router]:
    """Book, cancel and look at one appointment."""

    @put("/{appointment:uuid}", needs="appointments:book", clinical=True, refuses=BOOKING, status_code=201)
    async def book(appointment: AppointmentId, data: BookAppointment, who: Principal, act: Act) -> Saved:
        """Book a free slot, under an id that the caller makes: a patient for themselves, staff for a patient.

        Where the therapist confirms, a patient's booking is a request at first: it takes the time until it is declined
        or lapses. What is held is booked under the hold's id. Staff is bound by no notice, horizon or confirmation.
        """
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
        """Cancel, or take a request back; marked late by the hours of its schedule. The slot is free again."""
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
        shown = {name: getattr(state, name) for name in SHOWN}
        return AppointmentDetail(id=appointment, version=version, by=state.by or state.patient, **shown)

    return [Router("/v1/appointments", route_handlers=[book, cancel, one], tags=["Appointments"])]
