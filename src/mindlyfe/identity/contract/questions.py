"""What identity answers when another context asks, at the moment of use."""

from typing import Protocol
from uuid import UUID

import msgspec

from mindlyfe.identity.contract.organisations import Closure, Holiday, Line, Opening
from mindlyfe.identity.contract.profiles import BestHours, Channel
from mindlyfe.kernel.messages import Instant, PersonId, TenantId


class Contact(msgspec.Struct, frozen=True):
    """How to reach somebody, for the moment of sending: never to be kept."""

    name: str
    """What to call them where others may read it: the safe name, if they gave one."""
    email: str
    locale: str
    zone: str
    avoid: frozenset[Channel] = frozenset()
    """Channels not to use."""
    discreet: bool = True
    """Whether sender and subject must not show the clinic."""
    hours: tuple[BestHours, ...] = ()
    """The best ones by the clock of `zone`; none means any."""
    sender: str = ""
    """The name that they want mail to come from; empty: none in particular."""
    phone: str = ""
    """Their telephone number, with its country code; empty: none is known."""
    shared_phone: bool = False
    """Whether others use it."""


class Link(msgspec.Struct, frozen=True):
    """An address for one person's eyes. The same one each time it is asked for."""

    url: str
    expires_at: Instant


class OrganisationView(msgspec.Struct, frozen=True):
    """A clinic as its members see it. `jurisdiction` is empty while nobody said whose law holds."""

    id: TenantId
    name: str
    zone: str
    locale: str
    region: str = ""
    minimum_age: int = 18
    proposed_minimum_age: int | None = None
    """A lower one that waits for a second administrator."""
    jurisdiction: str = ""
    hours: tuple[Opening, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    closures: tuple[Closure, ...] = ()
    lines: tuple[Line, ...] = ()
    version: int = 0


class Recipients(Protocol):
    """Where mail goes. All raise NotFound for somebody unknown or erased."""

    async def contact(self, *, tenant: TenantId, person: PersonId) -> Contact:
        """A member of the organisation, or somebody who is registering there; who was merged, as who is left."""
        ...

    async def former(self, *, tenant: TenantId, person: PersonId) -> Contact:
        """Whoever an account belonged to before it was merged, at its own address: they may be somebody else."""
        ...

    async def invited(self, *, tenant: TenantId, invitation: UUID) -> Contact:
        """Whom an invitation is for."""
        ...

    async def moving(self, *, person: PersonId, ask: UUID, old: bool) -> Contact:
        """Somebody who asked to move to another address: at the old one, or at the new one."""
        ...


class Links(Protocol):
    """Links that carry a code. All raise NotFound."""

    async def verification(self, *, tenant: TenantId, person: PersonId, flow: UUID) -> Link:
        """Proves the address of a registration; good for 24 hours after it began."""
        ...

    async def invitation(self, *, tenant: TenantId, invitation: UUID) -> Link:
        """Accepts an invitation; good for 7 days after it was issued."""
        ...

    async def recovery(self, *, person: PersonId) -> Link:
        """Lets the owner of an account choose a new password; good for an hour after they asked last."""
        ...

    async def address_change(self, *, person: PersonId, ask: UUID) -> Link:
        """Proves the new address of an account; good for 24 hours after it was asked for."""
        ...

    async def address_change_stop(self, *, person: PersonId, ask: UUID) -> Link:
        """Stops the change, from the old address; good as long."""
        ...


class Organisations(Protocol):
    """Clinics."""

    async def organisation(self, *, tenant: TenantId) -> OrganisationView:
        """The clinic. Raises NotFound."""
        ...

    async def home(self, *, person: PersonId) -> OrganisationView:
        """The clinic by which the owner of an account joined first. Raises NotFound."""
        ...


class People(Protocol):
    """What a context may know of a person without seeing who they are."""

    async def zone(self, *, tenant: TenantId, person: PersonId) -> str:
        """The IANA name of the person's zone. Raises NotFound."""
        ...

    async def belongs(self, *, tenant: TenantId, person: PersonId) -> bool:
        """Whether the person is a member of the organisation now, a suspended one, too."""
        ...
