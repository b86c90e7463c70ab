"""The embedded NATS server: who may connect, and that what it acknowledged is on the disk."""

from pathlib import Path
from uuid import uuid4

import nats
import pytest
from nats.errors import AuthorizationError, Error

from mindlyfe.stack.nats import Nats
from mindlyfe.stack.testing.broker import Broker


@pytest.fixture
def server(directory: Path) -> Nats:
    """Prepared, not started."""
    server = Nats(directory / f"nats-{uuid4().hex[:8]}", 4222, 8222)
    server.prepare()
    return server


def test_it_syncs_always_and_listens_on_loopback(server: Nats) -> None:
    configuration = (server.directory / "nats.conf").read_text()
    assert "sync_interval: always" in configuration
    assert 'host: "127.0.0.1"' in configuration
    assert 'http: "127.0.0.1:8222"' in configuration


def test_secrets_are_kept_from_other_accounts_and_over_starts(server: Nats) -> None:
    password = server.password_file.read_text()
    server.prepare()
    assert server.password_file.read_text() == password
    for name in ("password", "nats.conf"):
        assert (server.directory / name).stat().st_mode & 0o077 == 0


async def test_asvs_12_3_5_nobody_connects_without_the_password(directory: Path) -> None:
    async def silent(_: Exception) -> None:
        pass

    with Broker(directory / f"nats-{uuid4().hex[:8]}") as broker:
        password = broker.server.password_file.read_text()
        client = await nats.connect(broker.server.url, user="mindlyfe", password=password, error_cb=silent)
        await client.close()
        with pytest.raises((AuthorizationError, Error)):
            await nats.connect(
                broker.server.url, user="mindlyfe", password="wrong", allow_reconnect=False, error_cb=silent
            )
