"""Mail about an appointment brings it into the reader's calendar, moves it there, and takes it out again."""

from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.messages import PersonId
from mindlyfe.therapy.contract import AppointmentCancelledV1, AppointmentId
from mindlyfe.therapy.contract.bookings import AppointmentMovedV1


def calendar_of(mail: EmailMessage) -> list[EmailMessage]:
    return [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


def mail_to(office: Any, person: PersonId) -> EmailMessage:
    [found] = [mail for mail in office.post.mails if str(person) in mail["To"]]
    return found  # type: ignore[no-any-return]


async def test_a_booking_brings_an_invitation_in_the_mail(office: Any) -> None:
    async with office.sending():
        booked = await office.book()
        await office.until(booked.patient, "sent", 1)
    mail = mail_to(office, booked.patient)
    [part] = calendar_of(mail)
    assert part.get_param("method") == "REQUEST"
    assert part.get_content_charset() == "utf-8"
    rows = part.get_content().splitlines()
    assert f"ATTENDEE:{booked.patient}@example.org" in rows
    assert "ORGANIZER:no-reply@harbour.example" in rows
    kinds = [each.get_content_type() for each in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"], "a program shows the last that it knows"


async def test_a_move_is_told_to_both_with_the_new_time(office: Any) -> None:
    patient, therapist = PersonId(uuid4()), PersonId(uuid4())
    moved = AppointmentMovedV1(
        appointment=AppointmentId(uuid4()),
        patient=patient,
        therapist=therapist,
        was_with=therapist,
        starts_at=office.watch(),
        minutes=50,
        by=patient,
    )
    async with office.sending():
        await office.tell(moved)
        for person in (patient, therapist):
            await office.until(person, "sent", 1)
    for person in (patient, therapist):
        mail = mail_to(office, person)
        assert mail["Subject"] == "Your appointment was moved"
        assert len(calendar_of(mail)) == 1


async def test_a_move_that_was_cancelled_since_is_not_told(office: Any) -> None:
    patient, appointment = PersonId(uuid4()), AppointmentId(uuid4())
    office.neighbours.diary[appointment] = {"status": "cancelled"}
    moved: dict[str, Any] = {"patient": patient, "therapist": PersonId(uuid4()), "was_with": patient, "by": patient}
    async with office.sending():
        await office.tell(AppointmentMovedV1(appointment=appointment, starts_at=office.watch(), minutes=50, **moved))
        await office.settled()
    assert office.post.mails == []


async def test_a_cancellation_takes_it_out(office: Any) -> None:
    office.neighbours.invitations.method = "CANCEL"
    patient = PersonId(uuid4())
    whose: dict[str, Any] = {"patient": patient, "therapist": PersonId(uuid4()), "by": patient, "late": False}
    async with office.sending():
        await office.tell(AppointmentCancelledV1(appointment=AppointmentId(uuid4()), **whose))
        await office.until(patient, "sent", 1)
    [part] = calendar_of(mail_to(office, patient))
    assert part.get_param("method") == "CANCEL"


@pytest.mark.parametrize("kind", ["booking", "registration"])
async def test_what_is_no_invitation_has_none(office: Any, kind: str) -> None:
    async with office.sending():
        if kind == "booking":
            office.neighbours.invitations.inviting = False
            person = (await office.book()).patient
        else:
            person = PersonId(uuid4())
            await office.request(person)
        await office.until(person, "sent", 1)
    assert calendar_of(mail_to(office, person)) == []
