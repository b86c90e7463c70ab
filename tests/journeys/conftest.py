"""A whole platform in one process, for journeys: real PostgreSQL, Valkey, S3 and SMTP; contexts joined by memory."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
import uvicorn
from aiosmtpd.smtp import SMTP
from joserfc.jwk import ECKey
from psycopg.sql import SQL, Identifier

from mindlyfe.assembly import Assembly
from mindlyfe.catalogue import CATALOGUE
from mindlyfe.demo.mail import Mailbox
from mindlyfe.identity.adapters.signing_keys import PURPOSE
from mindlyfe.identity.bootstrap import new_setup_link
from mindlyfe.kernel.config import CacheSettings, DatabaseSettings, MailSettings, ObjectSettings, Settings
from mindlyfe.kernel.local_keys import LocalKeys
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.root_key import make_root_key
from mindlyfe.kernel.testing.databases import dropped, fresh, prepared
from mindlyfe.kernel.testing.tokens import Signer
from mindlyfe.kernel.transport.inprocess import InProcess
from mindlyfe.notifications.mailbox.box import Box
from mindlyfe.notifications.mailbox.pages import Pages
from mindlyfe.process import Process
from mindlyfe.stack.ports import free_port
from mindlyfe.stack.postgresql import Postgresql
from mindlyfe.stack.seaweedfs import ACCESS_KEY, Seaweedfs
from mindlyfe.stack.valkey import Valkey

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Platform:
    """Where the journey takes place."""

    base: str
    mailbox: Mailbox
    settings: Settings
    administrator: str
    """How the superuser connects to PostgreSQL."""
    onlooker: psycopg.Connection
    """The superuser's connection to PostgreSQL: for looking, past all row-level security."""

    def setup_link(self) -> str:
        """A one-time link by which a clinic is opened."""
        return asyncio.run(new_setup_link(self.settings))

    def signer(self) -> Signer:
        """Signs access tokens as identity does, with whatever they say. Somebody must have signed in before."""
        [(kid, sealed)] = self._ask(
            "select kid, sealed from identity.signing_key where active_from <= now() order by generation desc limit 1"
        )
        key = ECKey.import_key(msgspec.json.decode(LocalKeys(self.settings).open_secret(PURPOSE, sealed)))
        return Signer(kid=kid, issuer=self.base, region=self.settings.region, key=key)

    def written(self) -> list[Any]:
        """What is in the logs of all contexts: unchanged means that nothing happened."""
        counts = [
            SQL("select {0}, count(*), coalesce(max(position), 0) from {1}").format(
                context, Identifier(context, "event")
            )
            for context in CATALOGUE
        ]
        return self._ask(SQL(" union all ").join(counts))

    def settled(self) -> list[Any]:
        """What was written, once all that was told is done and all mail is out."""
        while True:
            before = self.written()
            time.sleep(0.3)
            due = self._ask(
                "select from notifications.delivery where status = 'waiting'"
                " union all select from identity.export where status = 'waiting'"
            )
            if not due and self.written() == before:
                return before

    def _ask(self, question: Any) -> list[Any]:
        return self.onlooker.execute(question).fetchall()


@pytest.fixture(scope="session")
def template(postgresql: Postgresql, directory: Path) -> DatabaseSettings:
    """A database with every context's tables, to be copied."""
    folders = {name: context.migrations for name, context in CATALOGUE.items()}
    return prepared(postgresql.address(), folders, directory / "passwords", name="journeys")


@pytest.fixture(params=["together", "wired"])
def platform(
    request: pytest.FixtureRequest,
    template: DatabaseSettings,
    postgresql: Postgresql,
    valkey: Valkey,
    seaweedfs: Seaweedfs,
    tmp_path: Path,
) -> Iterator[Platform]:
    """The platform, `together` (contexts ask by calls) or `wired` (all is serialised, every message comes twice)."""
    wired = request.param == "wired"
    with _platform(template, postgresql, valkey, seaweedfs, tmp_path, wired=wired) as platform:
        yield platform


@pytest.fixture(scope="module")
def lasting_platform(
    template: DatabaseSettings,
    postgresql: Postgresql,
    valkey: Valkey,
    seaweedfs: Seaweedfs,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Platform]:
    """The platform, `together`, for all tests of a module."""
    folder = tmp_path_factory.mktemp("platform")
    with _platform(template, postgresql, valkey, seaweedfs, folder, wired=False) as platform:
        yield platform


@contextmanager
def _platform(
    template: DatabaseSettings,
    postgresql: Postgresql,
    valkey: Valkey,
    seaweedfs: Seaweedfs,
    folder: Path,
    *,
    wired: bool,
) -> Generator[Platform]:
    database = fresh(postgresql.address(), template)
    http, smtp, pages = (free_port() for _ in range(3))
    settings = Settings(
        mode="development",
        public_url=f"http://localhost:{http}",
        root_key=folder / "root.key",
        database=database,
        cache=CacheSettings(url=valkey.url, password_file=valkey.password),
        mail=MailSettings(port=smtp),
        objects=ObjectSettings(
            endpoint=seaweedfs.endpoint,
            bucket=database.name.replace("_", "-"),
            access_key=ACCESS_KEY,
            secret_key_file=seaweedfs.secret_key,
        ),
    )
    asyncio.run(Objects(settings.objects).make_bucket())
    make_root_key(settings.root_key)
    mailbox = Mailbox(f"http://{LOOPBACK}:{pages}/dev/mailbox")
    with (
        _running(lambda: _serve(settings, http, smtp, pages, Box(folder / "mail"), wired=wired), http, pages),
        psycopg.connect(postgresql.address(), dbname=database.name, autocommit=True) as onlooker,
    ):
        yield Platform(settings.public_url, mailbox, settings, postgresql.address(), onlooker)
    dropped(postgresql.address(), database)


async def _serve(settings: Settings, http: int, smtp: int, pages: int, box: Box, *, wired: bool) -> None:
    assembly = Assembly.of(settings, tuple(CATALOGUE), InProcess(twice=wired), direct=not wired)
    loop = asyncio.get_running_loop()
    async with Process(assembly) as process, asyncio.TaskGroup() as group:
        receiver = await loop.create_server(lambda: SMTP(box, loop=loop), LOOPBACK, smtp)
        try:
            for app, port in ((process.app, http), (Pages(box), pages)):
                config = uvicorn.Config(app, host="localhost", port=port, log_level="error", lifespan="off")
                group.create_task(_Quiet(config).serve())
            await asyncio.Event().wait()
        finally:
            receiver.close()


class _Quiet(uvicorn.Server):
    """uvicorn that leaves signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@contextmanager
def _running(serve: Callable[[], Coroutine[None, None, None]], *ports: int) -> Generator[None]:
    """Run `serve` in a thread of its own until the end of the block; `ports` must answer first."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(serve())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        for port in ports:
            _wait_for(port, thread)
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        loop.close()


def _wait_for(port: int, thread: threading.Thread) -> None:
    for _ in range(300):
        assert thread.is_alive(), "the platform ended while it started"
        with suppress(OSError), socket.create_connection(("localhost", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody answers on port {port}")
