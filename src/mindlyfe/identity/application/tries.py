"""Tries to prove who one is: who guesses is slowed down, and what failed is on record before it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from mindlyfe.identity.application.ports import Attempts
from mindlyfe.identity.domain.address import sought
from mindlyfe.kernel.audit import AuditRow, row_of
from mindlyfe.kernel.errors import DomainError, TooMany
from mindlyfe.kernel.messages import REGION, Act, PersonId
from mindlyfe.kernel.secrecy import Keys

TRIED: Final = "sign-in.tried"
PAUSED: Final = "sign-in.paused"
FIRST_STEP: Final = "sign-in.first-step"
SECOND_STEP: Final = "sign-in.second-step"


class Records(Protocol):
    """The audit."""

    async def read(self, rows: Sequence[AuditRow]) -> None:
        """Returns when the rows are durable. Raises Unavailable: then nothing is answered."""
        ...


@dataclass(frozen=True, slots=True)
class Tries:
    """Of an account by whom the record says whose it is; of an unknown address it keeps a keyed digest.

    Both cost the same: the same counters, and as many lines in one transaction.
    """

    attempts: Attempts
    records: Records
    keys: Keys

    async def admit(self, email: str, act: Act) -> None:
        """Raises TooMany while somebody must wait."""
        await self.attempts.admit(email, act.client)

    async def failed(self, email: str, act: Act, owner: PersonId | None, refusal: type[DomainError]) -> None:
        """A password for this address was wrong. Raises Unavailable when that cannot be written."""
        act, digest = act.within(REGION), self.keys.digest("identity/tried-address", sought(email)).hex()
        thing = "" if owner else f"address/{digest}"
        rows = [row_of(act, TRIED, subject=owner, object=thing, outcome=refusal.code)]
        if await self.attempts.failed(email, act.client):
            rows.append(row_of(act, PAUSED, subject=owner, object=thing, outcome=TooMany.code))
        await self.records.read(rows)

    async def succeeded(self, email: str, act: Act) -> None:
        """The owner is there."""
        await self.attempts.succeeded(email, act.client)

    async def note(self, act: Act, action: str, owner: PersonId, outcome: str = "done") -> None:
        """A step that leaves no event. Raises Unavailable when it cannot be written."""
        await self.records.read([row_of(act.within(REGION), action, subject=owner, outcome=outcome)])
