"""Moving over HTTP: by patient, therapist and front desk; what stays, what is freed, and every refusal."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.therapy.adapters.http.test_booking import problem

from mindlyfe.kernel.ids import derived

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def booked(patient: Any, therapist: Any, at: datetime) -> UUID:
    appointment = uuid4()
    assert (await patient.book(therapist, at, appointment)).status_code == 201
    return appointment


@pytest.fixture
def next_week(tomorrow: datetime) -> datetime:
    """Monday, 09:00 in London."""
    return tomorrow + 6 * DAY


async def test_it_stays_the_same_appointment_and_its_old_time_is_free(clinic: Any, next_week: datetime) -> None:
    therapist, patient, other = await clinic.therapist(), clinic.person("patient"), clinic.person("patient")
    appointment = await booked(patient, therapist, next_week)
    answer = await patient.move(appointment, next_week + 2 * HOUR, reason="The dentist.")
    assert (answer.status_code, answer.json()) == (200, {"appointment": str(appointment), "version": 2})
    for person in (patient, therapist):
        seen = await person.seen(appointment)
        told = (seen["starts_at"], seen["status"], seen["sequence"], seen["by"], seen["reason"])
        assert told == (f"{next_week + 2 * HOUR:%Y-%m-%dT%H:%M:%SZ}", "booked", 1, str(patient.id), "The dentist.")
    [listed] = (await patient.get("/v1/appointments")).json()["items"]
    assert (listed["sequence"], listed["version"], listed["updated_at"] is not None) == (1, 2, True)
    assert problem(await other.book(therapist, next_week + 2 * HOUR)) == (409, "slot-taken")
    assert (await other.book(therapist, next_week)).status_code == 201
    assert problem(await patient.move(appointment, next_week)) == (409, "slot-taken")
    clinic.clock.now = next_week + 2 * HOUR
    assert problem(await patient.move(appointment, next_week + 3 * HOUR)) == (409, "appointment-already-started")


async def test_it_may_overlap_its_own_old_time(clinic: Any, next_week: datetime) -> None:
    therapist, patient = await clinic.therapist(step_minutes=15, before_minutes=10), clinic.person("patient")
    appointment = await booked(patient, therapist, next_week)
    half = next_week + timedelta(minutes=30)
    assert (await patient.move(appointment, half)).status_code == 200
    assert (await patient.move(appointment, half + timedelta(minutes=15))).status_code == 200


async def test_limits_count_it_once(clinic: Any, next_week: datetime) -> None:
    therapist, patient = await clinic.therapist(per_day=1), clinic.person("patient")
    appointment = await booked(patient, therapist, next_week)
    await booked(clinic.person("patient"), therapist, next_week + DAY)
    assert (await patient.move(appointment, next_week + 3 * HOUR)).status_code == 200
    assert problem(await patient.move(appointment, next_week + DAY + HOUR)) == (409, "therapist-full")


async def test_by_whom_it_is_moved_and_to_whom(clinic: Any, next_week: datetime) -> None:
    therapist, colleague = await clinic.therapist(), await clinic.therapist()
    patient, desk = clinic.person("patient"), clinic.person("reception")
    appointment = await booked(patient, therapist, next_week)
    to_colleague = {"therapist": str(colleague.id), "reason": "Tim is ill."}
    for person in (patient, therapist):
        assert problem(await person.move(appointment, next_week, **to_colleague)) == (403, "forbidden")
    clinic.clock.now = next_week - HOUR
    assert problem(await patient.move(appointment, next_week + HOUR)) == (409, "too-late-to-move")
    assert (await therapist.move(appointment, next_week + HOUR)).status_code == 200
    assert (await desk.move(appointment, next_week + HOUR, **to_colleague)).status_code == 200
    seen = await desk.seen(appointment)
    assert (seen["therapist"], seen["by"], seen["reason"]) == (str(colleague.id), str(desk.id), "Tim is ill.")
    assert (await colleague.seen(appointment))["sequence"] == 2
    assert (await therapist.get(f"/v1/appointments/{appointment}")).status_code == 404
    assert (await clinic.person("patient").book(therapist, next_week + HOUR)).status_code == 201


async def test_what_is_no_slot_is_refused(clinic: Any, next_week: datetime) -> None:
    therapist, other = await clinic.therapist(horizon_days=20, notice_minutes=120), await clinic.therapist()
    patient = clinic.person("patient")
    appointment = await booked(patient, therapist, next_week)
    await booked(patient, other, next_week + HOUR)
    off = {"zone": "UTC", "first": f"{next_week + DAY:%Y-%m-%d}", "last": f"{next_week + DAY:%Y-%m-%d}"}
    assert (await therapist.post("/v1/time-off", json=off)).status_code == 201
    for to, code in {
        next_week + timedelta(minutes=1): "slot-not-offered",
        next_week + 28 * DAY: "beyond-horizon",
        next_week + HOUR: "patient-busy",
        next_week + DAY: "therapist-away",
        clinic.clock.now - HOUR: "in-the-past",
        clinic.clock.now + HOUR: "too-soon",
    }.items():
        assert problem(await patient.move(appointment, to)) == (409, code)
    assert (await patient.seen(appointment))["version"] == 1
    await patient.cancel(appointment)
    assert problem(await patient.move(appointment, next_week + 2 * HOUR)) == (409, "appointment-not-booked")


async def test_it_is_moved_once_per_key_and_on_a_version(clinic: Any, next_week: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    appointment = await booked(patient, therapist, next_week)
    first = await patient.move(appointment, next_week + HOUR, idempotency_key="m1")
    again = await patient.move(appointment, next_week + HOUR, idempotency_key="m1")
    assert first.json() == again.json() == {"appointment": str(appointment), "version": 2}
    assert problem(await patient.move(appointment, next_week, if_match='"1"')) == (412, "version-conflict")
    unchanged = await patient.move(appointment, next_week + HOUR)
    assert unchanged.json()["version"] == 2


async def test_for_others_there_is_nothing_to_move(clinic: Any, next_week: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    appointment = await booked(patient, therapist, next_week)
    for stranger in (
        clinic.person("patient"),
        await clinic.therapist(),
        clinic.person("reception", tenant=uuid4()),
    ):
        assert problem(await stranger.move(appointment, next_week + HOUR)) == (404, "not-found")
    hours = derived("availability", clinic.tenant, therapist.id)
    assert problem(await patient.move(hours, next_week)) == (404, "not-found")


async def test_many_move_into_one_slot_and_one_gets_it(clinic: Any, next_week: datetime) -> None:
    therapist = await clinic.therapist()
    patients = [clinic.person("patient") for _ in range(6)]
    made = [await booked(patient, therapist, next_week + n * HOUR) for n, patient in enumerate(patients)]
    wanted = next_week + 7 * HOUR
    moves = [patient.move(one, wanted) for patient, one in zip(patients, made, strict=True)]
    answers = await asyncio.gather(*moves)
    assert Counter(each.status_code for each in answers) == {200: 1, 409: 5}
    assert {problem(each) for each in answers if each.status_code == 409} == {(409, "slot-taken")}


async def test_two_change_places_one_after_the_other_never_both_in_one(clinic: Any, next_week: datetime) -> None:
    therapist, amina, jonas = await clinic.therapist(), clinic.person("patient"), clinic.person("patient")
    one, two = await booked(amina, therapist, next_week), await booked(jonas, therapist, next_week + HOUR)
    both = await asyncio.gather(amina.move(one, next_week + HOUR), jonas.move(two, next_week))
    assert {problem(each) for each in both} == {(409, "slot-taken")}
