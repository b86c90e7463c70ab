"""Encounters over HTTP: who comes, who is let in, what each refusal says, and what nobody ended."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fhir.resources.R4B.encounter import Encounter as FhirEncounter
from tests.therapy.sitting import HOUR, QUAY, Scene, closed

from mindlyfe.kernel.messages import SYSTEM
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.principals import principal
from mindlyfe.therapy.adapters.http.encounters import LOOK_S
from mindlyfe.therapy.contract import AppointmentCancelledV1, AppointmentId
from mindlyfe.therapy.contract.bookings import AppointmentMovedV1
from mindlyfe.therapy.contract.encounters import EncounterStartedV1


@pytest.fixture
async def scene(clinic: Any, tomorrow: datetime) -> Scene:
    return await Scene.of(clinic, tomorrow)


async def test_from_the_waiting_room_to_the_end(scene: Scene) -> None:
    planned = await scene.one()
    assert (planned["stage"], planned["version"]) == ("planned", 0)
    saved = (await scene.check_in()).json()
    assert (saved["version"], saved["encounter"]) == (1, planned["encounter"])
    assert (await scene.one())["stage"] == "arrived"
    (waiting,) = (await scene.therapist.get("/v1/waiting-room")).json()["items"]
    assert (waiting["appointment"], waiting["patient"]) == (str(scene.id), str(scene.patient.id))
    assert (await scene.step("admission")).json()["version"] == 2
    assert (await scene.therapist.get("/v1/waiting-room")).json()["items"] == []
    scene.clinic.clock.pass_(minutes=20)
    assert (await scene.step("leaving", scene.patient)).status_code == 200
    scene.clinic.clock.pass_(minutes=5)
    assert (await scene.step("joining", scene.patient)).status_code == 200
    scene.clinic.clock.pass_(minutes=30)
    assert (await scene.step("end")).json()["version"] == 5
    found = await scene.one()
    assert (found["stage"], found["patient_s"], found["therapist_s"]) == ("finished", 50 * 60, 55 * 60)
    assert not found["closed_by_platform"]


async def test_where_the_patient_is_now_is_what_emergency_resources_go_by(scene: Scene) -> None:
    assert (await scene.check_in(there=QUAY | {"country": "FR"})).status_code == 200
    assert scene.clinic.identity.countries == {scene.patient.id: "FR"}
    assert (await scene.one(scene.therapist))["whereabouts"] == QUAY | {"country": "FR"}
    refused(await scene.check_in(there=QUAY | {"country": "XX"}), 422, "no-such-country")
    scene.clinic.identity.reachable = False
    assert (await scene.check_in(there=QUAY)).status_code == 200, "nobody is kept out because identity is away"
    assert (await scene.one())["whereabouts"] == QUAY


async def test_nothing_of_the_place_is_readable_in_the_database(scene: Scene) -> None:
    await scene.check_in()
    async with scene.clinic.database.app(scene.clinic.tenant) as tx:
        for table in ("event", "encounter", "audit"):
            rows = await (await tx.execute(f"select t::text from {table} t")).fetchall()
            assert rows
            assert not any("Quay" in row or "+4420" in row for (row,) in rows)


async def test_the_patients_export_tells_it_and_the_therapists_does_not(scene: Scene) -> None:
    await scene.begun()
    scene.clinic.clock.pass_(minutes=50)
    await scene.step("end")
    tells = scene.clinic.module.personal.tells
    (told,) = [one for one in await tells(scene.clinic.tenant, scene.patient.id) if "encounter" in one.values]
    assert (told.values["whereabouts"]["country"], told.values["patient_seconds"]) == ("GB", 50 * 60)
    resource = FhirEncounter.model_validate(told.resource)
    assert (resource.status, resource.class_fhir.code) == ("finished", "VR")
    theirs = await tells(scene.clinic.tenant, scene.therapist.id)
    assert not [one for one in theirs if "encounter" in one.values]


async def test_a_remote_check_in_names_the_place_and_an_early_or_late_one_waits(scene: Scene) -> None:
    refused(await scene.check_in(there=None), 422, "whereabouts-missing")
    for wrong in ({"country": "gb"}, {"place": " "}, {"call_back": "0117"}):
        assert (await scene.check_in(there=QUAY | wrong)).status_code == 400
    scene.clinic.clock.now = scene.starts_at - timedelta(minutes=31)
    refused(await scene.check_in(), 409, "check-in-closed")
    scene.clinic.clock.now = scene.starts_at + timedelta(minutes=61)
    refused(await scene.check_in(), 409, "check-in-closed")
    assert (await scene.one())["version"] == 0


async def test_reception_checks_in_who_comes_to_the_clinic(clinic: Any, tomorrow: datetime) -> None:
    scene = await Scene.of(clinic, tomorrow, kind="on-site", place="Room 2")
    assert (await scene.check_in(scene.desk, None)).status_code == 200
    (waiting,) = (await scene.desk.get("/v1/waiting-room")).json()["items"]
    assert (waiting["therapist"], waiting["kind"]) == (str(scene.therapist.id), "on-site")
    refused(await scene.step("admission", scene.desk), 403, "forbidden")
    refused(await scene.step("leaving", scene.desk), 403, "forbidden")
    assert (await scene.step("admission")).status_code == 200


async def test_one_by_one(clinic: Any, tomorrow: datetime) -> None:
    first = await Scene.of(clinic, tomorrow)
    clinic.clock.now = tomorrow - HOUR * 3
    second = Scene(clinic, first.therapist, clinic.person("patient"), tomorrow + HOUR)
    assert (await second.patient.book(second.therapist, second.starts_at, second.id)).status_code == 201
    clinic.clock.now = tomorrow + timedelta(minutes=40)
    await second.check_in()
    await first.check_in()
    waiting = (await first.therapist.get("/v1/waiting-room")).json()["items"]
    assert [one["appointment"] for one in waiting] == [str(first.id), str(second.id)]
    await first.step("admission")
    assert (await second.one())["stage"] == "arrived"
    assert [one["appointment"] for one in (await first.therapist.get("/v1/waiting-room")).json()["items"]] == [
        str(second.id)
    ]


async def test_steps_out_of_order_are_refused(scene: Scene) -> None:
    refused(await scene.step("admission"), 409, "patient-not-there")
    scene.clinic.clock.pass_(minutes=-10)
    await scene.check_in()
    refused(await scene.step("admission"), 409, "appointment-not-started")
    scene.clinic.clock.pass_(minutes=10)
    refused(await scene.step("end"), 409, "not-admitted")
    refused(await scene.step("joining", scene.patient), 409, "not-admitted")
    refused(await scene.step("leaving"), 409, "not-admitted")
    await scene.begun()
    await scene.step("end")
    refused(await scene.check_in(there=QUAY | {"place": "Elsewhere"}), 409, "encounter-over")
    refused(await scene.step("admission"), 409, "encounter-over")
    refused(await scene.step("joining", scene.patient), 409, "encounter-over")
    assert (await scene.step("end")).status_code == 200, "again: no change"


async def test_only_its_patient_its_therapist_and_the_desk_find_it(scene: Scene) -> None:
    await scene.check_in()
    strangers = [
        scene.clinic.person("patient"),
        scene.clinic.person("therapist"),
        scene.clinic.person("patient", "therapist", "reception", tenant=uuid4()),
    ]
    for stranger in strangers:
        refused(await stranger.get(scene.at()), 404, "not-found")
        refused(await stranger.get(scene.at("stream")), 404, "not-found")
        refused(await scene.check_in(stranger), 404, "not-found")
        refused(await scene.step("leaving", stranger), 404, "not-found")
    for stranger in strangers[1:]:
        for name in ("admission", "end"):
            refused(await scene.step(name, stranger), 404, "not-found")
    weak = scene.clinic.signer.bearer("therapist", person=scene.therapist.id, tenant=scene.clinic.tenant, aal=1)
    refused(await scene.clinic.http.get(scene.at(), headers=weak), 403, "assurance-too-low")
    refused(await scene.step("end", scene.patient), 403, "forbidden")


async def test_who_is_both_leads_no_encounter_of_their_own(clinic: Any, tomorrow: datetime) -> None:
    scene = await Scene.of(clinic, tomorrow)
    both = clinic.person("patient", "therapist", known=scene.patient.id)
    await scene.check_in()
    for name in ("admission", "end"):
        refused(await scene.step(name, both), 403, "forbidden")


async def test_a_stale_version_and_a_repeated_key_change_nothing(scene: Scene) -> None:
    first = await scene.check_in(idempotency_key="once")
    assert (await scene.check_in(idempotency_key="once")).json() == first.json()
    assert (await scene.check_in()).json() == first.json()
    refused(await scene.step("admission", if_match='"7"'), 412, "version-conflict")
    assert (await scene.step("admission", if_match='"1"')).status_code == 200
    refused(await scene.step("end", if_match='"1"'), 412, "version-conflict")


async def test_what_is_cancelled_is_not_met_for_and_who_waits_waits_for_nothing(scene: Scene) -> None:
    await scene.check_in()
    assert (await scene.patient.cancel(scene.id)).status_code == 200
    refused(await scene.check_in(), 409, "appointment-not-booked")
    refused(await scene.step("admission"), 409, "appointment-not-booked")
    pair = {"patient": scene.patient.id, "therapist": scene.therapist.id}
    event = AppointmentCancelledV1(appointment=AppointmentId(scene.id), **pair, by=scene.patient.id, late=True)
    told = scene.clinic.heard(event)
    for _ in range(2):
        await scene.clinic.module.hears[AppointmentCancelledV1](told)
    found = await scene.one()
    assert (found["stage"], found["version"]) == ("cancelled", 2)


async def test_what_begins_is_fulfilled_even_if_somebody_said_it_was_missed(scene: Scene) -> None:
    scene.clinic.clock.now = scene.starts_at + timedelta(minutes=10)
    missed = await scene.therapist.post(f"/v1/appointments/{scene.id}/absence", json={"absent": "patient"})
    assert missed.status_code == 200, missed.text
    await scene.begun()
    pair: Any = {"patient": scene.patient.id, "therapist": scene.therapist.id}
    whose: Any = {"encounter": uuid4(), "appointment": AppointmentId(scene.id), **pair}
    told = scene.clinic.heard(EncounterStartedV1(**whose, at=scene.clinic.clock.now))
    for _ in range(2):
        await scene.clinic.module.hears[EncounterStartedV1](told)
    found = (await scene.patient.get(f"/v1/appointments/{scene.id}")).json()
    assert (found["status"], found["version"]) == ("fulfilled", 3)
    assert (await scene.step("admission")).status_code == 200, "again: no change"


async def test_who_waited_at_the_old_time_of_a_moved_appointment_comes_again(scene: Scene) -> None:
    await scene.check_in()
    who: Any = {"patient": scene.patient.id, "therapist": scene.therapist.id, "was_with": scene.therapist.id}
    event = AppointmentMovedV1(
        appointment=AppointmentId(scene.id), **who, starts_at=scene.starts_at + HOUR, minutes=60, by=SYSTEM
    )
    told = scene.clinic.heard(event)
    for _ in range(2):
        await scene.clinic.module.hears[AppointmentMovedV1](told)
    found = await scene.one()
    assert (found["stage"], found["version"]) == ("left", 2)
    refused(await scene.step("admission"), 409, "patient-not-there")


async def test_what_nobody_ends_is_closed_by_the_platform_once(clinic: Any, scene: Scene) -> None:
    await scene.begun()
    waits = Scene(clinic, scene.therapist, clinic.person("patient"), scene.starts_at + HOUR)
    clinic.clock.now -= 2 * HOUR
    assert (await waits.patient.book(waits.therapist, waits.starts_at, waits.id)).status_code == 201
    clinic.clock.now = waits.starts_at
    await waits.check_in()
    assert await closed(clinic) == 0
    clinic.clock.pass_(hours=6)
    assert await closed(clinic) == 2
    assert await closed(clinic) == 0
    over, left = await scene.one(), await waits.one()
    assert (over["stage"], over["closed_by_platform"]) == ("finished", True)
    assert over["patient_s"] == over["therapist_s"] == 75 * 60, "from admission until the planned end"
    assert (left["stage"], left["closed_by_platform"]) == ("cancelled", True)


async def test_a_patient_watches_the_door(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mindlyfe.therapy.adapters.http.encounters.LOOK_S", LOOK_S / 100)
    await scene.check_in()
    (path,) = [
        handler
        for router in scene.clinic.module.routes
        for route in router.routes
        if route.path_format.endswith("/encounter/stream")
        for handler in route.route_handlers
        if "route" in handler.opt
    ]
    who = principal("patient", tenant=scene.clinic.tenant, person=scene.patient.id)
    stream: AsyncIterator[Any] = await path.opt["route"].function(appointment=scene.id, who=who)
    assert (await anext(stream)).stage == "arrived"
    coming = asyncio.ensure_future(anext(stream))
    await scene.step("admission")
    assert (await coming).stage == "in-progress"
    await scene.step("end")
    assert [one.stage async for one in stream] == ["finished"]
