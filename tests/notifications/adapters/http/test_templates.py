"""A clinic's own words over HTTP: kept in versions, previewed, tested on oneself, refused with the reason."""

from typing import Any
from uuid import uuid4

import pytest
from tests.notifications.test_workflows import booked, sent

from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.answers import refused

MAIL = "/v1/message-templates/appointment-booked/email/en"
TEXT = "/v1/message-templates/appointment-reminder/sms/de"
OWN = {"subject": "See you", "body": "We meet on {{ starts | moment }}.\n\nThe Harbour team"}


async def test_the_clinics_words_go_out_until_they_are_dropped(office: Any) -> None:
    shown = await office.get(MAIL, "therapist")
    assert (shown.json()["edition"], shown.headers["etag"][:3]) == ("shipped", '"0.')
    assert shown.json()["placeholders"] == ["name", "sender", "home", "items", "starts", "minutes"]
    saved = await office.put(MAIL, "clinic-admin", json=OWN)
    assert (saved.json()["edition"], saved.json()["subject"]) == ("clinic/1", "See you")
    pat = PersonId(uuid4())
    await booked(office, pat)
    await sent(office)
    [mail] = [one for one in office.post.mails if one["To"] == f"{pat}@example.org"]
    assert mail["Subject"] == "See you"
    assert "The Harbour team" in mail.get_body(("plain",)).get_content()
    for _ in range(2):
        dropped = await office.doorway.client.delete(MAIL, headers=office.bearer("clinic-admin"))
        assert (dropped.json()["edition"], dropped.json()["version"]) == ("shipped", 2)
    again = await office.put(MAIL, "clinic-admin", json=OWN | {"body": "Other words"}, headers={"If-Match": '"2"'})
    assert again.json()["edition"] == "clinic/2"


async def test_english_words_of_the_clinic_serve_readers_of_languages_that_we_do_not_speak(office: Any) -> None:
    await office.put(MAIL, "clinic-admin", json=OWN)
    spanish, german = PersonId(uuid4()), PersonId(uuid4())
    office.neighbours.wishes |= {spanish: {"locale": "es"}, german: {"locale": "de"}}
    await booked(office, spanish)
    await booked(office, german)
    await sent(office)
    subjects = {str(mail["To"]): mail["Subject"] for mail in office.post.mails}
    assert subjects[f"{spanish}@example.org"] == "See you"
    assert subjects[f"{german}@example.org"] == "Ihr Termin"


async def test_another_clinic_keeps_its_own(office: Any) -> None:
    await office.put(MAIL, "clinic-admin", json=OWN)
    assert (await office.get(MAIL, "clinic-admin", tenant=uuid4())).json()["edition"] == "shipped"


async def test_a_preview_fills_sample_values_and_keeps_nothing(office: Any) -> None:
    shown = (await office.ask(MAIL + "/preview", "therapist", body=OWN)).json()
    assert shown["subject"] == "See you"
    assert "(Europe/London)" in shown["text"]
    assert "<p>The Harbour team</p>" in shown["html"]
    text = await office.ask(TEXT + "/preview", "clinic-admin", body={"body": "{sender}: am {time}. {link}"})
    assert text.json()["text"].startswith("Sam: am ")
    assert text.json()["html"] == ""
    assert await office.recorded("template.") == []


async def test_who_wrote_it_sends_it_to_themselves(office: Any) -> None:
    await office.put(MAIL, "clinic-admin", json=OWN)
    me, key = PersonId(uuid4()), {"Idempotency-Key": "k"}
    first = await office.ask(MAIL + "/test", "clinic-admin", person=me, headers=key)
    again = await office.ask(MAIL + "/test", "clinic-admin", person=me, headers=key)
    assert (first.status_code, first.json()) == (202, again.json())
    await sent(office)
    [mail] = office.post.mails
    assert (mail["To"], mail["Subject"]) == (f"{me}@example.org", "See you")


@pytest.mark.parametrize(
    ("path", "words", "named"),
    [
        (MAIL, {"subject": "See you", "body": "{{ diagnosis }}"}, "no value diagnosis"),
        (MAIL, {"subject": "Your therapy", "body": "Hello"}, "therapy"),
        (MAIL, {"body": "Hello"}, "needs a subject"),
        (TEXT, {"body": "Ihre Therapie ist am {time}"}, "therapie"),
        (TEXT, {"body": "{name}: am {time}"}, "{time}, {sender} and {link} alone"),
        (TEXT, {"body": "am {time.year}"}, "alone"),
        (TEXT, {"body": "am {time}", "subject": "Hello"}, "no subject"),
    ],
)
async def test_words_that_do_not_belong_there_are_refused_and_named(
    office: Any, path: str, words: dict[str, str], named: str
) -> None:
    for answer in (
        await office.put(path, "clinic-admin", json=words),
        await office.ask(path + "/preview", "clinic-admin", body=words),
    ):
        assert named in refused(answer, 422, "template-unsound")["detail"]


async def test_it_is_refused(office: Any) -> None:
    for role in ("patient", "therapist", "reception"):
        refused(await office.put(MAIL, role, json=OWN), 403, "forbidden")
        refused(await office.ask(MAIL + "/test", role), 403, "forbidden")
    refused(await office.put(MAIL, "clinic-admin", json=OWN, aal=1), 403, "assurance-too-low")
    refused(await office.get(MAIL, "reception"), 403, "forbidden")
    refused(await office.put(MAIL, "clinic-admin", json=OWN, headers={"If-Match": '"7"'}), 412, "version-conflict")
    client, admin = office.doorway.client, office.bearer("clinic-admin")
    await office.put(MAIL, "clinic-admin", json=OWN)
    refused(await client.delete(MAIL, headers=admin | {"If-Match": '"7"'}), 412, "version-conflict")
    refused(await office.put(MAIL, "clinic-admin", json={"subject": "a\nb", "body": "x"}), 400, "malformed")
    me = PersonId(uuid4())
    await office.keys.erase(office.tenant, me)
    refused(await office.ask(MAIL + "/test", "clinic-admin", person=me), 410, "erased")


@pytest.mark.parametrize("wrong", ["recovery/email/en", "appointment-booked/push/en", "appointment-booked/email/EN-gb"])
async def test_there_is_no_such_place(office: Any, wrong: str) -> None:
    path = f"/v1/message-templates/{wrong}"
    refused(await office.put(path, "clinic-admin", json=OWN), 404, "not-found")
    refused(await office.get(path, "clinic-admin"), 404, "not-found")
    refused(await office.ask(path + "/preview", "clinic-admin", body=OWN), 404, "not-found")
    refused(await office.ask(path + "/test", "clinic-admin"), 404, "not-found")
    refused(await office.doorway.client.delete(path, headers=office.bearer("clinic-admin")), 404, "not-found")
