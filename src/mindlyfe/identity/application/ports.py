"""What the use cases need from outside."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from mindlyfe.identity.contract import CareView
from mindlyfe.identity.contract.passkeys import Credential, NewCredential
from mindlyfe.identity.contract.sessions import SessionView
from mindlyfe.identity.domain.recovery import Sought
from mindlyfe.kernel.access import Claims
from mindlyfe.kernel.messages import PersonId, TenantId


class Passwords(Protocol):
    """Slow on purpose, and never in the way of other requests."""

    async def hashed(self, password: str) -> str:
        """A salted hash that carries its own parameters."""
        ...

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether `password` made the hash. None costs the same work and is never matched."""
        ...


class Addresses(Protocol):
    """Whose an address is."""

    async def owner(self, email: str) -> PersonId | None:
        """The person with an account by this address, however it is spelled."""
        ...

    async def holder(self, email: str) -> Sought | None:
        """The owner and the epoch of their account."""
        ...


class Attempts(Protocol):
    """Slows down who guesses."""

    async def admit(self, email: str, client: str) -> None:
        """Raises TooMany while somebody must wait."""
        ...

    async def failed(self, email: str, client: str) -> bool:
        """A sign-in failed. Whether the next one must wait."""
        ...

    async def succeeded(self, email: str, client: str) -> None:
        """The owner is there."""
        ...

    async def pardon(self, email: str) -> None:
        """Forget the failures of this account. Raises Unavailable."""
        ...

    async def may_write_to(self, email: str) -> bool:
        """Whether another mail to this address is not too many."""
        ...

    async def admit_asker(self, client: str) -> None:
        """Raises TooMany for who has had too much mail sent to whomever."""
        ...


class Caseloads(Protocol):
    """The read model of care relationships."""

    async def running(self, tenant: TenantId, person: PersonId) -> list[CareView]:
        """Those that run, in which the person treats or is treated, oldest first."""
        ...


class MergedAccounts(Protocol):
    """The read model of merges."""

    async def into(self, tenant: TenantId, person: PersonId) -> tuple[PersonId, ...]:
        """The accounts that became this one, and those that became them."""
        ...


class Signer(Protocol):
    """Signs access tokens."""

    async def signed(self, claims: Claims) -> str:
        """The token (RFC 9068), by the key that is active now."""
        ...


class Listing(Protocol):
    """The read model of sessions."""

    async def open(self, person: PersonId) -> list[SessionView]:
        """Those of a person that were not ended, last used first; some may have run out."""
        ...

    async def owns(self, person: PersonId, session: UUID) -> bool:
        """Whether it is a session of theirs, ended or not."""
        ...


class ExportDue(NamedTuple):
    """A copy to make, or one whose time is over."""

    tenant: TenantId
    export: UUID
    over: bool


class ErasureDue(NamedTuple):
    """Somebody to be erased in an organisation."""

    tenant: TenantId
    person: PersonId


class PendingDue(NamedTuple):
    """A registration that nobody can confirm any more."""

    tenant: TenantId
    registration: UUID
    person: PersonId


class NewKey(NamedTuple):
    """The public half of a key pair that a device made."""

    credential: bytes
    key: bytes
    signs: int
    synced: bool


class Authenticators(Protocol):
    """People's devices, by WebAuthn."""

    def creation(self, challenge: bytes, *, person: PersonId, account: str, known: Sequence[bytes]) -> dict[str, Any]:
        """What a browser needs to make a key pair."""
        ...

    def request(self, challenge: bytes) -> dict[str, Any]:
        """What a browser needs to ask for a signature."""
        ...

    def registered(self, credential: NewCredential, challenge: bytes) -> NewKey:
        """The new public key. Raises PasskeyRefused."""
        ...

    def signed(self, credential: Credential, challenge: bytes, key: bytes) -> int:
        """How often the device says it signed, if this is its signature. Raises PasskeyRefused."""
        ...
