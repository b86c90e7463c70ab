"""Sessions of groups."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import Forbidden, IdTaken, NotFound, Unavailable
from mindlyfe.kernel.http import Page, get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.application.groups import Groups
from mindlyfe.therapy.contract import (
    AlreadyBooked,
    AlreadyStarted,
    AppointmentId,
    InThePast,
    NotOffered,
    PatientBusy,
    Saved,
    SlotTaken,
)
from mindlyfe.therapy.contract.bookings import RoomTaken
from mindlyfe.therapy.contract.clinic import UnknownRoom
from mindlyfe.therapy.contract.groups import (
    CallOffGroup,
    GroupEntry,
    GroupFull,
    GroupId,
    GroupOver,
    GroupSaved,
    GroupView,
    Guest,
    OfferGroup,
    TakeSeat,
)

OFFERING = (NotFound, Forbidden, UnknownRoom, IdTaken, InThePast, SlotTaken, RoomTaken)
SEATING = (
    *(NotFound, IdTaken, Unavailable, AlreadyBooked, GroupOver, GroupFull, AlreadyStarted, NotOffered, PatientBusy),
)
ONE = "/{group_session:uuid}"


def routes(groups: Groups) -> Router:
    """Offer, seat, call off, look."""

    @put(ONE, needs="groups:run", refuses=OFFERING, status_code=201)
    async def offer(group_session: GroupId, data: OfferGroup, who: Principal, act: Act) -> GroupSaved:
        """Offer a session under an id that the caller makes: a therapist their own, the front desk anybody's.

        Its time need not be a slot; nobody is booked into it from then on but by a seat.
        """
        return await groups.offer(group_session, data, who, act)

    @post(
        f"{ONE}/cancellation",
        needs="groups:run",
        clinical=True,
        refuses=(NotFound, IdTaken, AlreadyStarted),
        status_code=200,
    )
    async def call_off(group_session: GroupId, data: CallOffGroup, who: Principal, act: Act) -> GroupSaved:
        """Call a session off. Every seat is cancelled, and every guest told by themselves."""
        return await groups.call_off(group_session, data, who, act)

    @put(f"{ONE}/seats/{{appointment:uuid}}", needs="groups:run", clinical=True, refuses=SEATING, status_code=201)
    async def seat(
        group_session: GroupId, appointment: AppointmentId, data: TakeSeat, who: Principal, act: Act
    ) -> Saved:
        """Give a patient a seat: an appointment of theirs, which is cancelled and marked like any other."""
        return await groups.seat(group_session, appointment, data.patient, who, act)

    return Router("/v1/group-sessions", route_handlers=[offer, call_off, seat, *_looking(groups)], tags=["Groups"])


def _looking(groups: Groups) -> list[HTTPRouteHandler]:
    @get(ONE, needs="groups:read", clinical=True, refuses=(NotFound,), audits="groups.read")
    async def one(group_session: GroupId, who: Principal) -> GroupView:
        """One session, for who runs it and for its guests; a guest sees neither others nor how many they are."""
        return await groups.one(group_session, who)

    @get(f"{ONE}/guests", needs="groups:run", clinical=True, refuses=(NotFound,), audits="groups.read")
    async def guests(group_session: GroupId, who: Principal) -> Page[Guest]:
        """Who has or had a seat, for its therapist and the front desk, in one page."""
        return Page(await groups.guests(group_session, who))

    @get(needs="groups:run")
    async def upcoming(who: Principal) -> Page[GroupEntry]:
        """The caller's sessions to come, for the front desk everybody's, soonest first, in one page of up to 200."""
        return Page(await groups.upcoming(who))

    return [one, guests, upcoming]
