"""Keys kept by ourselves: wrapped in a database of their own, opened by a root key in a file."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Final, LiteralString, get_args

import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.errors import Erased, Unavailable
from mindlyfe.kernel.messages import REGION, PersonId, TenantId
from mindlyfe.kernel.postgres import Pool, Tx, address, refuse_in_transaction
from mindlyfe.kernel.recent import Recent
from mindlyfe.kernel.root_key import FileRootKey, derived
from mindlyfe.kernel.secrecy import KEY_BYTES, DataKey, KeyClass, RootKey

LOOK_S: Final = 1.0
"""How often a process looks for keys that others destroyed."""
WAIT_S: Final = 3.0
_log: Final = structlog.get_logger("keys")

TENANT: Final[LiteralString] = "select wrapped from tenant_key where tenant = %s"
NEW_TENANT: Final[LiteralString] = "insert into tenant_key (tenant, wrapped) values (%s, %s) on conflict do nothing"
PERSONS: Final[LiteralString] = "select person, wrapped from person_key where tenant = %s and person = any(%s)"
NEW_PERSONS: Final[LiteralString] = """
    insert into person_key (tenant, person, wrapped)
    select %s, new.person, new.wrapped from unnest(%s::uuid[], %s::bytea[]) as new(person, wrapped)
    order by new.person on conflict do nothing"""
LATELY: Final[LiteralString] = """
    select tenant, person from person_key where erased_at > clock_timestamp() - interval '2 minutes'"""
ERASE: Final[LiteralString] = """
    insert into person_key (tenant, person, wrapped, erased_at) values (%s, %s, null, now())
    on conflict (tenant, person) do update set wrapped = null, erased_at = coalesce(person_key.erased_at, now())"""

CLASSES: Final[tuple[KeyClass, ...]] = get_args(KeyClass.__value__)
OF_CLASS: Final[LiteralString] = "select wrapped from class_key where tenant = %s and person = %s and class = %s"
NEW_OF_CLASS: Final[LiteralString] = """
    insert into class_key (tenant, person, class, wrapped) values (%s, %s, %s, %s) on conflict do nothing"""
# A row for each class even where there was no key: none is made afterwards.
ERASE_CLASSES: Final[LiteralString] = """
    insert into class_key (tenant, person, class, wrapped, erased_at) select %s, %s, class, null, now()
    from unnest(%s::text[]) as class on conflict (tenant, person, class)
    do update set wrapped = null, erased_at = coalesce(class_key.erased_at, now())"""


class LocalKeys:
    """`Keys` in the database `mindlyfe_keys`. Lazy: no I/O before the first use.

    An erased key leaves the table at once and PostgreSQL's files with the next vacuum of the page; backups of this
    database expire by themselves and are kept apart from those of the records.
    """

    def __init__(
        self, settings: Settings, *, root: RootKey | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = settings.database
        self._root = root or FileRootKey(settings.root_key, private=settings.mode == "production")
        self._derived = lru_cache(maxsize=256)(self._root.derived)
        self._tenants = Recent[TenantId, bytes](monotonic)
        self._persons = Recent[tuple[TenantId, PersonId], DataKey](monotonic)
        self._classes = Recent[tuple[TenantId, PersonId, KeyClass], DataKey](monotonic)
        self._pool: Pool | None = None

    async def check(self) -> None:
        """Whether the root key opens what is stored; ask before serving. Raises WrongRootKey, Unavailable."""
        await self._secret(REGION)

    async def close(self) -> None:
        """Close the connections and forget all keys."""
        self._tenants.clear()
        self._persons.clear()
        self._classes.clear()
        if self._pool:
            await self._pool.close()

    async def of(self, tenant: TenantId, person: PersonId) -> DataKey:
        """The person's key, made on first use. Raises Erased, Unavailable."""
        key = (await self.of_many(tenant, (person,)))[person]
        if key is None:
            raise Erased
        return key

    async def of_many(self, tenant: TenantId, persons: Collection[PersonId]) -> Mapping[PersonId, DataKey | None]:
        """The keys of all `persons`, made on first use; None where erased. Raises Unavailable."""
        refuse_in_transaction()
        keys: dict[PersonId, DataKey | None] = {person: self.cached(tenant, person) for person in persons}
        missing = [person for person, key in keys.items() if key is None]
        if missing:
            keys |= await self._load(tenant, missing)
        return keys

    async def of_class(self, tenant: TenantId, person: PersonId, class_: KeyClass) -> DataKey:
        """The person's key for data of this class alone, made on first use. Raises Erased, Unavailable."""
        refuse_in_transaction()
        place = (tenant, person, class_)
        known = self._classes.get(place)
        if known:
            return known
        wrapping = DataKey(derived(await self._secret(tenant), f"person keys {class_}"))
        aad, read = _place(tenant, person) + class_.encode(), self._classes.reading()
        async with self._connection() as tx:
            row = await (await tx.execute(OF_CLASS, place)).fetchone()
            if row is None:
                await tx.execute(NEW_OF_CLASS, (*place, wrapping.seal(secrets.token_bytes(KEY_BYTES), aad)))
                row = await (await tx.execute(OF_CLASS, place)).fetchone()
        assert row
        if row[0] is None:
            raise Erased
        key = DataKey(wrapping.open(row[0], aad))
        self._classes.keep(place, key, read)
        return key

    async def of_tenant(self, tenant: TenantId) -> DataKey:
        """The tenant's own key, made on first use. Raises Unavailable."""
        refuse_in_transaction()
        return DataKey(derived(await self._secret(tenant), "tenant data"))

    def cached(self, tenant: TenantId, person: PersonId) -> DataKey | None:
        """The person's key if it was read within the last 60 s."""
        return self._persons.get((tenant, person))

    async def erase(self, tenant: TenantId, person: PersonId) -> None:
        """Destroy the person's keys; none will be made again. Raises Unavailable."""
        refuse_in_transaction()
        async with self._connection() as tx, tx.transaction():
            await tx.execute(ERASE_CLASSES, (tenant, person, list(CLASSES)))
            await tx.execute(ERASE, (tenant, person))
        self._forget(tenant, person)

    async def forget_erased(self) -> None:
        """Forget within a second or two what another process destroyed, until cancelled."""
        while True:
            try:
                async with self._connection() as tx:
                    for tenant, person in await (await tx.execute(LATELY)).fetchall():
                        self._forget(tenant, person)
            except Unavailable:
                _log.warning("cannot look for destroyed keys")
            await asyncio.sleep(LOOK_S)

    def digest(self, purpose: str, value: str) -> bytes:
        """Keyed HMAC-SHA256 to find a value by."""
        return hmac.digest(self._derived(f"digest {purpose}"), value.encode(), hashlib.sha256)

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 that proves we made `data`."""
        return hmac.digest(self._derived(f"mac {purpose}"), data, hashlib.sha256)

    def seal_secret(self, purpose: str, plain: bytes) -> bytes:
        """A small secret under the root, readable for `purpose` alone."""
        return DataKey(self._derived(f"secret {purpose}")).seal(plain, purpose.encode())

    def open_secret(self, purpose: str, sealed: bytes) -> bytes:
        """What `seal_secret` sealed. Raises Unreadable."""
        return DataKey(self._derived(f"secret {purpose}")).open(sealed, purpose.encode())

    def _forget(self, tenant: TenantId, person: PersonId) -> None:
        self._persons.evict((tenant, person))
        for class_ in CLASSES:
            self._classes.evict((tenant, person, class_))

    async def _load(self, tenant: TenantId, persons: Collection[PersonId]) -> dict[PersonId, DataKey | None]:
        wrapping = DataKey(derived(await self._secret(tenant), "person keys"))
        read = self._persons.reading()
        async with self._connection() as tx:
            stored = await _stored(tx, tenant, persons)
            new = [person for person in persons if person not in stored]
            if new:
                made = [wrapping.seal(secrets.token_bytes(KEY_BYTES), _place(tenant, person)) for person in new]
                await tx.execute(NEW_PERSONS, (tenant, new, made))
                # Somebody else may have been first: what is stored is the key.
                stored |= await _stored(tx, tenant, new)
        keys: dict[PersonId, DataKey | None] = {}
        for person, wrapped in stored.items():
            if wrapped is None:
                keys[person] = None
                continue
            keys[person] = key = DataKey(wrapping.open(wrapped, _place(tenant, person)))
            self._persons.keep((tenant, person), key, read)
        return keys

    async def _secret(self, tenant: TenantId) -> bytes:
        """What the tenant's keys are derived from."""
        known = self._tenants.get(tenant)
        if known:
            return known
        read = self._tenants.reading()
        aad = b"tenant" + tenant.bytes
        async with self._connection() as tx:
            row = await (await tx.execute(TENANT, (tenant,))).fetchone()
        if row is None:
            new = await self._root.wrap(secrets.token_bytes(KEY_BYTES), aad)
            async with self._connection() as tx:
                await tx.execute(NEW_TENANT, (tenant, new))
                row = await (await tx.execute(TENANT, (tenant,))).fetchone()
        assert row
        secret = await self._root.unwrap(row[0], aad)
        self._tenants.keep(tenant, secret, read)
        return secret

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Tx]:
        try:
            async with (await self._opened()).connection() as tx:
                yield tx
        except (PoolTimeout, psycopg.OperationalError) as silent:
            raise Unavailable("The store of the keys does not answer.") from silent

    async def _opened(self) -> Pool:
        if self._pool is None:
            self._pool = AsyncConnectionPool(
                address(self._database, "keys_app", self._database.keys_name),
                min_size=0,
                max_size=4,
                timeout=WAIT_S,
                kwargs={"autocommit": True},
                open=False,
                name="keys_app",
                check=AsyncConnectionPool.check_connection,
            )
        await self._pool.open()
        return self._pool


async def _stored(tx: Tx, tenant: TenantId, persons: Collection[PersonId]) -> dict[PersonId, bytes | None]:
    rows = await tx.execute(PERSONS, (tenant, list(persons)))
    return {PersonId(person): wrapped async for person, wrapped in rows}


def _place(tenant: TenantId, person: PersonId) -> bytes:
    return b"person" + tenant.bytes + person.bytes
