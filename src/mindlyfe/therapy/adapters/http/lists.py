"""Lists of appointments: one's own, and the clinic's for its staff."""

from typing import Annotated

import msgspec
from litestar import Router

from mindlyfe.kernel.http import Page, get
from mindlyfe.kernel.messages import Instant, Principal
from mindlyfe.kernel.scopes import OWN
from mindlyfe.therapy.adapters.calendar import AppointmentEntry, Calendar, Wanted
from mindlyfe.therapy.contract import Status

From = Annotated[Instant, msgspec.Meta(description="Starts at this time or later.")]
To = Annotated[Instant, msgspec.Meta(description="Starts before this time.")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="Length of a page.")]
Cursor = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,200}$", description="`next` of the page before.")]


def routes(calendar: Calendar) -> list[Router]:
    """Appointments by page, soonest first."""

    @get(needs="appointments:read", clinical=True, audits="appointments.read", scope="Appointment.s")
    async def mine(
        who: Principal,
        *,
        from_: From | None = None,
        to: To | None = None,
        status: Status | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> Page[AppointmentEntry]:
        """The appointments the caller takes part in, soonest first."""
        wanted = Wanted(start=from_, end=to, status=status, limit=limit, cursor=cursor)
        if who.roles == OWN:
            return await calendar.of_patient(who.tenant, who.id, wanted)
        return await calendar.of_person(who.tenant, who.id, wanted)

    @get(needs="clinic-appointments:read", clinical=True, audits="appointments.read")
    async def clinic(
        who: Principal,
        *,
        from_: From | None = None,
        to: To | None = None,
        status: Status | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> Page[AppointmentEntry]:
        """Everybody's appointments in the clinic, for its staff, soonest first."""
        wanted = Wanted(start=from_, end=to, status=status, limit=limit, cursor=cursor)
        return await calendar.of_clinic(who.tenant, wanted)

    return [
        Router("/v1/appointments", route_handlers=[mine], tags=["Appointments"]),
        Router("/v1/clinic/appointments", route_handlers=[clinic], tags=["Appointments"]),
    ]
