"""Transactions of a context: whose rows they see, what ends them, and that a lost connection is replaced."""

import asyncio
import contextlib
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import TENANT, Database, address, refuse_in_transaction
from mindlyfe.stack.postgresql import Postgresql

SEEN = "select guest from visits order by times"
ADD = "insert into visits (guest, times) values (%s, %s)"
END_OTHERS = """
    select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"""


def cut(server: Postgresql, settings: DatabaseSettings) -> None:
    """End every connection to the test's database, and return when they are gone."""
    with psycopg.connect(server.address(), autocommit=True) as administrator:
        administrator.execute(END_OTHERS, (settings.name,))


async def test_the_app_sees_one_tenant_and_the_worker_all(rooms: Database) -> None:
    tenants, guests = [TenantId(uuid4()) for _ in range(2)], [uuid4(), uuid4()]
    for number, (tenant, guest) in enumerate(zip(tenants, guests, strict=True)):
        async with rooms.app(tenant) as tx:
            await tx.execute(ADD, (guest, number))
    async with rooms.app(tenants[0]) as tx:
        assert await (await tx.execute(SEEN)).fetchall() == [(guests[0],)]
    async with rooms.worker() as tx:
        assert {(guest,) for guest in guests} <= set(await (await tx.execute(SEEN)).fetchall())
        await tx.execute(TENANT, (str(tenants[1]),))
        assert await (await tx.execute(SEEN)).fetchall() == [(guests[1],)]


async def test_the_app_cannot_write_for_another_tenant(rooms: Database) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        async with rooms.app(TenantId(uuid4())) as tx:
            await tx.execute("insert into visits (tenant, guest, times) values (%s, %s, 1)", (uuid4(), uuid4()))


async def test_without_a_tenant_the_app_sees_nothing(rooms: Database) -> None:
    async with rooms.app_pool.connection() as tx:
        with pytest.raises((errors.UndefinedObject, errors.InvalidTextRepresentation)):
            await tx.execute(SEEN)


async def test_the_log_and_the_audit_are_only_added_to(rooms: Database) -> None:
    for table in ("event", "audit", "audit_chain"):
        for transaction in (rooms.app(TenantId(uuid4())), rooms.worker()):
            with pytest.raises(errors.InsufficientPrivilege):
                async with transaction as tx:
                    await tx.execute(f"delete from {table}")


async def test_an_exception_rolls_back(rooms: Database) -> None:
    tenant = TenantId(uuid4())

    async def broken() -> None:
        async with rooms.app(tenant) as tx:
            await tx.execute(ADD, (uuid4(), 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()
    async with rooms.app(tenant) as tx:
        assert await (await tx.execute(SEEN)).fetchall() == []


async def test_a_swallowed_failure_is_not_taken_for_success(rooms: Database) -> None:
    async def careless() -> None:
        async with rooms.app(TenantId(uuid4())) as tx:
            with contextlib.suppress(errors.DivisionByZero):
                await tx.execute("select 1 / 0")

    with pytest.raises(RuntimeError, match="nothing of this transaction is saved"):
        await careless()


async def test_an_open_transaction_is_marked(rooms: Database) -> None:
    refuse_in_transaction()
    async with rooms.app(TenantId(uuid4())):
        with pytest.raises(RuntimeError):
            refuse_in_transaction()
    async with rooms.worker():
        with pytest.raises(RuntimeError):
            refuse_in_transaction()
    refuse_in_transaction()


async def test_dead_connections_are_replaced(
    postgresql: Postgresql, rooms: Database, rooms_settings: DatabaseSettings
) -> None:
    tenant = TenantId(uuid4())

    async def look() -> None:
        async with rooms.app(tenant) as tx:
            await tx.execute("select pg_sleep(0.05)")

    await asyncio.gather(*(look() for _ in range(5)))
    cut(postgresql, rooms_settings)
    await asyncio.gather(*(look() for _ in range(5)))


async def test_a_connection_lost_within_a_transaction_is_unavailability(
    postgresql: Postgresql, rooms: Database, rooms_settings: DatabaseSettings
) -> None:
    async def interrupted() -> None:
        async with rooms.app(TenantId(uuid4())) as tx:
            cut(postgresql, rooms_settings)
            await tx.execute(SEEN)

    with pytest.raises(Unavailable):
        await interrupted()


async def test_a_cancelled_transaction_gives_its_connection_back(rooms: Database) -> None:
    async def slow() -> None:
        async with rooms.app(TenantId(uuid4())) as tx:
            await tx.execute("select pg_sleep(4)")

    for _ in range(10):
        task = asyncio.create_task(slow())
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with rooms.app(TenantId(uuid4())) as tx:
        await tx.execute(SEEN)


def test_the_app_cannot_read_another_context_nor_the_keys(
    rooms_settings: DatabaseSettings,
) -> None:
    with psycopg.connect(address(rooms_settings, "keys_app", rooms_settings.keys_name)) as tx:
        tx.execute("select from person_key")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(address(rooms_settings, "rooms_app", rooms_settings.keys_name))
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(address(rooms_settings, "keys_app"))
