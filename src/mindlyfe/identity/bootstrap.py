"""The one-time link by which a clinic is opened, for whoever runs the installation: it never passes HTTP."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from mindlyfe.identity.adapters.argon2 import Argon2
from mindlyfe.identity.adapters.clinics import Clinics
from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.application.credentials import Credentials
from mindlyfe.identity.application.links import LinkMaker
from mindlyfe.identity.application.organisations import SetUps
from mindlyfe.kernel.clock import system_clock
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.ids import derived, uuid7
from mindlyfe.kernel.local_keys import LocalKeys
from mindlyfe.kernel.messages import REGION, SYSTEM, Act
from mindlyfe.kernel.postgres import Database

FIRST: Final = derived("setup", "first")


async def setup_link(settings: Settings) -> str | None:
    """The link for the first clinic of this installation, good for 12 hours at least; None once there is a clinic.

    The same link each time while it is good. Raises Unavailable.
    """
    async with _database(settings) as database:
        return None if await Clinics(database).any() else await _link(settings, database, FIRST)


async def new_setup_link(settings: Settings) -> str:
    """A link for one more clinic; another one each time. Raises Unavailable."""
    async with _database(settings) as database:
        return await _link(settings, database, uuid7())


async def _link(settings: Settings, database: Database, offer: UUID) -> str:
    keys = LocalKeys(settings)
    try:
        offers = SetUps(
            identity_streams(database, keys),
            Credentials(Argon2(), frozenset()),
            LinkMaker(keys, settings.public_url, system_clock),
            keys,
            settings.region,
            system_clock,
            uuid7,
        )
        return await offers.link(offer, Act(tenant=REGION, actor=SYSTEM, correlation=_correlation()))
    finally:
        await keys.close()


def _correlation() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


@asynccontextmanager
async def _database(settings: Settings) -> AsyncGenerator[Database]:
    database = Database(settings.database, "identity")
    await database.open()
    try:
        yield database
    finally:
        await database.close()
