"""The lists of series, occurrences, addresses and appointments are what the log makes of them at any time."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.therapy.adapters.http.test_calendars import MINE
from tests.therapy.adapters.http.test_series import DAY, MONDAY, Scene
from tests.therapy.conftest import MIGRATIONS, Clinic, door, opened

from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.rebuild import rebuilds
from mindlyfe.kernel.testing.databases import dropped, prepared
from mindlyfe.stack.postgresql import Postgresql


@pytest.fixture
def alone(postgresql: Postgresql, directory: Path) -> Iterator[DatabaseSettings]:
    """A database without any other test's clinics."""
    name = "therapy_rebuilt"
    settings = prepared(postgresql.address(), {"therapy": MIGRATIONS}, directory / "passwords", name=name)
    yield settings
    dropped(postgresql.address(), settings)


@pytest.fixture
async def scene(alone: DatabaseSettings) -> AsyncIterator[Scene]:
    async with opened(alone) as database, door(database) as clinic:
        found = Scene(clinic)
        await found.open()
        yield found


async def lived(scene: Scene) -> None:
    """Everything that can happen to a series and an address."""
    found = await scene.booked()
    await scene.patient.cancel(found[1]["appointment"])
    await scene.step("extension", more=2)
    await scene.step("continuation", number=3, starts_at=(MONDAY + 15 * DAY).isoformat())
    await scene.step("ending", number=2)
    for shows in ("initials", "busy", "initials"):
        await scene.therapist.post(MINE, json=None)
        await scene.therapist.put(MINE, json={"shows": shows})
    await scene.patient.post(MINE, json=None)
    await scene.clinic.http.delete(MINE, headers=scene.patient.headers)


async def test_a_rebuild_is_equal_to_what_it_replaces(scene: Scene) -> None:
    await lived(scene)
    clinic: Clinic = scene.clinic
    before: Any = await scene.seen()
    streams = clinic.module.streams
    made = {one.projection.name: one for one in rebuilds(Log(clinic.database, streams[0].keys, streams), streams)}
    for name in ("series", "occurrences", "subscriptions", "calendar"):
        assert await made[name].compare() == [], name
        await made[name].run()
    assert await scene.seen() == before
