"""A migrated database with the tiny context `rooms`, fresh for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.databases import dropped, fresh, prepared
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import MIGRATIONS
from mindlyfe.stack.postgresql import Postgresql


@pytest.fixture(scope="session")
def rooms_template(postgresql: Postgresql, directory: Path) -> DatabaseSettings:
    """Provisioned and migrated once; nobody connects to it."""
    return prepared(postgresql.address(), {"rooms": MIGRATIONS}, directory / "passwords", name="rooms_template")


@pytest.fixture
def rooms_settings(postgresql: Postgresql, rooms_template: DatabaseSettings) -> Iterator[DatabaseSettings]:
    """Where this test's own database is."""
    settings = fresh(postgresql.address(), rooms_template)
    yield settings
    dropped(postgresql.address(), settings)


@pytest.fixture
async def rooms(rooms_settings: DatabaseSettings) -> AsyncIterator[Database]:
    """The open database of the context `rooms`."""
    database = Database(rooms_settings, "rooms")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def keys() -> MemoryKeys:
    """Keys in memory."""
    return MemoryKeys()
