"""Care that begins and ends with treatment: what the context that knows of treatment tells identity to note."""

from typing import Protocol
from uuid import UUID

from mindlyfe.kernel.messages import PersonId, TenantId


class CareOrders(Protocol):
    """Care relationships under the id of what they belong to. Said again, both change nothing."""

    async def begin(self, *, tenant: TenantId, care: UUID, patient: PersonId, clinician: PersonId) -> bool:
        """From now on; whether the two are in care. They are not when one of them does not belong here any more."""
        ...

    async def end(self, *, tenant: TenantId, care: UUID, by: PersonId) -> None:
        """Now, and what goes on with it after handovers. What never began or has ended stays as it is."""
        ...
