"""What a clinician sees of a patient they treat."""

from litestar import Router

from mindlyfe.kernel.errors import AssuranceTooLow, NotFound, Unavailable
from mindlyfe.kernel.http import Page, get
from mindlyfe.kernel.messages import PersonId, Principal
from mindlyfe.kernel.reach import Reach
from mindlyfe.therapy.adapters.calendar import AppointmentEntry, Calendar, Wanted
from mindlyfe.therapy.adapters.http.lists import Cursor, From, Limit, To
from mindlyfe.therapy.adapters.merged import Merged
from mindlyfe.therapy.contract import Status
from mindlyfe.therapy.domain.access import calendar_of


def routes(reach: Reach, calendar: Calendar, merged: Merged) -> list[Router]:
    """A patient's appointments, with whichever therapist."""

    @get(
        "/{patient:uuid}/appointments",
        needs="patient-appointments:read",
        clinical=True,
        refuses=(NotFound, AssuranceTooLow, Unavailable),
        audits="appointments.read",
    )
    async def of_patient(
        patient: PersonId,
        who: Principal,
        *,
        from_: From | None = None,
        to: To | None = None,
        status: Status | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> Page[AppointmentEntry]:
        """The appointments of a patient whom the caller treats now, or whose record is open to them; soonest first.

        The id of an account that was merged leads to the one that is left.
        """
        patient = await merged.survivor(who.tenant, patient)
        verdict = await reach.require(who, "read", calendar_of(who.tenant, patient))
        if not verdict.tied and not await calendar.knows(who.tenant, patient):
            raise NotFound
        wanted = Wanted(start=from_, end=to, status=status, limit=limit, cursor=cursor)
        return await calendar.of_patient(who.tenant, patient, wanted)

    return [Router("/v1/patients", route_handlers=[of_patient], tags=["Appointments"])]
