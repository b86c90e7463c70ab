"""The keys a transaction may need, so that none has to be fetched inside it."""

from collections.abc import Collection

from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.secrecy import DataKey, Keys


class MissingKeys(Exception):
    """Keys that are not at hand: leave the transaction, `load` them, begin again."""

    def __init__(self, persons: Collection[PersonId]) -> None:
        super().__init__(f"{len(persons)} keys are not loaded")
        self.persons = persons


class Keyring:
    """Keys of one tenant for one piece of work. What it found it keeps, however short the cache."""

    def __init__(self, keys: Keys, tenant: TenantId) -> None:
        self._keys, self._tenant = keys, tenant
        self._loaded: dict[PersonId, DataKey | None] = {}

    def key(self, person: PersonId) -> DataKey:
        """The person's key, without I/O. Raises MissingKeys, Erased."""
        if person not in self._loaded:
            self.need([person])
        key = self._loaded[person]
        if key is None:
            raise Erased
        return key

    def need(self, persons: Collection[PersonId]) -> None:
        """Raises MissingKeys for all that are not at hand."""
        missing: list[PersonId] = []
        for person in persons:
            if person not in self._loaded:
                key = self._keys.cached(self._tenant, person)
                if key is None:
                    missing.append(person)
                else:
                    self._loaded[person] = key
        if missing:
            raise MissingKeys(missing)

    async def load(self, persons: Collection[PersonId]) -> None:
        """Fetch keys, outside any transaction. Raises Unavailable."""
        self._loaded.update(await self._keys.of_many(self._tenant, persons))
