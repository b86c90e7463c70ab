"""A therapist's time off."""

from litestar import Router

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.http import Page, delete, get, post
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.adapters.http.availability import wall
from mindlyfe.therapy.application.schedules import Schedules
from mindlyfe.therapy.application.time_off import TimesOff
from mindlyfe.therapy.contract import UnknownZone
from mindlyfe.therapy.contract.availability import (
    NoColleague,
    TakeTimeOff,
    TimeOffBackwards,
    TimeOffId,
    TimeOffSaved,
    TimeOffView,
    TooMuchTimeOff,
)
from mindlyfe.therapy.domain.availability import TimeOff


def routes(times_off: TimesOff, schedules: Schedules) -> Router:
    """Be away, and be there after all."""

    @get(needs="availability:read")
    async def listed(who: Principal) -> Page[TimeOffView]:
        """The caller's times off, past ones too, in one page."""
        published = await schedules.own(who)
        return Page([_view(each) for each in published.availability.time_off] if published else [])

    @post(needs="availability:publish", refuses=(UnknownZone, TimeOffBackwards, TooMuchTimeOff, NoColleague))
    async def take(data: TakeTimeOff, who: Principal, act: Act) -> TimeOffSaved:
        """Be away, in every schedule; patients are sent to the colleague. Appointments stay."""
        return await times_off.take(data, who, act)

    @delete("/{time_off:uuid}", needs="availability:publish", refuses=(NotFound,))
    async def give_up(time_off: TimeOffId, who: Principal, act: Act) -> None:
        """Be there after all."""
        await times_off.give_up(time_off, who, act)

    return Router("/v1/time-off", route_handlers=[listed, take, give_up], tags=["Availability"])


def _view(one: TimeOff) -> TimeOffView:
    return TimeOffView(
        id=one.id,
        zone=one.zone,
        first=one.first,
        last=one.last,
        from_=wall(one.opens),
        to=wall(one.closes),
        colleague=one.colleague,
    )
