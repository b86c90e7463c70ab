"""What the use cases need to read; the adapters provide it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from mindlyfe.kernel.messages import PersonId, TenantId
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
        self, tenant: TenantId, therapists: Sequence[PersonId], since: int, until: int
    ) -> Mapping[PersonId, Engaged]:
        """What takes the therapists' time between the two, with all of the weeks around them."""
        ...

    async def meets(self, tenant: TenantId, patient: PersonId, since: int, until: int) -> Sequence[Stretch]:
        """When the patient has appointments between the two."""
        ...
