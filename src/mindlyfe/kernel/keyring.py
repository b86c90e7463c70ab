"""The keys a transaction may need, so that none has to be fetched inside it."""

from collections.abc import Collection

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.secrecy import DataKey, Keys


class MissingKey(Exception):
    """A key that is not at hand: leave the transaction, `load` it, begin again."""

    def __init__(self, person: PersonId) -> None:
        super().__init__(f"the key of {person} is not loaded")
        self.person = person


class Keyring:
    """Keys of one tenant for one piece of work. What it loaded it keeps, however short the cache."""

    def __init__(self, keys: Keys, tenant: TenantId) -> None:
        self._keys, self._tenant = keys, tenant
        self._loaded: dict[PersonId, DataKey | None] = {}

    def key(self, person: PersonId) -> DataKey:
        """The person's key, without I/O. Raises MissingKey, Erased."""
        if person in self._loaded:
            key = self._loaded[person]
            if key is None:
                raise Erased
            return key
        key = self._keys.cached(self._tenant, person)
        if key is None:
            raise MissingKey(person)
        return key

    async def load(self, persons: Collection[PersonId]) -> None:
        """Fetch keys, outside any transaction. Raises Unavailable."""
        self._loaded.update(await self._keys.of_many(self._tenant, persons))
