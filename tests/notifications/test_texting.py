"""A text message, from the wish to the phone and back."""

from typing import Any
from uuid import uuid4

import pytest
from tests.notifications.adapters.test_sms import ringing

from mindlyfe.kernel.config import SmsSettings
from mindlyfe.kernel.messages import PersonId
from mindlyfe.notifications.phone.book import Book

PHONE = "+447700900123"


async def texted(office: Any, tmp_path: Any, kind: str = "appointment-booked", **wishes: Any) -> tuple[Any, list[Any]]:
    """What became of a text to somebody who wants to be reached like this, and what is on the phones."""
    person = PersonId(uuid4())
    office.neighbours.wishes[person] = wishes
    async with ringing(tmp_path) as sms:
        await office.request(person, "sms", kind=kind)
        async with office.sending(office.told(sms=SmsSettings(gateways={"phone": sms._gateway}))):
            await office.settled()
    return await office.of(person), Book(tmp_path / "phone").newest(None)


async def test_a_text_says_when_and_nothing_else(office: Any, tmp_path: Any) -> None:
    delivery, [text] = await texted(office, tmp_path, phone=PHONE)
    assert (delivery["status"], text.to) == ("sent", PHONE)
    assert text.body == f"Your appointment is on Tue 1 Dec, 14:45. To see or cancel it: {office.settings.public_url}"


async def test_a_text_names_the_sender_its_reader_chose(office: Any, tmp_path: Any) -> None:
    _, [text] = await texted(office, tmp_path, phone=PHONE, sender="Aunt May")
    assert text.body.startswith("Aunt May: your appointment")


async def test_on_a_phone_that_others_use_it_says_that_there_is_something(office: Any, tmp_path: Any) -> None:
    _, [text] = await texted(office, tmp_path, phone=PHONE, sender="Aunt May", shared_phone=True)
    assert text.body == f"You have a new message: {office.settings.public_url}"


@pytest.mark.parametrize(
    ("kind", "wishes", "code"),
    [
        ("appointment-booked", {}, "no-phone"),
        ("appointment-booked", {"phone": PHONE, "avoid": frozenset({"sms"})}, "channel-avoided"),
        ("recovery", {"phone": PHONE}, "not-for-texts"),
        ("appointment-booked", {"phone": PHONE, "sender": "ż" * 300}, "text-too-long"),
        ("appointment-booked", {"phone": "+15005550001"}, "sms-21211"),
    ],
)
async def test_a_text_that_cannot_be_sent_says_why(
    office: Any, tmp_path: Any, kind: str, wishes: dict[str, Any], code: str
) -> None:
    delivery, texts = await texted(office, tmp_path, kind, **wishes)
    assert (delivery["status"], delivery["last_error"], texts) == ("dead", code, [])
