"""Holds: keep a slot while a form is filled in, and give it back."""

from uuid import UUID

from litestar import Router

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.http import delete, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.adapters.http.appointments import BOOKING
from mindlyfe.therapy.application.holding import Holding
from mindlyfe.therapy.contract import AlreadyBooked, AppointmentId, BookAppointment
from mindlyfe.therapy.contract.holds import HoldSaved, TooManyHolds


def routes(holding: Holding) -> Router:
    """`/v1/holds`."""

    @put("/{hold:uuid}", needs="appointments:book", clinical=True, refuses=(*BOOKING, TooManyHolds), status_code=201)
    async def hold(hold: UUID, data: BookAppointment, who: Principal, act: Act) -> HoldSaved:
        """Keep for ten minutes what is to be booked, under an id that the caller makes; two at once for a person.

        Book it under the same id: nobody gets in between. Asked again, it is kept no longer than at first.
        """
        return await holding.hold(AppointmentId(hold), data, who, act)

    @delete("/{hold:uuid}", needs="appointments:book", clinical=True, refuses=(NotFound, AlreadyBooked))
    async def release(hold: UUID, who: Principal, act: Act) -> None:
        """Give the slot back before its time is over."""
        await holding.release(AppointmentId(hold), who, act)

    return Router("/v1/holds", route_handlers=[hold, release], tags=["Appointments"])
