"""Offers over HTTP: to whom a slot goes, what becomes of it, who sees what, and what each refusal says."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.therapy.following import Following
from tests.therapy.waiting_room import WaitingRoom

from mindlyfe.kernel.testing.answers import refused
from mindlyfe.therapy.contract import AppointmentCancelledV1, AppointmentId

WORSE = {"urgency": "urgent", "reason": "She hardly sleeps."}


@pytest.fixture
def room(clinic: Any) -> WaitingRoom:
    return WaitingRoom(clinic)


async def test_a_free_slot_is_offered_and_accepted_and_booked_under_the_same_id(room: WaitingRoom) -> None:
    ruiz = await room.opens()
    wait, leila = await room.joins()
    await room.turns()
    offer = await room.offered(leila)
    assert (offer["therapist"], offer["wait"], offer["outcome"]) == (str(ruiz.id), wait, None)
    assert offer["starts_at"] == f"{room.nine:%Y-%m-%dT%H:%M:%SZ}"
    other = room.clinic.person("patient")
    refused(await other.book(ruiz, room.nine), 409, "slot-taken")
    refused(await leila.get(f"/v1/appointments/{offer['id']}"), 404, "not-found")
    answer = await room.answer(leila, offer["id"], "acceptance")
    assert answer.json() == {"offer": offer["id"], "outcome": "accepted", "version": 3}
    assert (await room.answer(leila, offer["id"], "acceptance")).json()["version"] == 3, "again: nothing"
    booked = (await leila.get(f"/v1/appointments/{offer['id']}")).json()
    assert (booked["status"], booked["starts_at"]) == ("booked", offer["starts_at"])
    refused(await other.book(ruiz, room.nine), 409, "slot-taken")
    await room.heard(offer["id"], leila, "accepted")
    assert (await leila.get(f"/v1/waits/{wait}")).json()["status"] == "met"
    assert (await leila.get(f"/v1/offers/{offer['id']}")).json()["outcome"] == "accepted"


async def test_the_order_is_urgency_then_continuity_then_time_and_the_trace_says_so(room: WaitingRoom) -> None:
    ruiz = await room.opens()
    known = room.clinic.person("patient")
    before = str(uuid4())
    assert (await known.book(ruiz, room.nine - timedelta(days=7), before)).status_code == 201
    longest, _ = await room.joins()
    only_site, _ = await room.joins(kind="on-site")
    knowing, _ = await room.joins(known)
    urgent, leila = await room.joins()
    assert (await ruiz.put(f"/v1/waits/{urgent}/urgency", json=WORSE)).status_code == 200
    for wait in (urgent, knowing, longest):
        patient = room.waiting[wait]
        await room.turns()
        offer = await room.offered(patient)
        assert offer, "it is their turn"
        assert (await room.answer(patient, offer["id"], "decline")).status_code == 200
        await room.heard(offer["id"], patient, "declined")
    trace = (await ruiz.get(f"/v1/offers/{offer['id']}/trace")).json()
    assert (trace["wait"], trace["urgency"], trace["met_before"], trace["waiting"]) == (longest, "routine", False, 4)
    assert [(one["wait"], one["why"]) for one in trace["passed"]] == [
        (urgent, "had-this-offer"),
        (knowing, "had-this-offer"),
    ]
    await room.turns()
    assert await room.offered(leila) is None, "nobody is offered the same slot twice"
    assert (await room.clinic.person("reception").get("/v1/offers")).json()["items"] == []
    assert only_site in room.waiting


async def test_who_does_not_answer_in_time_passes_it_on_and_in_the_end_to_nobody(room: WaitingRoom) -> None:
    ruiz = await room.opens()
    (_, first), (_, second) = await room.joins(), await room.joins()
    await room.turns()
    offer = await room.offered(first)
    room.clinic.clock.pass_(hours=4)
    await room.turns()
    refused(await room.answer(first, offer["id"], "acceptance"), 409, "offer-over")
    refused(await room.answer(first, offer["id"], "decline"), 409, "offer-over")
    following = await room.offered(second)
    assert following["starts_at"] == offer["starts_at"]
    assert await room.offered(first) is None
    room.clinic.clock.pass_(hours=25)
    await room.turns()
    assert await room.offered(second) is None
    assert (await room.clinic.person("patient").book(ruiz, room.nine)).status_code == 201, "free for everybody"


async def test_too_late_is_told_before_the_worker_comes(room: WaitingRoom) -> None:
    await room.opens()
    _, leila = await room.joins()
    await room.turns()
    offer = await room.offered(leila)
    room.clinic.clock.pass_(hours=4)
    refused(await room.answer(leila, offer["id"], "acceptance"), 409, "offer-over")


async def test_a_cancelled_appointment_is_offered_at_once(room: WaitingRoom) -> None:
    ruiz, appointment = await room.opens(), str(uuid4())
    somebody = room.clinic.person("patient")
    assert (await somebody.book(ruiz, room.nine, appointment)).status_code == 201
    _, leila = await room.joins(therapist=str(ruiz.id))
    await room.turns()
    assert await room.offered(leila) is None
    await somebody.cancel(appointment)
    event = AppointmentCancelledV1(
        appointment=AppointmentId(UUID(appointment)),
        patient=somebody.id,
        therapist=ruiz.id,
        by=somebody.id,
        late=False,
    )
    await room.turns()
    assert await room.offered(leila) is None, "nobody has told the list yet"
    await room.clinic.module.hears[AppointmentCancelledV1](room.clinic.heard(event))
    await room.turns()
    assert await room.offered(leila)


async def test_the_desk_answers_by_telephone_and_strangers_find_nothing(room: WaitingRoom) -> None:
    ruiz = await room.opens()
    _, leila = await room.joins()
    await room.turns()
    offer = (await room.offered(leila))["id"]
    desk, stranger = room.clinic.person("reception"), room.clinic.person("patient")
    elsewhere = [room.clinic.person(role, tenant=uuid4()) for role in ("patient", "reception")]
    for who in (stranger, *elsewhere):
        refused(await who.get(f"/v1/offers/{offer}"), 404, "not-found")
        refused(await room.answer(who, offer, "acceptance"), 404, "not-found")
        refused(await room.answer(who, offer, "decline"), 404, "not-found")
    for name in ("acceptance", "decline"):
        refused(await room.answer(ruiz, offer, name), 403, "forbidden")
        refused(await room.answer(desk, str(uuid4()), name), 404, "not-found")
        refused(await room.answer(desk, offer, name, if_match='"7"'), 412, "version-conflict")
    assert (await desk.get("/v1/offers")).json()["items"][0]["id"] == offer
    assert (await ruiz.get(f"/v1/offers/{offer}")).status_code == 200
    answer = await room.answer(desk, offer, "acceptance", idempotency_key="one-call")
    again = await room.answer(desk, offer, "acceptance", idempotency_key="one-call")
    assert answer.json() == again.json()
    assert (await leila.get(f"/v1/appointments/{offer}")).json()["by"] == str(desk.id)


async def test_why_is_for_clinicians_and_administrators(room: WaitingRoom) -> None:
    ruiz = await room.opens()
    _, leila = await room.joins()
    await room.turns()
    path = f"/v1/offers/{(await room.offered(leila))['id']}/trace"
    for who in (leila, room.clinic.person("reception")):
        refused(await who.get(path), 403, "forbidden")
    refused(await room.clinic.person("therapist").get(path), 404, "not-found")
    refused(await room.clinic.person("clinic-admin").get(f"/v1/offers/{uuid4()}/trace"), 404, "not-found")
    for who in (ruiz, room.clinic.person("clinic-admin")):
        assert (await who.get(path)).json()["passed"] == []


async def test_when_nobody_can_say_who_treats_whom_clinicians_are_told_so(room: WaitingRoom) -> None:
    await room.opens()
    _, leila = await room.joins()
    await room.turns()
    offer = (await room.offered(leila))["id"]
    room.clinic.identity.reachable = False
    doctor = room.clinic.person("therapist", "reception")
    both = room.clinic.person("therapist")
    refused(await both.get(f"/v1/offers/{offer}"), 503, "unavailable")
    refused(await both.get(f"/v1/offers/{offer}/trace"), 503, "unavailable")
    assert (await doctor.get(f"/v1/offers/{offer}")).status_code == 200, "the desk asks nobody"


async def test_the_public_hears_that_an_offer_was_made_and_what_became_of_it(room: WaitingRoom) -> None:
    ruiz = await room.opens()
    _, leila = await room.joins()
    await room.turns()
    offer = await room.offered(leila)
    await room.answer(leila, offer["id"], "decline")
    async with room.clinic.database.app(room.clinic.tenant) as tx:
        asked = "select type, version from event where stream = %s order by version"
        rows = await (await tx.execute(asked, (offer["id"],))).fetchall()
    assert [row[0] for row in rows] == ["appointment.held.v1", "appointment.hold-ended.v1"]
    assert ruiz


async def test_nobody_is_booked_with_a_therapist_who_took_the_day_off_meanwhile(room: WaitingRoom) -> None:
    ruiz = await room.opens()
    _, leila = await room.joins()
    await room.turns()
    offer = await room.offered(leila)
    day = f"{room.nine:%Y-%m-%d}"
    assert (await ruiz.post("/v1/time-off", json={"zone": "UTC", "first": day, "last": day})).status_code == 201
    refused(await room.answer(leila, offer["id"], "acceptance"), 409, "offer-over")
    assert (await room.answer(leila, offer["id"], "decline")).status_code == 200


async def test_an_offer_to_a_duplicate_is_the_survivors(room: WaitingRoom) -> None:
    await room.opens()
    _, duplicate = await room.joins()
    await room.turns()
    offer = await room.offered(duplicate)
    survivor, following = room.clinic.person("patient"), Following(room.clinic)
    assert not await following.moved(duplicate)
    await following.tell(duplicate, survivor, times=2)
    assert await following.moved(duplicate)
    await room.turns()
    assert (await room.offered(survivor))["id"] == offer["id"]
    assert (await room.answer(survivor, offer["id"], "acceptance")).status_code == 200
    assert (await survivor.seen(offer["id"]))["patient"] == str(survivor.id)
