"""Identity behind its HTTP door, on a PostgreSQL of its own; people who verified their addresses."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from tests.identity.conftest import MIGRATIONS, Clinic, House, assembled

from benchmarks.events.server import directory, free_port, postgresql
from mindlyfe.identity.contract import RegistrationStartedV1
from mindlyfe.identity.testing.person import PASSWORD
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.testing.databases import prepared


@asynccontextmanager
async def world() -> AsyncGenerator[House]:
    """A house as the tests have it; its clock stands, and its attempts are counted in this process's memory."""
    with directory() as within, postgresql(within) as server:
        database = Database(
            prepared(server.address(), {"identity": MIGRATIONS}, Path(within) / "passwords"), "identity"
        )
        await database.open()
        try:
            yield assembled(database)
        finally:
            await database.close()


async def people(house: House, clinic: Clinic, many: int) -> list[str]:
    """The addresses of so many who registered."""
    emails = [f"somebody{number}@mail.example" for number in range(many)]
    for email in emails:
        house.cache.held.clear()
        person = house.visitor()
        assert (await person.post("/v1/registrations", await clinic.wish(email))).status_code == 202
        code = await house.mailed_code(RegistrationStartedV1)
        assert (await person.post("/v1/verifications", {"code": code, "password": PASSWORD})).status_code == 200
    return emails


@asynccontextmanager
async def served(app: Any) -> AsyncGenerator[str]:
    """Where the application answers on a socket."""
    port = free_port()
    config = uvicorn.Config(
        app, port=port, http="httptools", loop="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    running = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # uvicorn has no event for it
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running
