"""Deliveries over HTTP: everybody sees their own, those who answer for them see all and redrive the dead ones."""

from typing import Any
from uuid import UUID, uuid4

from mindlyfe.identity.contract import InvitationIssuedV1, RegistrationRepeatedV1, RegistrationStartedV1
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.testing.answers import refused


async def dead(office: Any) -> dict[str, Any]:
    """A delivery that was given up."""
    person = PersonId(uuid4())
    office.post.answers = ["554 never"]
    async with office.sending():
        await office.tell(RegistrationStartedV1(person=person, flow=uuid4()))
        found: dict[str, Any] = await office.until(person, "dead", 1)
    return found


async def test_people_see_their_own_and_administrators_all(office: Any) -> None:
    booked = await office.book()
    await office.tell(InvitationIssuedV1(invitation=uuid4()))
    own = await office.get("/v1/deliveries", "patient", person=booked.patient)
    assert [one["recipient"] for one in own.json()["items"]] == [str(booked.patient)] * 2
    assert {one["channel"] for one in own.json()["items"]} == {"email", "in-app"}
    for role in ("clinic-admin", "operator"):
        assert len((await office.get("/v1/deliveries", role)).json()["items"]) == 5
    assert (await office.get("/v1/deliveries", "therapist")).json() == {"items": [], "next": None}


async def test_another_clinic_sees_nothing(office: Any) -> None:
    booked = await office.book()
    elsewhere = uuid4()
    assert (await office.get("/v1/deliveries", "clinic-admin", tenant=elsewhere)).json()["items"] == []
    delivery = await office.of(booked.patient)
    path = f"/v1/deliveries/{delivery['id']}"
    refused(await office.get(path, "clinic-admin", tenant=elsewhere), 404, "not-found")
    refused(await office.get(path, "patient", person=booked.patient, tenant=elsewhere), 404, "not-found")


async def test_one_delivery_is_shown_to_its_recipient_alone(office: Any) -> None:
    booked = await office.book()
    delivery = await office.of(booked.patient)
    path = f"/v1/deliveries/{delivery['id']}"
    own = await office.get(path, "patient", person=booked.patient)
    assert ({name: own.json()[name] for name in delivery}, own.headers["etag"][:3]) == (delivery, '"1.')
    assert [step["what"] for step in own.json()["steps"]] == ["requested"]
    refused(await office.get(path, "patient", person=booked.therapist), 404, "not-found")
    refused(await office.get(f"/v1/deliveries/{uuid4()}", "clinic-admin"), 404, "not-found")


async def test_a_list_holds_no_content(office: Any) -> None:
    await office.book()
    [one, _] = await office.deliveries()
    assert set(one) == {
        *("id", "kind", "recipient", "channel", "priority", "status", "attempts", "version"),
        *("requested_at", "next_attempt_at", "sent_at", "receipt", "last_error"),
    }


async def test_pages_hold_each_delivery_once(office: Any) -> None:
    person = PersonId(uuid4())
    await office.tell(*(RegistrationRepeatedV1(person=person) for _ in range(7)))
    seen: list[str] = []
    cursor, pages = "", 0
    while pages < 10:
        page = (await office.get(f"/v1/deliveries?limit=3{cursor}", "clinic-admin")).json()
        seen += [one["id"] for one in page["items"]]
        pages += 1
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (pages, len(seen)) == (3, 7)
    assert seen == [one["id"] for one in await office.deliveries()]


async def test_a_dead_letter_is_tried_again(office: Any) -> None:
    delivery = await dead(office)
    async with office.sending():
        answer = await office.ask(
            f"/v1/deliveries/{delivery['id']}/redrive", "clinic-admin", headers={"If-Match": '"2"'}
        )
        assert (answer.status_code, answer.json()) == (200, {"delivery": delivery["id"], "version": 3})
        await office.settled()
    [found] = await office.deliveries()
    assert (found["status"], found["attempts"], found["version"]) == ("sent", 1, 4)
    assert office.post.ids() == [f"<{delivery['id']}@harbour.example>"]


async def test_a_redrive_that_is_repeated_is_done_once(office: Any) -> None:
    path = f"/v1/deliveries/{(await dead(office))['id']}/redrive"
    who = uuid4()
    first = await office.ask(path, "operator", person=who, headers={"Idempotency-Key": "k"})
    again = await office.ask(path, "operator", person=who, headers={"Idempotency-Key": "k"})
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert len(await office.recorded()) == 3


async def test_a_redrive_is_refused(office: Any) -> None:
    delivery = await dead(office)
    path = f"/v1/deliveries/{delivery['id']}/redrive"
    waiting = await office.book()
    before = await office.recorded()

    refused(await office.doorway.client.post(path), 401, "unauthenticated")
    for role in ("patient", "therapist", "reception"):
        refused(await office.ask(path, role), 403, "forbidden")
    refused(await office.ask(path, "clinic-admin", tenant=uuid4()), 404, "not-found")
    refused(await office.ask(f"/v1/deliveries/{uuid4()}/redrive", "clinic-admin"), 404, "not-found")
    refused(await office.ask(path, "clinic-admin", headers={"If-Match": '"1"'}), 412, "version-conflict")
    refused(await office.ask(path, "clinic-admin", headers={"If-Match": "2"}), 400, "malformed")
    alive = f"/v1/deliveries/{(await office.of(waiting.patient))['id']}/redrive"
    refused(await office.ask(alive, "clinic-admin"), 409, "not-a-dead-letter")

    assert await office.recorded() == before
    assert await office.of(PersonId(UUID(delivery["recipient"]))) == delivery


async def test_nothing_of_an_erased_person_is_redriven(office: Any) -> None:
    delivery = await dead(office)
    await office.keys.erase(office.tenant, PersonId(UUID(delivery["recipient"])))
    refused(await office.ask(f"/v1/deliveries/{delivery['id']}/redrive", "clinic-admin"), 410, "erased")


async def test_what_happened_to_a_message_is_told_in_order(office: Any) -> None:
    person = PersonId(uuid4())
    office.post.answers = [f"451 {person}@example.org is busy"]
    async with office.sending():
        delivery = await office.request(person)
        await office.until(person, "waiting", 1)
        await office.pass_(seconds=3)
        await office.until(person, "sent", 2)
    steps = (await office.get(f"/v1/deliveries/{delivery}", "patient", person=person)).json()["steps"]
    assert [step["what"] for step in steps] == ["requested", "tried", "postponed", "tried", "handed-over"]
    assert [step["tried"]["answer"] for step in steps if step["tried"]] == ["451 … is busy", "250 taken"]
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    assert steps[2]["why"] == "smtp-451"
    assert steps[2]["until"] > steps[2]["at"]


async def test_the_story_of_an_erased_persons_message_is_gone(office: Any) -> None:
    person = PersonId(uuid4())
    delivery = await office.request(person)
    await office.keys.erase(office.tenant, person)
    refused(await office.get(f"/v1/deliveries/{delivery}", "clinic-admin"), 410, "erased")


async def test_messages_to_accounts_are_for_operators(office: Any) -> None:
    refused(await office.get(f"/v1/deliveries/{uuid4()}?region=true", "clinic-admin"), 403, "forbidden")


async def test_dead_letters_are_found_and_tried_again_together(office: Any) -> None:
    people = [PersonId(uuid4()) for _ in range(3)]
    office.post.answers = ["554 never"] * 3
    async with office.sending():
        for person in people:
            await office.request(person)
        await office.settled()
        waiting = await office.request(PersonId(uuid4()))
        await office.settled()
        found = (await office.get("/v1/deliveries?status=dead", "clinic-admin")).json()["items"]
        assert {one["recipient"] for one in found} == {str(person) for person in people}
        ids = [one["id"] for one in found]
        wish = {"deliveries": [*ids, ids[0], str(waiting), str(uuid4())]}
        who = office.bearer("clinic-admin", person=uuid4()) | {"idempotency-key": "k"}
        for _ in range(2):
            answer = await office.doorway.client.post("/v1/deliveries/redrive", json=wish, headers=who)
            assert (answer.status_code, answer.json()) == (200, {"redriven": ids})
            await office.settled()
    assert (await office.get("/v1/deliveries?status=dead", "clinic-admin")).json()["items"] == []
    assert len(office.post.ids()) == 4


async def test_many_redrives_are_refused(office: Any) -> None:
    delivery = (await dead(office))["id"]
    path, wish = "/v1/deliveries/redrive", {"deliveries": [delivery]}

    async def asked(*roles: Any, json: Any = wish, region: str = "", **who: Any) -> Any:
        return await office.doorway.client.post(path + region, json=json, headers=office.bearer(*roles, **who))

    refused(await office.doorway.client.post(path, json=wish), 401, "unauthenticated")
    for role in ("patient", "therapist", "reception"):
        refused(await asked(role), 403, "forbidden")
    refused(await asked("clinic-admin", region="?region=true"), 403, "forbidden")
    wrongs: tuple[Any, ...] = ({"deliveries": []}, {"deliveries": [delivery] * 201}, {"deliveries": ["x"]}, {})
    for wrong in wrongs:
        refused(await asked("clinic-admin", json=wrong), 400, "malformed")
    refused(await office.get("/v1/deliveries?status=lost", "clinic-admin"), 400, "malformed")
    assert (await asked("clinic-admin", tenant=uuid4())).json() == {"redriven": []}
    assert (await office.of(PersonId(UUID((await office.deliveries())[0]["recipient"]))))["status"] == "dead"
