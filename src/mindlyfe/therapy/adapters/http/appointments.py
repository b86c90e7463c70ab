"""Appointments: book, cancel, look."""

from typing import Annotated

import msgspec
from litestar import Router

from mindlyfe.kernel.errors import Forbidden, NotFound, VersionConflict
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Act, Instant, Principal
from mindlyfe.therapy.adapters.calendar import Calendar, Entry, Wanted
from mindlyfe.therapy.application.appointments import Appointments
from mindlyfe.therapy.contract import (
    AlreadyBooked,
    AlreadyStarted,
    AppointmentId,
    BeyondHorizon,
    BookAppointment,
    CancelAppointment,
    InThePast,
    NotBooked,
    NotOffered,
    PatientBusy,
    Saved,
    SlotTaken,
    Status,
    TooSoon,
)

From = Annotated[Instant, msgspec.Meta(description="Starts at this time or later.")]
To = Annotated[Instant, msgspec.Meta(description="Starts before this time.")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="Length of a page.")]
Cursor = Annotated[str, msgspec.Meta(max_length=200, description="`next` of the page before.")]

BOOKING = (NotFound, AlreadyBooked, SlotTaken, PatientBusy, NotOffered, TooSoon, BeyondHorizon, InThePast)
CANCELLING = (NotFound, Forbidden, NotBooked, AlreadyStarted, VersionConflict)


class Detail(Entry, frozen=True, kw_only=True):
    """One appointment. The reason of a cancellation is shown to patient and therapist only."""

    reason: str


def routes(appointments: Appointments, calendar: Calendar) -> list[Router]:
    """The caller's appointments, and the clinic's for its staff."""

    @put("/{appointment:uuid}", needs="appointments:book", refuses=BOOKING, status_code=201)
    async def book(appointment: AppointmentId, data: BookAppointment, who: Principal, act: Act) -> Saved:
        """Book a free slot for the caller, under an id that the caller makes."""
        return await appointments.book(appointment, data, who, act)

    @post("/{appointment:uuid}/cancellation", needs="appointments:cancel", refuses=CANCELLING, status_code=200)
    async def cancel(
        appointment: AppointmentId, data: CancelAppointment, who: Principal, act: Act, expected: int | None
    ) -> Saved:
        """Cancel; marked late within 24 hours of the start. The slot is free again."""
        return await appointments.cancel(appointment, data, who, act, expected)

    @get("/{appointment:uuid}", needs="appointments:read", refuses=(NotFound,), audits="appointments.read")
    async def one(appointment: AppointmentId, who: Principal) -> Detail:
        """One appointment, for its patient, its therapist and the clinic's staff."""
        state, version = await appointments.one(appointment, who)
        return Detail(id=appointment, version=version, **msgspec.structs.asdict(state))

    @get(needs="appointments:read", audits="appointments.read")
    async def mine(
        who: Principal,
        *,
        from_: From | None = None,
        to: To | None = None,
        status: Status | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> Page[Entry]:
        """The appointments the caller takes part in, soonest first."""
        wanted = Wanted(start=from_, end=to, status=status, limit=limit, cursor=cursor)
        return await calendar.of_person(who.tenant, who.id, wanted)

    @get(needs="clinic-appointments:read", audits="appointments.read")
    async def clinic(
        who: Principal,
        *,
        from_: From | None = None,
        to: To | None = None,
        status: Status | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> Page[Entry]:
        """Everybody's appointments in the clinic, for its staff, soonest first."""
        wanted = Wanted(start=from_, end=to, status=status, limit=limit, cursor=cursor)
        return await calendar.of_clinic(who.tenant, wanted)

    return [
        Router("/v1/appointments", route_handlers=[book, cancel, one, mine], tags=["Appointments"]),
        Router("/v1/clinic/appointments", route_handlers=[clinic], tags=["Appointments"]),
    ]
