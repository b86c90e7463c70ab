"""Calendars elsewhere whose busy times are imported: feeds."""

from typing import Annotated, Literal, NewType
from uuid import UUID

import msgspec

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import Command, Instant
from mindlyfe.therapy.contract import Zone

FeedId = NewType("FeedId", UUID)

type Trouble = Literal[
    "unreachable", "not-public", "refused", "too-slow", "too-large", "redirected", "not-a-calendar", "too-much"
]
"""Why the last try brought nothing."""
type Health = Literal["waiting", "fresh", "stale", "broken"]
"""Never tried; good; the last try failed and the last good copy counts; it never was good."""


class AddFeed(Command, frozen=True):
    """Import busy times from a calendar elsewhere. Of its events only the times are kept."""

    url: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^(https|webcal)://",
            max_length=2_000,
            description="The calendar's secret address, as its provider gives it. It is never shown again.",
            examples=["https://calendar.example/private-3f9c/basic.ics"],
        ),
    ]
    zone: Zone
    """Counts for all-day events and for times without a zone."""
    name: Annotated[str, msgspec.Meta(max_length=80)] = ""
    all_day_busy: bool = True
    """Whether an event without times takes the whole day; one that is marked as free never does."""


class FeedSaved(msgspec.Struct, frozen=True):
    """The feed is there, and is asked soon."""

    feed: FeedId
    version: int


class FeedView(msgspec.Struct, frozen=True, kw_only=True):
    """A feed and how it is. While it is stale the last good copy counts, however old."""

    id: FeedId
    name: str
    host: str
    zone: str
    all_day_busy: bool
    health: Health
    trouble: Trouble | None
    good_at: Instant | None
    """When the copy that counts was good."""
    age_minutes: int | None
    checked_at: Instant | None
    busy: int
    """How many busy times are imported."""


class FeedAddressRefused(DomainError):
    """Calendars are fetched from https addresses of public hosts only."""

    status = 422
    code = "feed-address-refused"
    advice = "Give the https or webcal address of a calendar on a public host, without a user name or a port."


class TooManyFeeds(DomainError):
    """A therapist has at most 10 feeds."""

    status = 422
    code = "too-many-feeds"
    advice = "Remove one of the others."
