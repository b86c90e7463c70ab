"""What a therapist does with the calendars elsewhere that take their time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.errors import NotFound
from mindlyfe.kernel.ids import Ids, derived
from mindlyfe.kernel.messages import Act, PersonId, Principal, TenantId
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.contract.feeds import AddFeed, FeedId, FeedSaved, FeedView
from mindlyfe.therapy.domain.feed import Change, Feed, FeedAdded, add, remove


class FeedList(Protocol):
    """The feeds and how they are."""

    async def of(self, tenant: TenantId, therapist: PersonId, now: datetime) -> Sequence[FeedView]:
        """The therapist's."""
        ...

    async def forget(self, tenant: TenantId, feed: FeedId) -> None:
        """Nothing of what it brought stays."""
        ...

    async def soon(self, tenant: TenantId, feed: FeedId, therapist: PersonId, now: datetime) -> bool:
        """Have it asked now. Whether the therapist has such a feed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFeeds:
    """One's own feeds."""

    streams: Streams[Feed, Change]
    feeds: FeedList
    clock: Clock
    ids: Ids

    async def own(self, who: Principal) -> Sequence[FeedView]:
        """The caller's, and how they are."""
        return await self.feeds.of(who.tenant, who.id, self.clock())

    async def add(self, command: AddFeed, who: Principal, act: Act) -> FeedSaved:
        """Import from there. Raises UnknownZone, FeedAddressRefused, TooManyFeeds."""
        feed = FeedId(self.ids() if act.once is None else derived("feed", who.tenant, who.id, act.once))
        others = len([each for each in await self.own(who) if each.id != feed])
        wish = FeedAdded(
            therapist=who.id,
            url=command.url,
            zone=command.zone,
            name=command.name,
            all_day_busy=command.all_day_busy,
        )
        decided = await self.streams.decide(act, feed, lambda state: add(state, wish, others))
        return FeedSaved(feed, decided.version)

    async def remove(self, feed: FeedId, who: Principal, act: Act) -> None:
        """Import from there no longer. Raises NotFound."""
        state, _ = await self.streams.load(who.tenant, feed)
        remove(state, who.id)
        await self.streams.decide(act, feed, lambda known: remove(known, who.id))
        await self.feeds.forget(who.tenant, feed)

    async def refresh(self, feed: FeedId, who: Principal) -> None:
        """Have it asked now, at most once a minute. Raises NotFound."""
        if not await self.feeds.soon(who.tenant, feed, who.id, self.clock()):
            raise NotFound
