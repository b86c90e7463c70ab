"""Keys in memory, for tests: nothing is stored, erasing works."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.secrecy import DataKey, KeyClass


class MemoryKeys:
    """`Keys` that live as long as the object."""

    def __init__(self) -> None:
        self._root = secrets.token_bytes(32)
        self._keys: dict[tuple[TenantId, PersonId | None], DataKey] = {}
        self._classes: dict[tuple[TenantId, PersonId, KeyClass], DataKey] = {}
        self._erased: set[tuple[TenantId, PersonId]] = set()
        self._warm: set[tuple[TenantId, PersonId]] = set()

    async def of(self, tenant: TenantId, person: PersonId) -> DataKey:
        """The person's key, made on first use. Raises Erased."""
        if (tenant, person) in self._erased:
            raise Erased
        self._warm.add((tenant, person))
        return self._keys.setdefault((tenant, person), DataKey(secrets.token_bytes(32)))

    async def of_many(self, tenant: TenantId, persons: Collection[PersonId]) -> Mapping[PersonId, DataKey | None]:
        """The keys of all `persons`; None where erased."""
        return {p: None if (tenant, p) in self._erased else await self.of(tenant, p) for p in persons}

    async def of_class(self, tenant: TenantId, person: PersonId, class_: KeyClass) -> DataKey:
        """The person's key for one class of data. Raises Erased."""
        if (tenant, person) in self._erased:
            raise Erased
        return self._classes.setdefault((tenant, person, class_), DataKey(secrets.token_bytes(32)))

    async def of_tenant(self, tenant: TenantId) -> DataKey:
        """The tenant's own key."""
        return self._keys.setdefault((tenant, None), DataKey(secrets.token_bytes(32)))

    def cached(self, tenant: TenantId, person: PersonId) -> DataKey | None:
        """The key, if it was asked for since the last `cool`."""
        return self._keys.get((tenant, person)) if (tenant, person) in self._warm else None

    def cool(self) -> None:
        """Empty the cache, as 60 s would."""
        self._warm.clear()

    async def erase(self, tenant: TenantId, person: PersonId) -> None:
        """Destroy the person's keys."""
        self._erased.add((tenant, person))
        self._warm.discard((tenant, person))
        self._keys.pop((tenant, person), None)
        self._classes.pop((tenant, person, "psychotherapy-note"), None)

    def digest(self, purpose: str, value: str) -> bytes:
        """Keyed HMAC-SHA256."""
        return self.mac(purpose, value.encode())

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256."""
        return hmac.digest(self._root, purpose.encode() + b"\0" + data, hashlib.sha256)

    def seal_secret(self, purpose: str, plain: bytes) -> bytes:
        """A small secret under the root."""
        return DataKey(self._root).seal(plain, purpose.encode())

    def open_secret(self, purpose: str, sealed: bytes) -> bytes:
        """What `seal_secret` sealed."""
        return DataKey(self._root).open(sealed, purpose.encode())
