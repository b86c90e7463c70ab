"""Booking and cancelling over HTTP: what succeeds, and every refusal."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.ids import derived

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, str(answer.json()["type"]).removeprefix("/problems/")


async def test_a_slot_is_booked_and_cancelled(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    saved = await patient.book(therapist, tomorrow, appointment)
    assert (saved.status_code, saved.json()) == (201, {"appointment": str(appointment), "version": 1})
    found = await patient.get(f"/v1/appointments/{appointment}")
    assert found.headers["etag"][:3] == '"1.'
    expected = {
        "id": str(appointment),
        "patient": str(patient.id),
        "therapist": str(therapist.id),
        "starts_at": "2026-06-02T08:00:00Z",
        "minutes": 60,
        "status": "booked",
        "late": False,
        "version": 1,
        "reason": "",
        "schedule": str(therapist.id),
        "kind": "video",
        "place": "",
        "room": None,
        "appointment_type": None,
        "sequence": 0,
        "lapses_at": None,
        "group_session": None,
        "by": str(patient.id),
        "absent": None,
        "late_hours": 24,
        "member": None,
    }
    assert found.json() == expected
    cancelled = await therapist.cancel(appointment, "I am ill", if_match='"1"')
    assert (cancelled.status_code, cancelled.json()["version"]) == (200, 2)
    changed = {"status": "cancelled", "reason": "I am ill", "by": str(therapist.id), "version": 2}
    assert (await patient.get(f"/v1/appointments/{appointment}")).json() == expected | changed


async def test_twenty_race_for_one_slot_and_one_gets_it(clinic: Any, tomorrow: datetime) -> None:
    therapist = await clinic.therapist()
    patients = [clinic.person("patient") for _ in range(20)]
    answers = await asyncio.gather(*[patient.book(therapist, tomorrow) for patient in patients])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
    assert {problem(answer) for answer in answers if answer.status_code == 409} == {(409, "slot-taken")}
    mine = [(await patient.get("/v1/appointments")).json()["items"] for patient in patients]
    assert sorted(len(items) for items in mine) == [0] * 19 + [1]


async def test_a_patient_races_for_two_therapists_at_once(clinic: Any, tomorrow: datetime) -> None:
    therapists = [await clinic.therapist(minutes=minutes) for minutes in (60, 45, 30, 20)]
    patient = clinic.person("patient")
    answers = await asyncio.gather(*[patient.book(therapist, tomorrow) for therapist in therapists])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    assert {problem(answer) for answer in answers if answer.status_code == 409} == {(409, "patient-busy")}


async def test_many_book_different_slots_at_once(clinic: Any, tomorrow: datetime) -> None:
    therapists = [await clinic.therapist() for _ in range(4)]
    wishes = [(therapist, tomorrow + hour * HOUR) for therapist in therapists for hour in range(8)]
    answers = await asyncio.gather(*[clinic.person("patient").book(*wish) for wish in wishes])
    assert {answer.status_code for answer in answers} == {201}


async def test_a_cancelled_slot_can_be_booked_again(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    for _ in range(3):
        appointment = uuid4()
        assert (await patient.book(therapist, tomorrow, appointment)).status_code == 201
        assert (await patient.cancel(appointment)).status_code == 200


async def test_only_what_is_offered_is_booked(clinic: Any, tomorrow: datetime) -> None:
    therapist = await clinic.therapist(notice_minutes=120, horizon_days=10)
    patient = clinic.person("patient")
    refusals = {
        tomorrow + timedelta(minutes=1): "slot-not-offered",
        tomorrow - HOUR: "slot-not-offered",
        tomorrow + 4 * DAY: "slot-not-offered",
        clinic.clock.now - HOUR: "in-the-past",
        clinic.clock.now + HOUR: "too-soon",
        tomorrow + 14 * DAY: "beyond-horizon",
    }
    for starts_at, code in refusals.items():
        assert problem(await patient.book(therapist, starts_at)) == (409, code)
    assert problem(await patient.book(clinic.person("therapist"), tomorrow)) == (404, "not-found")


async def test_the_ends_of_time_are_refused(clinic: Any) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    for starts_at, code in (
        ("0001-01-01T00:00:00+14:00", "in-the-past"),
        ("9999-12-31T23:59:59-14:00", "beyond-horizon"),
    ):
        wish = {"therapist": str(therapist.id), "starts_at": starts_at}
        assert problem(await patient.put(f"/v1/appointments/{uuid4()}", json=wish)) == (409, code)


async def test_nobody_books_themselves(clinic: Any, tomorrow: datetime) -> None:
    therapist = await clinic.therapist()
    patient = clinic.person("patient", known=therapist.id)
    assert problem(await patient.book(therapist, tomorrow)) == (409, "slot-not-offered")


async def test_an_appointment_is_booked_once(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    assert (await patient.book(therapist, tomorrow, appointment)).status_code == 201
    assert problem(await patient.book(therapist, tomorrow, appointment)) == (409, "appointment-already-booked")
    other = clinic.person("patient")
    assert problem(await other.book(therapist, tomorrow + HOUR, appointment)) == (404, "not-found")


async def test_a_key_makes_it_happen_once(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    first = await patient.book(therapist, tomorrow, appointment, idempotency_key="b1")
    again = await patient.book(therapist, tomorrow, appointment, idempotency_key="b1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 201
    reused = await patient.book(therapist, tomorrow + HOUR, uuid4(), idempotency_key="b1")
    assert problem(reused) == (422, "idempotency-key-reused")
    once = await patient.cancel(appointment, idempotency_key="c1")
    twice = await patient.cancel(appointment, idempotency_key="c1")
    assert (
        (once.status_code, once.json())
        == (twice.status_code, twice.json())
        == (200, {"appointment": str(appointment), "version": 2})
    )
    assert problem(await patient.cancel(appointment)) == (409, "appointment-not-booked")


async def test_it_is_cancelled_on_a_version_and_before_it_begins(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    assert problem(await patient.cancel(appointment, if_match='"2"')) == (412, "version-conflict")
    assert problem(await patient.cancel(appointment, if_match="x")) == (400, "malformed")
    clinic.clock.now = tomorrow
    assert problem(await patient.cancel(appointment)) == (409, "appointment-already-started")
    clinic.clock.now = tomorrow - timedelta(seconds=1)
    assert (await patient.cancel(appointment)).status_code == 200
    assert (await patient.get(f"/v1/appointments/{appointment}")).json()["late"] is True


@pytest.mark.parametrize("starts_at", ["2026-06-02T08:00:00", "2026-06-02", "", "soon", None, 1780387200, {}])
async def test_a_start_is_a_moment(clinic: Any, starts_at: Any) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    wish = {"therapist": str(therapist.id), "starts_at": starts_at}
    answer = await patient.put(f"/v1/appointments/{uuid4()}", json=wish)
    assert problem(answer)[0] == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["starts_at"]


@pytest.mark.parametrize("appointment", ["1", "0" * 33, "%00", "None"])
async def test_an_id_is_a_uuid(clinic: Any, tomorrow: datetime, appointment: Any) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    assert (await patient.book(therapist, tomorrow, appointment)).status_code in {400, 404}


@pytest.mark.parametrize("json", [{}, [], {"reason": 5}, {"reason": "x" * 2001}, {"why": "x"}])
async def test_a_cancellation_has_a_shape(clinic: Any, tomorrow: datetime, json: Any) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    answer = await patient.post(f"/v1/appointments/{appointment}/cancellation", json=json)
    assert answer.status_code == (200 if json == {} else 400), answer.text


async def test_the_reason_stays_private(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    await patient.cancel(appointment, "my secret reason")
    async with clinic.database.app(clinic.tenant) as tx:
        rows = await (
            await tx.execute("select subject, data, meta::text from event where stream = %s", (appointment,))
        ).fetchall()
        listed = await (await tx.execute("select calendar::text from calendar")).fetchall()
        audited = await (await tx.execute("select audit::text from audit")).fetchall()
    assert {subject for subject, _, _ in rows} == {patient.id}
    assert len(rows) == 2
    assert "secret" not in repr([rows, listed, audited])
    for person, reason in (
        (patient, "my secret reason"),
        (therapist, "my secret reason"),
        (clinic.person("reception"), ""),
    ):
        assert (await person.get(f"/v1/appointments/{appointment}")).json()["reason"] == reason


async def test_an_id_that_means_something_else_cannot_be_booked(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(), clinic.person("patient")
    hours = derived("availability", clinic.tenant, therapist.id)
    assert problem(await patient.book(therapist, tomorrow, hours)) == (409, "id-taken")
    assert problem(await patient.cancel(hours, "mischief")) == (409, "id-taken")
    assert problem(await patient.get(f"/v1/appointments/{hours}")) == (404, "not-found")


async def test_an_id_of_another_clinic_is_free_here_and_stays_what_it_is_there(clinic: Any, tomorrow: datetime) -> None:
    patient, appointment, elsewhere = clinic.person("patient"), uuid4(), uuid4()
    await patient.book(await clinic.therapist(), tomorrow, appointment)
    therapist = clinic.person("therapist", tenant=elsewhere)
    hours = {"zone": "UTC", "weekly": [{"weekday": 2, "from": "00:00", "to": "24:00"}], "minutes": 60}
    assert (await therapist.put("/v1/availability", json=hours)).status_code == 200
    stranger = clinic.person("patient", tenant=elsewhere)
    saved = await stranger.book(therapist, tomorrow, appointment)
    assert (saved.status_code, saved.json()["version"]) == (201, 1), "not a word about the other clinic"
    assert (await patient.get(f"/v1/appointments/{appointment}")).json()["patient"] == str(patient.id)
