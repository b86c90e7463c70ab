"""What the use cases need to read; the adapters provide it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.therapy.domain.availability import Hours
from mindlyfe.therapy.domain.slots import Busy


class Published(msgspec.Struct, frozen=True):
    """Hours, and the version of the therapist's availability they are."""

    hours: Hours
    version: int


class PublishedHours(Protocol):
    """The hours in force."""

    async def of(self, tenant: TenantId, therapist: PersonId) -> Published | None:
        """The therapist's, if this clinic knows any."""
        ...


class BookedTimes(Protocol):
    """The times that are taken."""

    async def busy(self, tenant: TenantId, therapist: PersonId, start: datetime, end: datetime) -> Sequence[Busy]:
        """When the therapist is taken between the two, in order."""
        ...
