"""Links for people: a page of the web client, and a code after `#`, which browsers keep from servers and logs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from mindlyfe.identity.contract import Link
from mindlyfe.identity.domain.codes import Purpose, Ticket, in_time, read, written
from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.secrecy import Keys

PAGES: Final[dict[Purpose, str]] = {
    "verification": "verify",
    "invitation": "join",
    "registration-link": "register",
    "setup": "setup",
    "recovery": "recover",
    "address-change": "address-change",
    "address-change-stop": "address-change/cancel",
}


@dataclass(frozen=True, slots=True)
class LinkMaker:
    """Makes links and reads the codes in them."""

    keys: Keys
    public_url: str
    clock: Clock

    def code(self, purpose: Purpose, tenant: TenantId, flow: UUID, expires_at: datetime | None) -> str:
        """The code for one flow, the same each time."""
        ticket = Ticket(purpose=purpose, tenant=tenant, id=flow, expires_at=expires_at)
        return written(ticket, self.keys.mac)

    def url(self, purpose: Purpose, code: str) -> str:
        """Where the code is used."""
        return f"{self.public_url.rstrip('/')}/{PAGES[purpose]}#code={code}"

    def link(self, purpose: Purpose, tenant: TenantId, flow: UUID, expires_at: datetime) -> Link:
        """A link that ends."""
        return Link(self.url(purpose, self.code(purpose, tenant, flow, expires_at)), expires_at)

    def ticket(self, purpose: Purpose, code: str) -> Ticket:
        """What a code stands for, expired or not. Raises CodeInvalid."""
        return read(purpose, code, self.keys.mac)

    def ticket_in_time(self, purpose: Purpose, code: str) -> Ticket:
        """What a code stands for. Raises CodeInvalid, CodeExpired."""
        return in_time(self.ticket(purpose, code), self.clock())
