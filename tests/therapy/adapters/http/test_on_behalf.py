"""Booking and cancelling for a patient: by the front desk, and by therapists for whom they treat."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.therapy.adapters.http.test_booking import problem
from tests.therapy.adapters.http.test_lists import relation

HOUR = timedelta(hours=1)


async def test_the_desk_books_for_the_clinics_patients(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient = await clinic.therapist(notice_minutes=2_880, confirms=True), clinic.person("patient")
    for desk in (clinic.person("reception"), clinic.person("clinic-admin")):
        appointment = uuid4()
        saved = await desk.book(therapist, tomorrow, appointment, patient)
        assert saved.status_code == 201, "on the telephone no notice is needed, and no confirmation"
        for person in (desk, patient, therapist):
            seen = await person.seen(appointment)
            assert (seen["patient"], seen["by"], seen["status"]) == (str(patient.id), str(desk.id), "booked")
        assert (await desk.cancel(appointment, "She rang.")).status_code == 200
        for person in (desk, patient, therapist):
            seen = await person.seen(appointment)
            assert (seen["status"], seen["by"], seen["reason"]) == ("cancelled", str(desk.id), "She rang.")
    unknown = clinic.person("patient", tenant=uuid4())
    assert problem(await desk.book(therapist, tomorrow, patient=unknown)) == (404, "not-found")
    assert problem(await desk.book(therapist, tomorrow)) == (422, "no-patient")


async def test_a_therapist_books_with_themselves_for_whom_they_treat(clinic: Any, tomorrow: datetime) -> None:
    therapist, colleague = await clinic.therapist(), await clinic.therapist()
    patient, appointment = clinic.person("patient"), uuid4()
    assert problem(await therapist.book(therapist, tomorrow, patient=patient)) == (404, "not-found")
    clinic.identity.told = [relation(clinic, therapist, patient)]
    clinic.clock.pass_(seconds=6)
    assert (await therapist.book(therapist, tomorrow, appointment, patient)).status_code == 201
    assert (await patient.seen(appointment))["by"] == str(therapist.id)
    assert problem(await therapist.book(colleague, tomorrow + HOUR, patient=patient)) == (403, "forbidden")
    assert problem(await therapist.book(therapist, tomorrow + HOUR, patient=therapist)) == (422, "no-patient")
    clinic.clock.pass_(seconds=6)
    clinic.identity.reachable = False
    assert problem(await therapist.book(therapist, tomorrow + HOUR, patient=patient)) == (503, "unavailable")


async def test_a_patient_books_for_nobody_else(clinic: Any, tomorrow: datetime) -> None:
    therapist, one, other = await clinic.therapist(), clinic.person("patient"), clinic.person("patient")
    assert problem(await one.book(therapist, tomorrow, patient=other)) == (404, "not-found")
    assert (await one.book(therapist, tomorrow, patient=one)).status_code == 201


async def test_an_id_of_another_patients_appointment_is_not_told(clinic: Any, tomorrow: datetime) -> None:
    therapist, desk, appointment = await clinic.therapist(), clinic.person("reception"), uuid4()
    one, other = clinic.person("patient"), clinic.person("patient")
    assert (await desk.book(therapist, tomorrow, appointment, one)).status_code == 201
    assert problem(await desk.book(therapist, tomorrow + HOUR, appointment, other)) == (404, "not-found")
    assert problem(await desk.book(therapist, tomorrow + HOUR, appointment, one)) == (409, "appointment-already-booked")


async def test_nobody_sees_who_may_not_what_the_desk_wrote(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    await therapist.cancel(appointment, "a relapse")
    seen = await clinic.person("reception").seen(appointment)
    assert (seen["reason"], seen["by"]) == ("", str(therapist.id))
