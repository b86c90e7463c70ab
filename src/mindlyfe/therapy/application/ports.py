"""What the use cases need to read; the adapters provide it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.feeds import FeedId, Trouble
from mindlyfe.therapy.domain.availability import Availability
from mindlyfe.therapy.domain.slots import Engaged, Stretch


class Published(msgspec.Struct, frozen=True):
    """What a therapist has published, and the version of their availability it is."""

    availability: Availability
    version: int


class PublishedHours(Protocol):
    """The availability in force."""

    async def of(self, tenant: TenantId, therapist: PersonId) -> Published | None:
        """The therapist's, if this clinic knows any."""
        ...

    async def of_all(self, tenant: TenantId, therapists: Sequence[PersonId]) -> Mapping[PersonId, Published]:
        """Those of the therapists who have published any."""
        ...


class Engagements(Protocol):
    """The times that are taken."""

    async def engaged(
        self,
        tenant: TenantId,
        therapists: Sequence[PersonId],
        since: int,
        until: int,
        *,
        besides: AppointmentId | None = None,
    ) -> Mapping[PersonId, Engaged]:
        """What takes the therapists' time between the two, with all of the weeks around them, `besides` left out."""
        ...

    async def meets(self, tenant: TenantId, patient: PersonId, since: int, until: int) -> Sequence[Stretch]:
        """When the patient has appointments between the two."""
        ...


class FeedFailed(Exception):
    """A try brought nothing, for this reason."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble: Trouble = trouble


class Fetched(NamedTuple):
    """What a feed's address gave: a document, or nothing new; and by what it is recognised."""

    body: bytes | None
    etag: str


class Fetches(Protocol):
    """Asks addresses outside."""

    async def fetch(self, url: str, etag: str) -> Fetched:
        """What is there now. Raises FeedFailed."""
        ...


class Reads(Protocol):
    """Understands calendars."""

    async def __call__(
        self, document: bytes, zone: str, since: int, until: int, *, all_day_busy: bool
    ) -> Sequence[Stretch]:
        """The busy times in it. Raises FeedFailed."""
        ...


class Due(NamedTuple):
    """A feed that is to be asked, and what is known from before."""

    tenant: TenantId
    feed: FeedId
    therapist: PersonId
    etag: str
    read_at: datetime | None
    failures: int


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How a try went. What is None stays as it was, but the trouble."""

    feed: FeedId
    therapist: PersonId
    now: datetime
    next_at: datetime
    etag: str | None = None
    read_at: datetime | None = None
    good_at: datetime | None = None
    failures: int = 0
    trouble: Trouble | None = None
