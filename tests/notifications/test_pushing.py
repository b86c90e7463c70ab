"""What is pushed reaches every browser of its reader, says nothing, and what became of each browser is followed."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.notifications.pushed import Street
from tests.notifications.reader import Reader

from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.messages import REGION, PersonId
from mindlyfe.notifications.adapters.vapid import Vapid
from mindlyfe.notifications.adapters.web_push import WebPush
from mindlyfe.notifications.application.ports import NotHandedOver
from mindlyfe.notifications.application.pushing import Tidings, manner
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.domain.reaching import IN_APP
from mindlyfe.notifications.domain.subscription import LASTS, Subscription
from mindlyfe.notifications.testing.push_service import Browser


async def test_a_message_reaches_the_browser_and_says_only_that_something_came(at: Street, person: PersonId) -> None:
    browser = await at.browser(person)
    sent = await at.pushes(person, "sent")
    [message] = at.service.taken[browser.path]
    assert message.tidings == {
        "id": sent["id"],
        "title": "MindLyfe",
        "line": "You have a new message.",
        "link": f"{Settings().public_url}/inbox",
    }
    assert (message.headers["ttl"], message.headers["urgency"], message.headers["topic"]) == (
        "86400",
        "normal",
        "inbox",
    )
    assert message.claims["sub"] == "mailto:no-reply@harbour.example"
    assert message.size < 4096


async def test_every_kind_says_the_same(at: Street, person: PersonId) -> None:
    browser = await at.browser(person)
    for kind in sorted(IN_APP):
        await at.office.request(person, "push", kind=kind, about=uuid4())
    async with at.office.sending():
        await at.office.settled()
    told = at.service.to(browser)
    assert len(told) == len(IN_APP)
    assert len({json.dumps({**one, "id": ""}) for one in told}) == 1


async def test_what_is_critical_wakes_the_device_and_stands_alone(at: Street, person: PersonId) -> None:
    browser = await at.browser(person)
    sent = await at.pushes(person, "sent", priority="critical", kind="break-glass-used")
    [message] = at.service.taken[browser.path]
    assert (message.headers["ttl"], message.headers["urgency"]) == ("14400", "high")
    assert message.headers["topic"] == UUID(sent["id"]).hex


async def test_it_leads_to_the_notice_that_tells_of_the_same(at: Street, person: PersonId) -> None:
    browser, about = await at.browser(person), uuid4()
    notice = await Reader(at.office, person).told("export-ready", about)
    await at.pushes(person, "sent", about=about)
    [tidings] = at.service.to(browser)
    assert tidings["link"].endswith(f"/inbox/{notice}")


@pytest.mark.parametrize(
    ("wishes", "title"),
    [({}, "MindLyfe"), ({"sender": "Auntie"}, "Auntie"), ({"discreet": False}, "Harbour Clinic")],
)
async def test_the_sender_is_as_discreet_as_its_reader_wants(
    at: Street, person: PersonId, wishes: dict[str, Any], title: str
) -> None:
    at.office.neighbours.wishes[person] = wishes
    browser = await at.browser(person)
    await at.pushes(person, "sent")
    assert at.service.to(browser)[0]["title"] == title


async def test_all_browsers_are_told_and_one_that_is_gone_is_forgotten(at: Street, person: PersonId) -> None:
    one, gone, other = [await at.browser(person, *answers) for answers in ((), (410,), ())]
    await at.pushes(person, "sent")
    assert [len(at.service.to(each)) for each in (one, gone, other)] == [1, 0, 1]
    assert len(await at.listed(person)) == 2
    trace = await at.office.get("/v1/deliveries", "patient", person=person)
    assert trace.json()["items"][0]["status"] == "sent"


async def test_when_no_browser_is_left_it_is_given_up(at: Street, person: PersonId) -> None:
    assert (await at.pushes(person, "dead"))["last_error"] == "no-browser"
    stranger = PersonId(uuid4())
    await at.browser(stranger, 404)
    assert (await at.pushes(stranger, "dead"))["last_error"] == "no-browser"
    assert await at.listed(stranger) == []


async def test_a_browser_whose_session_must_have_run_out_is_forgotten(at: Street, person: PersonId) -> None:
    at.office.watch.ahead = -LASTS
    old = await at.browser(person)
    at.office.watch.ahead = timedelta(minutes=1) - LASTS
    kept = await at.browser(person)
    at.office.watch.ahead = timedelta()
    await at.pushes(person, "sent")
    assert [len(at.service.to(one)) for one in (old, kept)] == [0, 1]
    assert len(await at.listed(person)) == 1
    assert (await at.put(person, old)).status_code == 200
    assert len(await at.listed(person)) == 2


@pytest.mark.parametrize("status", [429, 503])
async def test_a_push_service_that_is_busy_is_asked_again(at: Street, person: PersonId, status: int) -> None:
    browser = await at.browser(person, status)
    assert (await at.pushes(person, "waiting"))["last_error"] == f"push-{status}"
    async with at.office.sending():
        await at.office.pass_(seconds=3)
        await at.office.until(person, "sent", 2)
    assert len(at.service.to(browser)) == 1
    assert len(await at.listed(person)) == 1


@pytest.mark.parametrize("status", [307, 400, 403, 413])
async def test_what_is_refused_for_good_is_a_dead_letter_and_nothing_is_followed(
    at: Street, person: PersonId, status: int
) -> None:
    await at.browser(person, status)
    assert (await at.pushes(person, "dead"))["last_error"] == f"push-{status}"
    assert at.service.asked == 1
    assert len(await at.listed(person)) == 1


async def test_asvs_1_3_6_a_push_service_in_ones_own_network_is_never_asked(at: Street, person: PersonId) -> None:
    for host, code in (("inside.example", "push-not-public"), ("nowhere.example", "push-unreachable")):
        reader, browser = PersonId(uuid4()), Browser()
        wish = browser.subscription() | {"endpoint": f"https://{host}{browser.path}"}
        assert (await at.send("PUT", "", reader, json=wish)).status_code == 200
        status = "dead" if host == "inside.example" else "waiting"
        assert (await at.pushes(reader, status))["last_error"] == code
    assert at.service.asked == 0


async def test_a_push_service_that_does_not_answer_is_left_after_a_while(at: Street, person: PersonId) -> None:
    browser = Browser()
    at.service.browsers[browser.path], at.service.pause_s = browser, 5.0
    vapid = Vapid(at.office.database, at.office.keys, at.office.watch, "mailto:a@b.example")
    keys: dict[str, Any] = browser.subscription()["keys"]
    since = at.office.watch()
    wish = Subscription(person=person, endpoint=browser.endpoint, session=uuid4(), since=since, **keys)
    tidings = Tidings(id=DeliveryId(uuid4()), title="MindLyfe", line="…", link="https://clinic.example/inbox")
    with pytest.raises(NotHandedOver) as failure:
        await WebPush(vapid, at.internet, longest_s=0.3).send(wish, tidings, manner(tidings.id, "normal"))
    assert (failure.value.code, failure.value.permanent, failure.value.uncertain) == ("push-too-slow", False, True)


async def test_who_does_not_want_push_gets_none_and_what_is_not_for_it_is_not_pushed(
    at: Street, person: PersonId
) -> None:
    await at.browser(person)
    assert (await at.pushes(person, "dead", kind="recovery"))["last_error"] == "not-for-push"
    other = PersonId(uuid4())
    await at.browser(other)
    at.office.neighbours.wishes[other] = {"avoid": frozenset({"push"})}
    assert (await at.pushes(other, "dead", kind="break-glass-used"))["last_error"] == "channel-avoided"
    assert at.service.asked == 0


async def test_all_processes_have_one_key_and_its_private_half_is_sealed(at: Street) -> None:
    async with at.office.database.worker() as tx:
        [(tenant, public, sealed)] = await (await tx.execute("select tenant, public, sealed from push_key")).fetchall()
    assert (tenant, public) == (REGION, at.service.key)
    assert b'"d"' not in sealed
    assert b'"d"' in at.office.keys.open_secret("notifications/push-key", sealed)
    again = await at.office.doorway.client.get("/v1/push-key")
    assert again.json() == {"key": public}
