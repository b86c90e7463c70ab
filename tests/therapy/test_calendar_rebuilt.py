"""The calendar is what the log makes of it, whenever it is made: appointments, seats and sessions of groups."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.conftest import MIGRATIONS, door, opened

from mindlyfe.kernel.log import Log
from mindlyfe.kernel.rebuild import rebuilds
from mindlyfe.kernel.testing.databases import prepared
from mindlyfe.stack.postgresql import Postgresql

HOUR = timedelta(hours=1)


@pytest.fixture
async def clinic(postgresql: Postgresql, directory: Path) -> AsyncIterator[Any]:
    """In a database of its own: a rebuild reads everybody's."""
    settings = prepared(
        postgresql.address(), {"therapy": MIGRATIONS}, directory / "passwords", name="therapy_calendar_rebuilt"
    )
    async with opened(settings) as database, door(database) as clinic:
        yield clinic


async def test_a_rebuilt_calendar_is_equal_to_what_it_replaces(clinic: Any, tomorrow: datetime) -> None:
    therapist, asking = await clinic.therapist(), await clinic.therapist(confirms=True)
    desk, one, other = clinic.person("reception"), clinic.person("patient"), clinic.person("patient")
    moved, cancelled, asked, seat, group = (uuid4() for _ in range(5))
    assert (await one.book(therapist, tomorrow, moved)).status_code == 201
    assert (await desk.move(moved, tomorrow + HOUR)).status_code == 200
    assert (await one.book(therapist, tomorrow, cancelled)).status_code == 201
    assert (await one.cancel(cancelled)).status_code == 200
    assert (await other.book(asking, tomorrow, asked)).status_code == 201
    session = {"title": "Tuesday group", "minutes": 60, "seats": 2, "therapist": str(therapist.id)}
    session |= {"starts_at": (tomorrow + 4 * HOUR).isoformat()}
    assert (await desk.put(f"/v1/group-sessions/{group}", json=session)).status_code == 201
    for patient, id_ in ((one, seat), (other, uuid4())):
        path, guest = f"/v1/group-sessions/{group}/seats/{id_}", {"patient": str(patient.id)}
        assert (await desk.put(path, json=guest)).status_code == 201
    assert (await one.cancel(seat)).status_code == 200
    gone = session | {"starts_at": (tomorrow + 6 * HOUR).isoformat()}
    over = f"/v1/group-sessions/{uuid4()}"
    assert (await desk.put(over, json=gone)).status_code == 201
    assert (await desk.post(f"{over}/cancellation", json={})).status_code == 200
    before = (await desk.get("/v1/clinic/appointments")).json()["items"]
    assert sorted(each["status"] for each in before) == ["booked"] * 3 + ["cancelled"] * 3 + ["requested"]
    streams = clinic.module.streams
    for rebuild in rebuilds(Log(clinic.database, streams[0].keys, streams), streams):
        assert await rebuild.compare() == []
        await rebuild.run()
    assert (await desk.get("/v1/clinic/appointments")).json()["items"] == before
    assert (await desk.get(f"/v1/group-sessions/{group}")).json()["taken"] == 1
