"""The embedded Valkey: behind a password, on loopback, forgetting."""

from pathlib import Path
from typing import cast

import psutil
import pytest
from valkey import Valkey as Client
from valkey.exceptions import AuthenticationError

from mindlyfe.stack.valkey import Valkey


def test_it_keeps_values_for_who_knows_the_password(valkey: Valkey) -> None:
    with Client(port=valkey.port, password=valkey.password.read_text()) as friend:
        assert friend.set("name", b"value", ex=10)
        assert friend.get("name") == b"value"
    with Client(port=valkey.port) as stranger, pytest.raises(AuthenticationError):
        stranger.get("name")


def test_it_listens_on_loopback_only(valkey: Valkey) -> None:
    sockets = [c.laddr for c in psutil.net_connections("tcp") if c.laddr and c.status == psutil.CONN_LISTEN]
    assert [address.ip for address in sockets if address.port == valkey.port] == ["127.0.0.1"]


def test_it_keeps_nothing_on_disk(valkey: Valkey) -> None:
    with Client(port=valkey.port, password=valkey.password.read_text()) as friend:
        names = ("save", "appendonly", "maxmemory-policy")
        settings: dict[str, str] = {}
        for name in names:
            settings |= cast("dict[str, str]", friend.config_get(name))
    assert settings == {"save": "", "appendonly": "no", "maxmemory-policy": "allkeys-lru"}


def test_secrets_are_for_its_owner_and_stay(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "valkey", 6379)
    server.prepare()
    password = server.password.read_text()
    server.prepare()
    assert server.password.read_text() == password
    assert all(file.stat().st_mode & 0o077 == 0 for file in (server.directory, *server.directory.iterdir()))
    assert password not in " ".join(server.command())
