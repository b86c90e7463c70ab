"""A migrated database with the tiny context `rooms`."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.messages import Act, PersonId, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.streams import Streams
from mindlyfe.kernel.testing.databases import dropped, fresh, prepared
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.rooms import MIGRATIONS, Change, Plan, Reservation, evolve, guest
from mindlyfe.kernel.testing.telling import contexts
from mindlyfe.stack.postgresql import Postgresql
from mindlyfe.stack.testing.broker import Broker


@pytest.fixture(scope="session")
def rooms_template(postgresql: Postgresql, directory: Path) -> DatabaseSettings:
    """Provisioned and migrated once; nobody connects to it."""
    return prepared(postgresql.address(), {"rooms": MIGRATIONS}, directory / "passwords", name="rooms_template")


@pytest.fixture(scope="module")
def rooms_settings(postgresql: Postgresql, rooms_template: DatabaseSettings) -> Iterator[DatabaseSettings]:
    """Where the database of this module's tests is; each test has tenants of its own in it."""
    settings = fresh(postgresql.address(), rooms_template)
    yield settings
    dropped(postgresql.address(), settings)


@pytest.fixture
def own_settings(postgresql: Postgresql, rooms_template: DatabaseSettings) -> Iterator[DatabaseSettings]:
    """Where a database for one test alone is."""
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


@pytest.fixture
def reservations(rooms: Database, keys: MemoryKeys) -> Streams[Reservation, Change]:
    """Reservations: sealed for their guests, refused by the plan when they overlap."""
    return Streams(rooms, keys, name="reservation", events=Change, evolve=evolve, subject=guest, inline=(Plan(),))


@pytest.fixture
def act() -> Act:
    """Somebody of a new tenant does something."""
    return Act(tenant=TenantId(uuid4()), actor=PersonId(uuid4()), correlation="00-1-2-01", client="192.0.2.7")


@pytest.fixture
async def twin(rooms_settings: DatabaseSettings, keys: MemoryKeys) -> AsyncIterator[Streams[Reservation, Change]]:
    """The same streams as another process has them: connections and flushers of its own."""
    database = Database(rooms_settings, "rooms")
    await database.open()
    yield Streams(database, keys, name="reservation", events=Change, evolve=evolve, subject=guest, inline=(Plan(),))
    await database.close()


@pytest.fixture(scope="session")
def telling_template(postgresql: Postgresql, directory: Path) -> DatabaseSettings:
    """Two contexts, one telling and one listening."""
    names = contexts(directory / "no-migrations")
    return prepared(postgresql.address(), names, directory / "passwords", name="telling_template")


@pytest.fixture
def telling_settings(postgresql: Postgresql, telling_template: DatabaseSettings) -> Iterator[DatabaseSettings]:
    """Where this test's own database is."""
    settings = fresh(postgresql.address(), telling_template)
    yield settings
    dropped(postgresql.address(), settings)


@pytest.fixture
async def teller(telling_settings: DatabaseSettings) -> AsyncIterator[Database]:
    """The open database of the context that tells."""
    database = Database(telling_settings, "teller")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def listener(telling_settings: DatabaseSettings) -> AsyncIterator[Database]:
    """The open database of the context that listens."""
    database = Database(telling_settings, "listener")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def broker(directory: Path) -> Iterator[Broker]:
    """A NATS server of this test's own."""
    with Broker(directory / f"nats-{uuid4().hex[:8]}") as running:
        yield running
