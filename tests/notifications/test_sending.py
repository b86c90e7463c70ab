"""What was asked for is sent once and recorded; what could not be sent is tried again, or given up with a reason."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from mindlyfe.identity.contract import Contact, InvitationIssuedV1, RegistrationStartedV1
from mindlyfe.kernel.config import SmtpServer
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.testing.post_office import opened


async def test_a_mail_is_handed_over_and_recorded(office: Any) -> None:
    async with office.sending():
        booked = await office.book()
        delivery = await office.until(booked.patient, "sent", 1)
        await office.until(booked.therapist, "sent", 1)
    assert len(office.post.mails) == 2
    assert office.post.ids_to(booked.patient) == [f"<{delivery['id']}@harbour.example>"]
    assert delivery["sent_at"] >= delivery["requested_at"]
    assert (delivery["next_attempt_at"], delivery["last_error"]) == (None, "")


async def test_a_mail_says_what_its_reader_needs(office: Any) -> None:
    person, flow = PersonId(uuid4()), uuid4()
    async with office.sending():
        await office.tell(RegistrationStartedV1(person=person, flow=flow))
        await office.until(person, "sent", 1)
    [mail] = office.post.mails
    text = mail.get_body(("plain",)).get_content()
    assert f"http://localhost/verify#code={flow}" in text
    assert "14:45 (Asia/Kathmandu)" in text
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["Auto-Submitted"] == "auto-generated"


async def test_an_invitation_goes_where_it_says(office: Any) -> None:
    invitation = uuid4()
    async with office.sending():
        await office.tell(InvitationIssuedV1(invitation=invitation))
        await office.settled()
    assert len(office.post.ids_to(invitation)) == 1


async def test_a_temporary_refusal_is_tried_again_later(office: Any) -> None:
    office.post.answers = ["451 come back later"]
    person = PersonId(uuid4())
    async with office.sending():
        await office.tell(RegistrationStartedV1(person=person, flow=uuid4()))
        postponed = await office.until(person, "waiting", 1)
        assert postponed["last_error"] == "smtp-451"
        assert postponed["next_attempt_at"] > postponed["requested_at"]
        assert office.post.mails == []
        await office.pass_(seconds=3)
        sent = await office.until(person, "sent", 2)
    assert sent["last_error"] == ""
    assert office.post.ids() == [f"<{sent['id']}@harbour.example>"]


async def test_a_permanent_refusal_is_a_dead_letter(office: Any) -> None:
    office.post.answers = ["554 never"]
    person = PersonId(uuid4())
    async with office.sending():
        await office.tell(RegistrationStartedV1(person=person, flow=uuid4()))
        dead = await office.until(person, "dead", 1)
        await office.pass_(seconds=86_400)
        await office.settled()
    assert (dead["last_error"], dead["next_attempt_at"]) == ("smtp-554", None)
    assert office.post.mails == []


async def test_it_is_given_up_after_the_last_attempt(office: Any) -> None:
    office.post.answers = ["451 later"] * 14
    person = PersonId(uuid4())
    async with office.sending():
        await office.tell(RegistrationStartedV1(person=person, flow=uuid4()))
        for attempt in range(1, 14):
            await office.until(person, "waiting", attempt)
            await office.pass_(seconds=3600)
        dead = await office.until(person, "dead", 14)
    assert dead["last_error"] == "smtp-451"


@pytest.mark.parametrize(("trouble", "code"), [("away", "content-unavailable"), ("broken", "broken")])
async def test_content_that_cannot_be_had_now_is_asked_for_again(office: Any, trouble: str, code: str) -> None:
    person = PersonId(uuid4())
    office.neighbours.reachable, office.neighbours.broken = trouble != "away", trouble == "broken"
    async with office.sending():
        await office.tell(RegistrationStartedV1(person=person, flow=uuid4()))
        assert (await office.until(person, "waiting", 1))["last_error"] == code
        office.neighbours.reachable, office.neighbours.broken = True, False
        await office.pass_(seconds=3)
        await office.until(person, "sent", 2)


async def test_somebody_who_is_gone_is_a_dead_letter_and_stops_nobody_else(office: Any) -> None:
    gone, here = PersonId(uuid4()), PersonId(uuid4())
    office.neighbours.gone.add(gone)
    await office.tell(*(RegistrationStartedV1(person=person, flow=uuid4()) for person in (gone, here)))
    async with office.sending():
        assert (await office.until(gone, "dead", 1))["last_error"] == "content-not-found"
        await office.until(here, "sent", 1)


async def test_nothing_is_sent_to_an_erased_person(office: Any) -> None:
    erased, here = PersonId(uuid4()), PersonId(uuid4())
    await office.tell(*(RegistrationStartedV1(person=person, flow=uuid4()) for person in (erased, here)))
    await office.keys.erase(office.tenant, erased)
    async with office.sending():
        await office.until(here, "sent", 1)
        await office.settled()
    assert [one["recipient"] for one in await office.deliveries()] == [str(here)], "as if it had been rebuilt"
    assert office.post.ids_to(erased) == []


async def test_a_server_that_is_away_loses_nothing(office: Any) -> None:
    person = PersonId(uuid4())
    office.post.closed = True
    async with office.sending():
        await office.tell(RegistrationStartedV1(person=person, flow=uuid4()))
        assert (await office.until(person, "waiting", 1))["last_error"] == "smtp-unreachable"
        office.post.closed = False
        await office.pass_(seconds=3)
        await office.until(person, "sent", 2)


async def test_a_channel_to_avoid_carries_no_courtesies_but_what_guards_an_account(office: Any) -> None:
    async def careful(*, tenant: TenantId, person: PersonId) -> Contact:
        return Contact("Amina", f"{person}@example.org", "en-GB", "Asia/Kathmandu", avoid=frozenset({"email"}))

    office.neighbours.contact = careful
    person = PersonId(uuid4())
    async with office.sending():
        booked = await office.book()
        dead = await office.until(booked.patient, "dead", 1)
        await office.tell(RegistrationStartedV1(person=person, flow=uuid4()))
        await office.until(person, "sent", 1)
    assert dead["last_error"] == "channel-avoided"
    assert office.post.ids_to(booked.patient) == []


async def test_a_second_server_takes_what_the_first_one_cannot(office: Any) -> None:
    async with opened() as second:
        mail = msgspec.structs.replace(office.settings.mail, standby={"second": SmtpServer(port=second.port)})
        office.post.closed = True
        person = PersonId(uuid4())
        delivery = await office.request(person)
        async with office.sending(office.told(mail=mail)):
            await office.until(person, "sent", 1)
        assert second.ids() == [f"<{delivery}@harbour.example>"]
    steps = (await office.get(f"/v1/deliveries/{delivery}", "clinic-admin")).json()["steps"]
    tried = [(step["tried"]["provider"], step["tried"]["outcome"]) for step in steps if step["tried"]]
    assert tried == [("smtp", "ill"), ("second", "taken")]
