"""Notifications on the real kernel, PostgreSQL and SMTP; identity and therapy are played."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from tests.notifications.office import Office, platform
from tests.notifications.pushed import Street, street

from mindlyfe.kernel.config import DatabaseSettings, MailSettings, Settings, SmsGateway, SmsSettings
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.reactor import Reactor
from mindlyfe.kernel.testing.databases import emptied, prepared
from mindlyfe.kernel.testing.doorway import Doorway
from mindlyfe.kernel.testing.internet import certified
from mindlyfe.kernel.testing.keys import MemoryKeys
from mindlyfe.kernel.testing.post_office import opened
from mindlyfe.notifications import wiring
from mindlyfe.notifications.testing import Neighbours, Watch
from mindlyfe.notifications.testing.push_service import HOST
from mindlyfe.stack.postgresql import Postgresql

MIGRATIONS = Path(wiring.__file__).parent / "adapters" / "migrations"


@pytest.fixture(scope="session")
def migrated(postgresql: Postgresql, directory: Path) -> DatabaseSettings:
    """The tables of notifications."""
    contexts = {"notifications": MIGRATIONS}
    return prepared(postgresql.address(), contexts, directory / "passwords", name="notifications_tests")


@pytest.fixture
async def database(postgresql: Postgresql, migrated: DatabaseSettings) -> AsyncIterator[Database]:
    """Empty: a sender sends what is due, whose ever it is."""
    emptied(postgresql.address(), migrated, "notifications")
    database = Database(migrated, "notifications")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def office(tmp_path: Path, migrated: DatabaseSettings, database: Database) -> AsyncIterator[Office]:
    """Notifications, open. Its sender is not started."""
    keys, neighbours = MemoryKeys(), Neighbours()
    async with opened() as post:
        secret = tmp_path / "secret"
        secret.write_text(Office.secret)
        mail = MailSettings(port=post.port, sender="Clinic <no-reply@harbour.example>", receipts_secret_file=secret)
        nobody = SmsGateway(url="http://127.0.0.1:9", account="AC1", token_file=secret, sender="Clinic")
        settings = Settings(database=migrated, mail=mail, sms=SmsSettings(gateways={"gateway": nobody}))
        around = platform(database, settings, keys, neighbours, watch := Watch())
        module = wiring.build(around)
        reactor = Reactor(database, settings.region, module.hears)
        async with Doorway(module.routes, module.grants) as doorway:
            yield Office(doorway, module, database, keys, neighbours, post, reactor, settings, around.flags, watch)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the push service."""
    return certified(HOST, tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def at(office: Office, certificate: Path) -> AsyncIterator[Street]:
    """Beside the office, a push service and browsers."""
    async with street(office, certificate) as found:
        yield found


@pytest.fixture
def person() -> PersonId:
    """Somebody with a browser."""
    return PersonId(uuid4())
