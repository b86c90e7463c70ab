"""A calendar elsewhere, whose busy times a therapist imports."""

from collections.abc import Sequence
from typing import Final

import msgspec

from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.messages import Event, PersonId
from mindlyfe.kernel.web_address import NotOfTheWeb, web_address
from mindlyfe.therapy.contract.feeds import FeedAddressRefused, TooManyFeeds
from mindlyfe.therapy.domain.availability import zone_of

MOST_FEEDS: Final = 10


class FeedAdded(Event, frozen=True, kw_only=True, tag="feed.added.v1"):
    """The therapist imports busy times from there. The address is a secret: who has it reads the calendar."""

    therapist: PersonId
    url: str
    zone: str
    name: str
    all_day_busy: bool


class FeedRemoved(Event, frozen=True, kw_only=True, tag="feed.removed.v1"):
    """No longer."""

    therapist: PersonId


type Change = FeedAdded | FeedRemoved


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """The feed after the changes so far."""

    therapist: PersonId
    url: str
    zone: str
    all_day_busy: bool
    removed: bool = False


def evolve(state: Feed | None, change: Change) -> Feed:
    """The feed after a change."""
    match change:
        case FeedAdded():
            return Feed(therapist=change.therapist, url=change.url, zone=change.zone, all_day_busy=change.all_day_busy)
        case FeedRemoved():
            assert state
            return msgspec.structs.replace(state, removed=True)


def add(state: Feed | None, wish: FeedAdded, others: int) -> Sequence[Change]:
    """Import from there, too. Raises UnknownZone, FeedAddressRefused, TooManyFeeds."""
    zone_of(wish.zone)
    if state is not None:
        return []
    if others >= MOST_FEEDS:
        raise TooManyFeeds
    return [msgspec.structs.replace(wish, url=address(wish.url))]


def remove(state: Feed | None, by: PersonId) -> Sequence[Change]:
    """Import from there no longer. Raises NotFound."""
    if state is None or state.removed or state.therapist != by:
        raise NotFound
    return [FeedRemoved(therapist=by)]


def address(url: str) -> str:
    """The https address that is meant, if it may be asked at all. Raises FeedAddressRefused."""
    meant = "https://" + url.removeprefix("webcal://") if url.startswith("webcal://") else url
    try:
        return web_address(meant)
    except NotOfTheWeb:
        raise FeedAddressRefused from None
