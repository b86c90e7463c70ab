"""Invitations for mail: what stands, for those who take part, recognised for good whatever becomes of it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import icalendar
import pytest
from tests.therapy.adapters.http.test_series import DAY, MONDAY, WEEK, Scene

from mindlyfe.kernel.errors import NotFound
from mindlyfe.therapy.contract import AppointmentId
from mindlyfe.therapy.contract.calendars import Invitation, Invitations


async def invited(clinic: Any, appointment: UUID | str, person: Any, tenant: Any = None) -> Invitation:
    asked: Invitations = clinic.module.answers[Invitations]
    return await asked.invitation(
        tenant=tenant or clinic.tenant,
        appointment=AppointmentId(UUID(str(appointment))),
        person=person.id,
        organizer="no-reply@clinic.example",
        attendee="amina@example.org",
    )


def event(invitation: Invitation) -> Any:
    (one,) = icalendar.Calendar.from_ical(invitation.body).walk("VEVENT")
    return one


async def test_an_invitation_says_when_and_nothing_else(clinic: Any, tomorrow: datetime) -> None:
    therapist = await clinic.therapist(kind="on-site", place="12 Harbour Street")
    patient, appointment = clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    for person in (patient, therapist):
        found = await invited(clinic, appointment, person)
        one = event(found)
        assert (found.method, str(one["SUMMARY"]), one["DTSTART"].dt) == ("REQUEST", "Appointment", tomorrow)
        assert "Harbour" not in found.body
    await patient.cancel(appointment, "a cold")
    found = await invited(clinic, appointment, patient)
    assert (found.method, str(event(found)["STATUS"])) == ("CANCEL", "CANCELLED")
    assert "cold" not in found.body


async def test_an_occurrence_keeps_its_identity_and_its_sequence_grows(clinic: Any) -> None:
    """Moved alone, moved with what follows into another series, cancelled: a mail program sees one event."""
    scene = Scene(clinic)
    await scene.open()
    third = (await scene.booked())[2]["appointment"]
    seen = [event(await invited(clinic, third, scene.patient))]
    alone = {"starts_at": (MONDAY + 2 * WEEK + DAY).isoformat()}
    assert (await scene.patient.post(f"/v1/appointments/{third}/move", json=alone)).status_code == 200
    seen.append(event(await invited(clinic, third, scene.patient)))
    wednesday = MONDAY + 2 * WEEK + 2 * DAY
    assert (await scene.step("continuation", number=3, starts_at=wednesday.isoformat())).status_code == 200
    seen.append(event(await invited(clinic, third, scene.patient)))
    await scene.patient.cancel(third)
    seen.append(event(await invited(clinic, third, scene.patient)))
    assert {(str(one["UID"]), one["RECURRENCE-ID"].dt) for one in seen} == {(f"{scene.id}@mindlyfe", MONDAY + 2 * WEEK)}
    assert [one["DTSTART"].dt for one in seen] == [
        MONDAY + 2 * WEEK,
        MONDAY + 2 * WEEK + DAY,
        wednesday,
        wednesday,
    ]
    sequences = [one["SEQUENCE"] for one in seen]
    assert sequences == sorted(set(sequences))


async def test_whose_appointment_went_to_a_colleague_has_it_cancelled(clinic: Any, tomorrow: datetime) -> None:
    away, colleague, desk = await clinic.therapist(), await clinic.therapist(), clinic.person("reception")
    patient, appointment = clinic.person("patient"), uuid4()
    await patient.book(away, tomorrow, appointment)
    uid = str(event(await invited(clinic, appointment, away))["UID"])
    for by, to in ((colleague, (away, colleague)), (away, (colleague, away))):
        elsewhere = {"starts_at": tomorrow.isoformat(), "therapist": str(by.id)}
        moved = await desk.post(f"/v1/appointments/{appointment}/move", json=elsewhere)
        assert moved.status_code == 200, moved.text
        found = [await invited(clinic, appointment, one) for one in (*to, patient)]
        assert [one.method for one in found] == ["CANCEL", "REQUEST", "REQUEST"]
        assert {str(event(one)["UID"]) for one in found} == {uid}


async def test_who_takes_no_part_is_not_invited(clinic: Any, tomorrow: datetime) -> None:
    therapist, patient, appointment = await clinic.therapist(), clinic.person("patient"), uuid4()
    await patient.book(therapist, tomorrow, appointment)
    for ask in (
        invited(clinic, appointment, clinic.person("patient")),
        invited(clinic, appointment, patient, tenant=uuid4()),
        invited(clinic, uuid4(), patient),
    ):
        with pytest.raises(NotFound):
            await ask
