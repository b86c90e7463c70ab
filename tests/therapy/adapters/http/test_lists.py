"""Who sees which appointments, and in what order."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.ties import Begun, Held

HOUR = timedelta(hours=1)
LISTS = ("/v1/appointments", "/v1/clinic/appointments")


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, str(answer.json()["type"]).removeprefix("/problems/")


async def booked(patient: Any, therapist: Any, starts_at: datetime) -> str:
    appointment = uuid4()
    answer = await patient.book(therapist, starts_at, appointment)
    assert answer.status_code == 201, answer.text
    return str(appointment)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_everybody_sees_their_own_and_staff_see_all(clinic: Any, tomorrow: datetime) -> None:
    one, two = await clinic.therapist(), await clinic.therapist()
    amina, jonas = clinic.person("patient"), clinic.person("patient")
    third = await booked(amina, two, tomorrow + 2 * HOUR)
    first = await booked(amina, one, tomorrow)
    second = await booked(jonas, one, tomorrow + HOUR)
    await amina.cancel(first)
    assert ids(await amina.get("/v1/appointments")) == [first, third]
    assert ids(await jonas.get("/v1/appointments")) == [second]
    assert ids(await one.get("/v1/appointments")) == [first, second]
    assert ids(await two.get("/v1/appointments")) == [third]
    for role in ("reception", "clinic-admin"):
        staff = clinic.person(role)
        assert ids(await staff.get("/v1/appointments")) == []
        assert ids(await staff.get("/v1/clinic/appointments")) == [first, second, third]
        assert (await staff.get(f"/v1/appointments/{first}")).json()["status"] == "cancelled"


async def test_a_list_is_filtered_and_paged(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    made = [await booked(patient, therapist, tomorrow + hour * HOUR) for hour in (3, 1, 0, 2, 4)]
    in_order = [made[2], made[1], made[3], made[0], made[4]]
    await patient.cancel(made[0])
    found, cursor = list[str](), dict[str, Any]()
    for size in (2, 2, 1):
        page = await patient.get("/v1/appointments", limit=2, **cursor)
        assert len(ids(page)) == size
        found += ids(page)
        cursor = {"cursor": page.json()["next"]}
    assert found == in_order
    assert cursor["cursor"] is None
    assert ids(await patient.get("/v1/appointments", status="cancelled")) == [made[0]]
    assert ids(await patient.get("/v1/appointments", status="booked", limit=1)) == in_order[:1]
    some = {"from": (tomorrow + HOUR).isoformat(), "to": (tomorrow + 3 * HOUR).isoformat()}
    assert ids(await patient.get("/v1/appointments", **some)) == in_order[1:3]
    for path in (*LISTS, f"/v1/patients/{patient.id}/appointments"):
        for wrong in (
            {"limit": 0},
            {"limit": 201},
            {"cursor": "x"},
            {"status": "lost"},
            {"from": "2026-06-01T00:00:00"},
        ):
            person = clinic.person("reception", "patient", "therapist")
            clinic.identity.told = [relation(clinic, person, patient)]
            assert (await person.get(path, **wrong)).status_code == 400, (path, wrong)


async def test_for_others_an_appointment_does_not_exist(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    appointment = await booked(patient, therapist, tomorrow)
    roles = ("patient", "therapist", "reception", "clinic-admin")
    for stranger in (
        clinic.person("patient"),
        clinic.person("therapist"),
        clinic.person(*roles, tenant=uuid4()),
        clinic.person(*roles, known=patient.id, tenant=uuid4()),
    ):
        assert problem(await stranger.get(f"/v1/appointments/{appointment}")) == (404, "not-found")
        assert problem(await stranger.cancel(appointment)) == (404, "not-found")
        assert ids(await stranger.get("/v1/appointments")) == []
    assert (await patient.get(f"/v1/appointments/{appointment}")).json()["status"] == "booked"
    assert problem(await patient.get(f"/v1/appointments/{uuid4()}")) == (404, "not-found")


@pytest.mark.parametrize(
    "role", ["patient", "therapist", "supervisor", "reception", "clinic-admin", "operator", "service"]
)
async def test_each_role_reaches_its_routes_alone(clinic: Any, tomorrow: datetime, role: Any) -> None:
    therapist, person, unknown = await clinic.therapist(), clinic.person(role), uuid4()
    parties, staff = {"patient", "therapist"}, {"reception", "clinic-admin"}
    range_ = {"from": tomorrow.isoformat(), "to": (tomorrow + HOUR).isoformat()}
    tried = {
        frozenset(parties | staff): [
            await person.get("/v1/appointments"),
            await person.get(f"/v1/appointments/{unknown}"),
            await person.get(f"/v1/therapists/{therapist.id}/slots", **range_),
            await person.cancel(unknown),
            await person.book(therapist, tomorrow),
            await person.move(unknown, tomorrow),
            await person.post(f"/v1/appointments/{unknown}/absence", json={"absent": "patient"}),
            await person.delete(f"/v1/appointments/{unknown}/absence"),
        ],
        frozenset({"therapist", *staff}): [
            await person.post(f"/v1/appointments/{unknown}/confirmation", json=None),
            await person.post(f"/v1/appointments/{unknown}/decline", json={}),
        ],
        frozenset(staff): [await person.get("/v1/clinic/appointments")],
        frozenset({"therapist", "supervisor"}): [await person.get(f"/v1/patients/{unknown}/appointments")],
    }
    for allowed, answers in tried.items():
        for answer in answers:
            assert (answer.status_code == 403) == (role not in allowed), answer.request.url
            assert answer.status_code < 500


async def test_without_a_token_nothing_is_shown(clinic: Any) -> None:
    for path in (*LISTS, f"/v1/appointments/{uuid4()}", f"/v1/patients/{uuid4()}/appointments"):
        assert problem(await clinic.http.get(path)) == (401, "unauthenticated")


async def test_looking_is_audited(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    appointment = await booked(patient, therapist, tomorrow)
    clinic.audited.clear()
    await patient.get(f"/v1/appointments/{appointment}")
    await therapist.get(f"/v1/patients/{patient.id}/appointments")
    assert [(row.actor, row.action, row.subject, row.object, row.outcome) for row in clinic.audited] == [
        (patient.id, "appointments.read", None, f"/v1/appointments/{appointment}", "done"),
        (therapist.id, "appointments.read", patient.id, f"/v1/patients/{patient.id}/appointments", "not-found"),
    ]


def relation(clinic: Any, clinician: Any, patient: Any) -> Any:
    since = clinic.clock.now - HOUR
    return Begun(clinician.id, Held(kind="care", id=uuid4(), subject=patient.id, since=since, until=None))
