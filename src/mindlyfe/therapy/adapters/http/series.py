"""Series of appointments: book one at once, go on for longer, end it, move what follows; look."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from mindlyfe.kernel.errors import AssuranceTooLow, Forbidden, IdTaken, NotFound, Unavailable, VersionConflict
from mindlyfe.kernel.http import get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.application.series import BookedSeries
from mindlyfe.therapy.contract import (
    BeyondHorizon,
    InThePast,
    NotOffered,
    PatientBusy,
    SlotTaken,
    TherapistAway,
    TherapistFull,
    TooSoon,
)
from mindlyfe.therapy.contract.bookings import NoPatient
from mindlyfe.therapy.contract.series import (
    BookSeries,
    EndSeries,
    ExtendSeries,
    MoveFollowing,
    SeriesId,
    SeriesOver,
    SeriesTooLong,
    SeriesView,
)

BOOKING = (
    *(NotFound, NoPatient, Forbidden, AssuranceTooLow, IdTaken, Unavailable),
    *(NotOffered, InThePast, TooSoon, BeyondHorizon, TherapistAway, TherapistFull, SlotTaken, PatientBusy),
)
CHANGING = (NotFound, SeriesOver, VersionConflict, Unavailable)


def routes(booked: BookedSeries) -> list[Router]:
    """`/v1/series`."""
    handlers = [*_beginning(booked), *_following(booked)]
    return [Router("/v1/series", route_handlers=handlers, tags=["Series"])]


def _beginning(booked: BookedSeries) -> list[HTTPRouteHandler]:
    @put("/{series:uuid}", needs="series:book", clinical=True, refuses=BOOKING, status_code=201, timeout_s=60)
    async def book(data: BookSeries, who: Principal, act: Act, series: SeriesId) -> SeriesView:
        """Book a whole series, under an id that the caller makes: every occurrence that is free, at the same time by
        the clocks of the schedule's zone.

        The answer says which could not be booked, and why; only when none can be is nothing begun. Each is an
        appointment of its own, moved or cancelled as any other. The same request again goes on where it was broken off.
        """
        return await booked.book(series, data, who, act)

    @get("/{series:uuid}", needs="series:read", clinical=True, refuses=(NotFound,), audits="series.read")
    async def one(series: SeriesId, who: Principal) -> SeriesView:
        """A series and what has become of each occurrence, for its patient, its therapist and the front desk."""
        return await booked.one(series, who)

    @post(
        "/{series:uuid}/extension",
        needs="series:change",
        clinical=True,
        refuses=(*CHANGING, SeriesTooLong),
        status_code=200,
        timeout_s=60,
    )
    async def extend(
        series: SeriesId, data: ExtendSeries, who: Principal, act: Act, expected: int | None
    ) -> SeriesView:
        """Add occurrences at the end, those that are free."""
        return await booked.extend(series, data, who, act, expected)

    return [book, one, extend]


def _following(booked: BookedSeries) -> list[HTTPRouteHandler]:
    @post(
        "/{series:uuid}/ending",
        needs="series:change",
        clinical=True,
        refuses=CHANGING,
        status_code=200,
        timeout_s=60,
    )
    async def end(series: SeriesId, data: EndSeries, who: Principal, act: Act, expected: int | None) -> SeriesView:
        """Cancel this occurrence and all that follow it. Those that have begun or are over stay as they are."""
        return await booked.end(series, data, who, act, expected)

    @post(
        "/{series:uuid}/continuation",
        needs="series:change",
        clinical=True,
        refuses=CHANGING,
        status_code=200,
        timeout_s=60,
    )
    async def move(series: SeriesId, data: MoveFollowing, who: Principal, act: Act, expected: int | None) -> SeriesView:
        """Move this occurrence and all that follow it to another time, another weekday or another rhythm.

        They become another series, which is answered; they stay the same appointments. One whose new time is not free
        stays where it was, and the answer says why.
        """
        return await booked.move(series, data, who, act, expected)

    return [end, move]
