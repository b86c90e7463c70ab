"""What the use cases of notes need to read; the adapters provide it."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.therapy.domain.note_template import Template


class Templates(Protocol):
    """What notes are filled in by."""

    async def one(self, tenant: TenantId, template: UUID, version: int | None = None) -> Template | None:
        """A template at a version, or its newest."""
        ...


class Supervisors(Protocol):
    """Who answers for whom."""

    async def supervised(
        self, tenant: TenantId, *, supervisor: PersonId, author: PersonId, patient: PersonId, now: datetime
    ) -> bool:
        """Whether `supervisor` answers now for the care that `author` gives `patient`."""
        ...
