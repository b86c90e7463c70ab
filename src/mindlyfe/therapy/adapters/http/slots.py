"""The slots of one therapist, and whether a series of appointments would be free."""

from typing import Annotated

import msgspec
from litestar import Router

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.http import Page, get
from mindlyfe.kernel.messages import Instant, PersonId, Principal
from mindlyfe.therapy.application.slots import SlotSearch
from mindlyfe.therapy.contract import RangeTooLong, ScheduleId, TypeId
from mindlyfe.therapy.contract.availability import Occurrence, Slots
from mindlyfe.therapy.contract.clinic import TypeForStaff, UnknownType
from mindlyfe.therapy.domain.series import Rhythm

From = Annotated[Instant, msgspec.Meta(description="Slots start at this time or later.")]
To = Annotated[Instant, msgspec.Meta(description="Slots start before this time; at most 62 days after `from`.")]
First = Annotated[Instant, msgspec.Meta(description="Start of the first appointment.")]
Every = Annotated[int, msgspec.Meta(ge=1, le=28, description="Days from one appointment to the next.")]
Count = Annotated[int, msgspec.Meta(ge=2, le=52, description="How many appointments.")]

SEARCHING = (NotFound, RangeTooLong, UnknownType, TypeForStaff)


def routes(search: SlotSearch) -> Router:
    """Search slots."""

    @get("/{therapist:uuid}/slots", needs="slots:read", refuses=SEARCHING, scope="Slot.s")
    async def slots(
        therapist: PersonId,
        from_: From,
        to: To,
        who: Principal,
        *,
        schedule: ScheduleId | None = None,
        appointment_type: TypeId | None = None,
    ) -> Slots:
        """The therapist's free slots in a range, soonest first, and who stands in while they are away.

        Notice and horizon are heeded. One `schedule`, or all. With an `appointment_type`, the slots that hold one.
        """
        return await search.of(therapist, from_, to, who, schedule=schedule, appointment_type=appointment_type)

    @get("/{therapist:uuid}/series", needs="slots:read", refuses=(NotFound, RangeTooLong))
    async def series(
        therapist: PersonId,
        from_: First,
        who: Principal,
        *,
        every_days: Every = 7,
        count: Count = 10,
        schedule: ScheduleId | None = None,
    ) -> Page[Occurrence]:
        """Which appointments of a series would be free, at the same time by the therapist's clocks, all in one page.

        For a patient also by their own appointments. One `schedule`, or the one that gives the first start.
        """
        rhythm = Rhythm(first=from_, every_days=every_days, count=count)
        return Page(await search.series(therapist, rhythm, who, schedule))

    return Router("/v1/therapists", route_handlers=[slots, series], tags=["Availability"])
