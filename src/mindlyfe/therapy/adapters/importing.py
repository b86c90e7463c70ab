"""Puts together what imports busy times from calendars elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from litestar import Router

from mindlyfe.kernel.alone import alone
from mindlyfe.kernel.module import Platform
from mindlyfe.kernel.streams import Streams
from mindlyfe.therapy.adapters.feeds import Feeds
from mindlyfe.therapy.adapters.fetching import Fetcher
from mindlyfe.therapy.adapters.http.feeds import routes
from mindlyfe.therapy.adapters.reading import read
from mindlyfe.therapy.application.feeds import OwnFeeds
from mindlyfe.therapy.application.importing import Importing
from mindlyfe.therapy.domain.feed import Change, Feed, evolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """What the context's wiring takes over."""

    streams: Streams[Feed, Change]
    routes: Sequence[Router]
    importing: Importing
    platform: Platform

    @classmethod
    def of(cls, p: Platform) -> Self:
        """Put it together."""
        feeds = Feeds(p.database)
        streams: Streams[Feed, Change] = Streams(
            p.database,
            p.keys,
            name="feed",
            events=Change,
            evolve=evolve,
            subject=lambda state: state.therapist,
            inline=(feeds,),
        )
        own = OwnFeeds(streams=streams, feeds=feeds, clock=p.clock, ids=p.ids)
        importing = Importing(streams=streams, health=feeds, fetches=Fetcher(), reads=read, clock=p.clock)
        return cls(streams=streams, routes=[routes(own)], importing=importing, platform=p)

    async def run(self) -> None:
        """Import until cancelled, in one process at a time."""
        await alone(self.platform.database, "feeds", self.importing.run)
