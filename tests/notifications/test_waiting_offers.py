"""A patient who waits is told of a time that is kept for them, while it is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from mindlyfe.kernel.messages import PersonId
from mindlyfe.notifications.testing import NINE
from mindlyfe.therapy.contract.waiting import OfferId, WaitingOfferMadeV1


def made() -> WaitingOfferMadeV1:
    offer, patient, therapist = OfferId(uuid4()), PersonId(uuid4()), PersonId(uuid4())
    return WaitingOfferMadeV1(offer=offer, patient=patient, therapist=therapist, starts_at=NINE, expires_at=NINE)


async def test_the_patient_is_told_once_when_and_until_when(office: Any) -> None:
    event, until = made(), datetime.now(UTC) + timedelta(hours=4)
    office.neighbours.diary[event.offer] = {"expires_at": until}
    async with office.sending():
        await office.tell(event)
        found = await office.until(event.patient, "sent", 1)
    assert found["kind"] == "waiting-offer"
    [mail] = office.post.mails
    assert str(event.patient) in mail["To"]
    assert "Harbour" not in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()
    assert "Tuesday 1 December 2026, 14:45 (Asia/Kathmandu), 50 minutes" in text
    assert "until" in text


@pytest.mark.parametrize("how", ["accepted", "expired"])
async def test_nobody_is_told_of_an_offer_that_is_over(office: Any, how: str) -> None:
    event = made()
    over = {"outcome": how} if how == "accepted" else {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}
    office.neighbours.diary[event.offer] = over
    async with office.sending():
        await office.tell(event)
        await office.until(event.patient, "withdrawn", 0)
    assert office.post.mails == []
