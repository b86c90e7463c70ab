"""Who came, who came late and who did not, as the clinicians who treat a patient read it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.sitting import HOUR, Scene

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.ties import Begun, Held


@pytest.fixture
async def scene(clinic: Any, tomorrow: datetime) -> Scene:
    return await Scene.of(clinic, tomorrow)


async def test_clinicians_in_care_read_who_came_and_how_late(scene: Scene) -> None:
    clinic, care = scene.clinic, scene.clinic.person("therapist")
    path = f"/v1/patients/{scene.patient.id}/attendance"
    refused(await care.get(path), 404, "not-found")
    for stranger in (clinic.person("therapist", "reception"), clinic.person("therapist", "reception", tenant=uuid4())):
        refused(await stranger.get(path), 404, "not-found")
    held = Held(kind="care", id=uuid4(), subject=scene.patient.id, since=clinic.clock.now - HOUR, until=None)
    clinic.identity.told = [Begun(care.id, held)]
    clinic.clock.pass_(seconds=6)

    async def came() -> Any:
        return (await care.get(path)).json()["items"][0]

    assert (await came())["came"] == "to-come"
    clinic.clock.now = scene.starts_at + timedelta(minutes=7, seconds=30)
    await scene.begun()
    clinic.clock.pass_(minutes=30)
    await scene.step("end")
    found = await came()
    assert (found["came"], found["late_minutes"], found["patient_s"]) == ("came", 7, 30 * 60)
    clinic.identity.reachable = False
    clinic.clock.pass_(seconds=6)
    refused(await care.get(path), 503, "unavailable")
    clinic.identity.reachable = True
    assert (await care.get(path, cursor="x")).status_code == 400


async def test_what_became_of_each_appointment(clinic: Any, tomorrow: datetime) -> None:
    scene, therapist = await Scene.of(clinic, tomorrow), clinic.person("therapist")
    held = Held(kind="care", id=uuid4(), subject=scene.patient.id, since=clinic.clock.now - HOUR, until=None)
    clinic.identity.told = [Begun(therapist.id, held)]
    clinic.clock.now = tomorrow - 3 * HOUR
    ids = [uuid4() for _ in range(4)]
    for number, one in enumerate(ids, 1):
        at = tomorrow + number * HOUR + (timedelta(days=1) if number == 1 else timedelta(0))
        assert (await scene.patient.book(scene.therapist, at, one)).status_code == 201
    for one in ids[:2]:
        await scene.patient.cancel(one)
    clinic.clock.now = tomorrow + 3 * HOUR
    scene.id = ids[2]
    await scene.check_in()
    clinic.clock.now = tomorrow + timedelta(hours=4, minutes=30)
    first, pages = await therapist.get(f"/v1/patients/{scene.patient.id}/attendance", limit=3), list[Any]()
    pages += first.json()["items"]
    cursor = first.json()["next"]
    pages += (await therapist.get(f"/v1/patients/{scene.patient.id}/attendance", cursor=cursor)).json()["items"]
    assert [one["came"] for one in pages] == [
        "cancelled",
        "to-come",
        "not-admitted",
        "cancelled-late",
        "not-recorded",
    ]


@pytest.mark.parametrize("absent", ["patient", "therapist"])
async def test_of_what_was_missed_it_is_said_who_did_not_come(scene: Scene, absent: str) -> None:
    clinic, reader = scene.clinic, scene.clinic.person("therapist")
    held = Held(kind="care", id=uuid4(), subject=scene.patient.id, since=clinic.clock.now - HOUR, until=None)
    clinic.identity.told = [Begun(reader.id, held)]
    clinic.clock.now = scene.starts_at + timedelta(minutes=20)
    path = f"/v1/appointments/{scene.id}/absence"
    assert (await scene.desk.post(path, json={"absent": absent})).status_code == 200

    async def seen() -> tuple[str, str | None]:
        [one] = (await reader.get(f"/v1/patients/{scene.patient.id}/attendance")).json()["items"]
        return one["came"], one["absent"]

    assert await seen() == ("missed", absent)
    assert (await clinic.http.delete(path, headers=scene.desk.headers)).status_code == 204
    clinic.clock.now = scene.starts_at + 2 * HOUR
    assert await seen() == ("not-recorded", None)
