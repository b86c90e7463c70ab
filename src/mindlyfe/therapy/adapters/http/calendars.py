"""Appointments in calendar apps: one's own secret address, and what is read there."""

import hashlib
from typing import Annotated, Any

import msgspec
from litestar import Response, Router

from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.http import PUBLIC, delete, get, post, put
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.application.subscriptions import Subscriptions
from mindlyfe.therapy.contract.calendars import ShowInCalendar, SubscriptionSaved, SubscriptionView

Secret = Annotated[str, msgspec.Meta(description="The secret of the address, with `.ics`.")]
ICS = "text/calendar"


def routes(subscriptions: Subscriptions) -> list[Router]:
    """`/v1/me/calendar-subscription`, `/v1/calendars/{secret}`."""

    @get(needs="calendar-subscription:own", clinical=True)
    async def own(who: Principal) -> SubscriptionView:
        """Whether calendar apps can read the caller's appointments, and what is said of patients."""
        return await subscriptions.own(who)

    @post(needs="calendar-subscription:own", clinical=True)
    async def open_(who: Principal, act: Act) -> SubscriptionSaved:
        """Make a secret address for the caller's calendar app. It is shown this once; one before it counts no longer.

        Whoever has it reads the times of the caller's appointments without signing in, so far as `shows` says more.
        """
        return await subscriptions.open(who, act)

    @put(needs="calendar-subscription:own", clinical=True)
    async def show(data: ShowInCalendar, who: Principal, act: Act) -> SubscriptionView:
        """Say what stands at a therapist's appointments. A patient's own never name the clinic or the therapist."""
        return await subscriptions.show(data.shows, who, act)

    @delete(needs="calendar-subscription:own", clinical=True, refuses=(NotFound,))
    async def revoke(who: Principal, act: Act) -> None:
        """Let no address count any more."""
        await subscriptions.revoke(who, act)

    mine = [own, open_, show, revoke]
    return [
        Router("/v1/me/calendar-subscription", route_handlers=mine, tags=["Calendars"]),
        Router("/v1/calendars", route_handlers=[_reading(subscriptions)], tags=["Calendars"]),
    ]


def _reading(subscriptions: Subscriptions) -> Any:
    @get("/{secret:str}", needs=PUBLIC, refuses=(NotFound, Unavailable), rate_per_s=5, media_type=ICS)
    async def calendar(secret: Secret) -> Response[bytes]:
        """The appointments behind a secret address as iCalendar: ninety days back, and all that are to come.

        An app that sends the ETag it has gets 304 while nothing changed.
        """
        document = await subscriptions.read(secret)
        etag = f'"{hashlib.sha256(document).hexdigest()}"'
        headers = {"etag": etag, "cache-control": "private, no-cache"}
        return Response(document, headers=headers, media_type=ICS)

    return calendar
