"""Who can read what: a key per person, behind the port `Keys`; sealing by AES-256-GCM.

Root key → tenant key → person key, each wrapping the next. Erasing a person's key makes every copy of what it sealed
unreadable, in backups too, while hashes over the sealed bytes stay valid.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import Final, Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mindlyfe.kernel.messages import PersonId, TenantId

FORMAT: Final = b"\x01"
"""First byte of everything sealed: AES-256-GCM, then a nonce of 96 random bits, then ciphertext and tag."""
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
OVERHEAD_BYTES: Final = 1 + NONCE_BYTES + 16
"""How much longer a sealed text is than the plain one."""


type KeyClass = Literal["psychotherapy-note"]
"""What is sealed apart from the rest of a person's record: who holds the person's key opens none of it."""


class Unreadable(Exception):
    """Sealed bytes that this key does not open: changed, cut, moved to another place, or sealed by another key."""


class WrongRootKey(Exception):
    """The root key is missing, damaged, open to other users, or not the one this data was made with."""


class DataKey:
    """Seals and opens bytes. Good for 2^32 messages, which no person reaches."""

    __slots__ = ("_cipher",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(secret)}")
        self._cipher = AESGCM(secret)

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """`plain`, unreadable and unchangeable. `aad` names its place: only the same `aad` opens it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, plain, FORMAT + aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed. Raises Unreadable."""
        if sealed[:1] != FORMAT or len(sealed) < OVERHEAD_BYTES:
            raise Unreadable("not a sealed message of a known format")
        nonce = sealed[1 : 1 + NONCE_BYTES]
        try:
            return self._cipher.decrypt(nonce, sealed[1 + NONCE_BYTES :], FORMAT + aad)
        except InvalidTag:
            raise Unreadable("the key or the place does not fit, or the message was changed") from None


class RootKey(Protocol):
    """Where the trust begins: a local file, or a key management service that never shows its key."""

    async def wrap(self, plain: bytes, aad: bytes) -> bytes:
        """`plain` under the root. Raises Unavailable."""
        ...

    async def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """What was wrapped. Raises WrongRootKey, Unavailable."""
        ...

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose alone: the same each time, telling nothing of the root. Raises WrongRootKey."""
        ...


class Keys(Protocol):
    """Keys by whom they protect. The asynchronous ones refuse to be called inside a transaction.

    They raise Unavailable when the key store does not answer.
    """

    async def of(self, tenant: TenantId, person: PersonId) -> DataKey:
        """The person's key, made on first use. Raises Erased."""
        ...

    async def of_many(self, tenant: TenantId, persons: Collection[PersonId]) -> Mapping[PersonId, DataKey | None]:
        """The keys of all `persons`, made on first use; None where erased."""
        ...

    async def of_class(self, tenant: TenantId, person: PersonId, class_: KeyClass) -> DataKey:
        """The person's key for data of this class alone, made on first use. Raises Erased."""
        ...

    async def of_tenant(self, tenant: TenantId) -> DataKey:
        """The tenant's own key, for what belongs to nobody in particular; made on first use."""
        ...

    def cached(self, tenant: TenantId, person: PersonId) -> DataKey | None:
        """The person's key if it was loaded within the last 60 s. No I/O: for use inside a transaction."""
        ...

    async def erase(self, tenant: TenantId, person: PersonId) -> None:
        """Destroy the person's keys for ever, of every class. Other processes follow within 60 s."""
        ...

    def digest(self, purpose: str, value: str) -> bytes:
        """Keyed HMAC-SHA256, to find a value without storing it. The caller normalises."""
        ...

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 that proves we made `data`; 32 bytes. Compare by `hmac.compare_digest`."""
        ...

    def seal_secret(self, purpose: str, plain: bytes) -> bytes:
        """A small secret of the installation (a signing key) under the root, readable for `purpose` alone."""
        ...

    def open_secret(self, purpose: str, sealed: bytes) -> bytes:
        """What `seal_secret` sealed. Raises Unreadable."""
        ...
