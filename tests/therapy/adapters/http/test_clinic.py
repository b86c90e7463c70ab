"""Types of appointments and rooms: set up, booked with, refused."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.therapy.adapters.http.test_booking import problem
from tests.therapy.conftest import OFFICE

from mindlyfe.kernel.ids import derived

HOUR = timedelta(hours=1)
TYPES, ROOMS = "/v1/appointment-types", "/v1/rooms"
INTAKE = {"name": "Intake", "minutes": 90, "bookable_by": "staff"}
FOLLOW_UP = {"name": "Follow-up", "minutes": 50}
BLUE = {"name": "Blue room", "capacity": 4}


async def made(clinic: Any, path: str, body: dict[str, Any]) -> str:
    answer = await clinic.person("clinic-admin").post(path, json=body)
    assert answer.status_code == 201, answer.text
    [id_] = (answer.json()[name] for name in ("appointment_type", "room") if name in answer.json())
    return str(id_)


async def names(who: Any, path: str) -> list[str]:
    return [each["name"] for each in (await who.get(path)).json()["items"]]


@pytest.mark.parametrize(("path", "body"), [(TYPES, FOLLOW_UP), (ROOMS, BLUE)])
async def test_a_clinic_sets_changes_and_gives_them_up(clinic: Any, path: str, body: dict[str, Any]) -> None:
    admin, desk = clinic.person("clinic-admin"), clinic.person("reception")
    first = await admin.post(path, json=body, idempotency_key="k")
    assert (await admin.post(path, json=body, idempotency_key="k")).json() == first.json()
    one = f"{path}/{next(value for name, value in first.json().items() if name != 'version')}"
    assert await names(desk, path) == [body["name"]]
    changed = await admin.put(one, json=body | {"name": "Another"}, if_match='"1"')
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await admin.put(one, json=body | {"name": "Another"})).json()["version"] == 2
    assert problem(await admin.put(one, json=body, if_match='"1"')) == (412, "version-conflict")
    assert await names(desk, path) == ["Another"]
    assert await names(clinic.person("reception", tenant=uuid4()), path) == []
    assert problem(await clinic.person("clinic-admin", tenant=uuid4()).put(one, json=body)) == (404, "not-found")
    assert (await admin.delete(one)).status_code == 204
    assert await names(desk, path) == []
    for answer in (await admin.delete(one), await admin.put(one, json=body)):
        assert problem(answer) == (404, "not-found")
    hours = derived("availability", clinic.tenant, (await clinic.therapist()).id)
    assert problem(await admin.delete(f"{path}/{hours}")) == (409, "id-taken")


@pytest.mark.parametrize("role", ["patient", "therapist", "reception"])
async def test_only_an_administrator_sets_them(clinic: Any, role: Any) -> None:
    who = clinic.person(role)
    for path, body in ((TYPES, INTAKE), (ROOMS, BLUE)):
        assert problem(await who.post(path, json=body)) == (403, "forbidden")
        assert problem(await who.put(f"{path}/{uuid4()}", json=body)) == (403, "forbidden")
        assert problem(await who.delete(f"{path}/{uuid4()}")) == (403, "forbidden")
    assert (await who.get(ROOMS)).status_code == (403 if role == "patient" else 200)


async def test_a_types_minutes_count(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    follow_up, appointment = await made(clinic, TYPES, FOLLOW_UP), uuid4()
    wish = {"appointment_type": follow_up}
    assert (await patient.book(therapist, tomorrow, appointment, more=wish)).status_code == 201
    seen = await patient.seen(appointment)
    assert (seen["minutes"], seen["appointment_type"]) == (50, follow_up)
    [listed] = (await patient.get("/v1/appointments")).json()["items"]
    assert listed["appointment_type"] == follow_up
    assert (await therapist.move(appointment, tomorrow + HOUR)).status_code == 200
    moved = await patient.seen(appointment)
    assert (moved["minutes"], moved["appointment_type"]) == (50, follow_up)
    assert problem(await patient.book(therapist, tomorrow, more={"appointment_type": str(uuid4())})) == (
        422,
        "unknown-appointment-type",
    )


async def test_slots_of_a_type_hold_one(clinic: Any, tomorrow: datetime) -> None:
    therapist, desk = await clinic.therapist(), clinic.person("reception")
    intake = await made(clinic, TYPES, INTAKE)
    path, day = f"/v1/therapists/{therapist.id}/slots", {"from": tomorrow.isoformat()}
    day |= {"to": (tomorrow + 8 * HOUR).isoformat()}
    answer = await desk.get(path, **day, appointment_type=intake)
    starts = [(one["starts_at"], one["minutes"]) for one in answer.json()["items"]]
    assert starts == [(f"{tomorrow + n * HOUR:%Y-%m-%dT%H:%M:%SZ}", 90) for n in range(7)]
    patient = clinic.person("patient")
    assert problem(await patient.get(path, **day, appointment_type=intake)) == (403, "appointment-type-for-staff")
    unknown = await desk.get(path, **day, appointment_type=str(uuid4()))
    assert problem(unknown) == (422, "unknown-appointment-type")


async def test_what_staff_books_patients_neither_see_nor_book(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, desk = await clinic.therapist(), clinic.person("patient"), clinic.person("reception")
    intake = await made(clinic, TYPES, INTAKE)
    await made(clinic, TYPES, FOLLOW_UP)
    assert await names(patient, TYPES) == ["Follow-up"]
    assert await names(therapist, TYPES) == ["Follow-up", "Intake"]
    wish = {"appointment_type": intake}
    assert problem(await patient.book(therapist, tomorrow, more=wish)) == (403, "appointment-type-for-staff")
    assert (await desk.book(therapist, tomorrow, patient=patient, more=wish)).status_code == 201
    assert problem(await clinic.person("patient").book(therapist, tomorrow + HOUR)) == (409, "slot-taken")


async def test_a_room_is_had_by_one_at_a_time(clinic: Any, tomorrow: datetime) -> None:
    blue = await made(clinic, ROOMS, BLUE)
    place = {"kind": "on-site", "place": "12 Harbour Street", "room": blue}
    therapists = [await clinic.therapist(**place) for _ in range(4)]
    patients = [clinic.person("patient") for _ in therapists]
    answers = await asyncio.gather(
        *[patient.book(therapist, tomorrow) for patient, therapist in zip(patients, therapists, strict=True)]
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    assert {problem(one)[1] for one in answers if one.status_code == 409} <= {"room-taken", "slot-taken"}
    for therapist in therapists:
        day = {"from": tomorrow.isoformat(), "to": (tomorrow + 2 * HOUR).isoformat()}
        slots = (await patients[0].get(f"/v1/therapists/{therapist.id}/slots", **day)).json()["items"]
        assert [one["starts_at"] for one in slots] == [f"{tomorrow + HOUR:%Y-%m-%dT%H:%M:%SZ}"]


async def test_staff_chooses_another_room(clinic: Any, tomorrow: datetime) -> None:
    blue, green = await made(clinic, ROOMS, BLUE), await made(clinic, ROOMS, BLUE | {"name": "Green room"})
    one, other = await clinic.therapist(room=blue), await clinic.therapist()
    patient, desk, first, second = clinic.person("patient"), clinic.person("reception"), uuid4(), uuid4()
    assert (await patient.book(one, tomorrow, first)).status_code == 201
    assert (await patient.seen(first))["room"] == blue
    guest = clinic.person("patient")
    assert problem(await desk.book(other, tomorrow, patient=guest, more={"room": blue})) == (409, "room-taken")
    assert (await desk.book(other, tomorrow, second, guest, more={"room": green})).status_code == 201
    assert problem(await desk.move(first, tomorrow, room=green)) == (409, "room-taken")
    assert (await desk.move(second, tomorrow + HOUR, room=blue)).status_code == 200
    assert (await desk.move(first, tomorrow, room=green)).status_code == 200
    assert (await patient.seen(first))["room"] == green
    assert problem(await patient.book(other, tomorrow + HOUR, more={"room": green})) == (403, "forbidden")
    assert problem(await patient.move(first, tomorrow + 3 * HOUR, room=green)) == (403, "forbidden")
    for unknown in (
        await desk.book(other, tomorrow + 2 * HOUR, patient=guest, more={"room": str(uuid4())}),
        await desk.move(first, tomorrow + 2 * HOUR, room=str(uuid4())),
        await one.put("/v1/availability", json=OFFICE | {"room": str(uuid4())}),
        await one.post("/v1/schedules", json=OFFICE | {"room": str(uuid4())}),
        await one.put(f"/v1/schedules/{one.id}", json=OFFICE | {"room": str(uuid4())}),
    ):
        assert problem(unknown) == (422, "unknown-room")
