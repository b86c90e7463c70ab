"""Calendars elsewhere that take a therapist's time."""

from litestar import Router

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.http import Page, delete, get, post
from mindlyfe.kernel.messages import Act, Principal
from mindlyfe.therapy.application.feeds import OwnFeeds
from mindlyfe.therapy.contract import UnknownZone
from mindlyfe.therapy.contract.feeds import AddFeed, FeedAddressRefused, FeedId, FeedSaved, FeedView, TooManyFeeds


def routes(feeds: OwnFeeds) -> Router:
    """Import busy times, and see how that goes."""

    @get(needs="availability:read")
    async def listed(who: Principal) -> Page[FeedView]:
        """The caller's feeds, in one page: how each is, how old the copy that counts is, and what is wrong."""
        return Page(await feeds.own(who))

    @post(needs="availability:publish", refuses=(UnknownZone, FeedAddressRefused, TooManyFeeds))
    async def add(data: AddFeed, who: Principal, act: Act) -> FeedSaved:
        """Import busy times from a calendar elsewhere: times alone, every quarter of an hour."""
        return await feeds.add(data, who, act)

    @post("/{feed:uuid}/refresh", needs="availability:publish", refuses=(NotFound,), status_code=204)
    async def refresh(feed: FeedId, who: Principal) -> None:
        """Have a feed asked now, at most once a minute."""
        await feeds.refresh(feed, who)

    @delete("/{feed:uuid}", needs="availability:publish", refuses=(NotFound,))
    async def remove(feed: FeedId, who: Principal, act: Act) -> None:
        """Import from there no longer. What it brought is deleted."""
        await feeds.remove(feed, who, act)

    return Router("/v1/calendar-feeds", route_handlers=[listed, add, refresh, remove], tags=["Availability"])
