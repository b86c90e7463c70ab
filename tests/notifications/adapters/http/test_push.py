"""Push subscriptions over HTTP: everybody's own browsers, for as long as they are theirs."""

from typing import Any
from uuid import uuid4

import pytest
from tests.notifications.pushed import Street

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.identity.contract.sessions import SessionEndedV1
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import REGION, PersonId
from mindlyfe.kernel.personal import PersonalData
from mindlyfe.kernel.rebuild import rebuilds
from mindlyfe.kernel.testing.answers import refused
from mindlyfe.kernel.testing.stand_ins import MemoryObjects
from mindlyfe.notifications.domain.subscription import MOST_BROWSERS
from mindlyfe.notifications.testing.push_service import HOST, Browser


async def test_a_browser_is_subscribed_shown_and_removed(at: Street, person: PersonId) -> None:
    session, browser = uuid4(), Browser()
    first = await at.put(person, browser, sid=session)
    again = await at.put(person, browser, sid=session)
    assert first.json() == again.json()
    assert first.json()["version"] == 1
    [shown] = await at.listed(person, sid=session)
    assert shown.keys() == {"id", "server", "since", "version", "current"}
    assert (shown["id"], shown["server"], shown["current"]) == (first.json()["id"], HOST, True)
    assert not (await at.listed(person, sid=uuid4()))[0]["current"]
    assert (await at.send("DELETE", f"/{shown['id']}", person)).status_code == 204
    assert await at.listed(person) == []
    refused(await at.send("DELETE", f"/{shown['id']}", person), 404, "not-found")
    back = await at.put(person, browser, sid=session)
    assert (back.json()["id"], back.json()["version"]) == (shown["id"], 3)
    assert len(await at.listed(person)) == 1


async def test_new_keys_of_a_browser_replace_the_old_ones(at: Street, person: PersonId) -> None:
    old = await at.browser(person)
    new = Browser(path=old.path)
    at.service.browsers[old.path] = new
    assert (await at.put(person, new)).json()["version"] == 2
    await at.pushes(person, "sent")  # the service opens it with the new keys


async def test_nobody_sees_or_removes_another_ones_browser(at: Street, person: PersonId) -> None:
    await at.browser(person)
    [shown] = await at.listed(person)
    strangers: list[dict[str, Any]] = [{"person": uuid4()}, {"person": person, "tenant": uuid4()}]
    for who in strangers:
        assert await at.listed(person, **who) == []
        refused(await at.send("DELETE", f"/{shown['id']}", person, **who), 404, "not-found")
    assert len(await at.listed(person)) == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        *(
            "http://push.example/send/1234",
            "https://127.0.0.1/send/1",
            "https://[::1]/send/12",
            "https://localhost/send",
        ),
        *("https://push.example:8443/send", "https://me@push.example/send", "ftp://push.example/send"),
    ],
)
async def test_asvs_1_3_6_an_address_that_is_no_push_service_is_refused(
    at: Street, person: PersonId, endpoint: str
) -> None:
    wish = Browser().subscription() | {"endpoint": endpoint}
    refused(await at.send("PUT", "", person, json=wish), 422, "push-address-refused")
    assert await at.listed(person) == []


async def test_keys_that_nothing_can_be_sealed_for_are_refused(at: Street, person: PersonId) -> None:
    wish = Browser().subscription()
    off = {**wish["keys"], "p256dh": "B" + "A" * 86}
    refused(await at.send("PUT", "", person, json={**wish, "keys": off}), 422, "wrong-push-keys")
    for keys in (
        {},
        {**wish["keys"], "auth": "short"},
        {**wish["keys"], "p256dh": "A" * 87},
        {**wish["keys"], "x": "y"},
    ):
        refused(await at.send("PUT", "", person, json={**wish, "keys": keys}), 400, "malformed")
    long = {**wish, "endpoint": f"https://push.example/{'a' * 2048}"}
    refused(await at.send("PUT", "", person, json=long), 400, "malformed")
    refused(await at.send("PUT", "", person, json={**wish, "endpoint": "a" * 70_000}), 413, "too-large")


async def test_a_person_has_so_many_browsers_and_no_more(at: Street, person: PersonId) -> None:
    browsers = [await at.browser(person) for _ in range(MOST_BROWSERS)]
    refused(await at.put(person, Browser()), 409, "too-many-browsers")
    assert (await at.put(person, browsers[0])).status_code == 200
    [first, *_] = await at.listed(person)
    await at.send("DELETE", f"/{first['id']}", person)
    assert (await at.put(person, Browser())).status_code == 200


async def test_staff_needs_a_second_factor_and_the_key_nobody(at: Street, person: PersonId) -> None:
    doorway = at.office.doorway
    weak = doorway.bearer("therapist", tenant=at.office.tenant, person=person, aal=1)
    refused(await doorway.client.get("/v1/push-subscriptions", headers=weak), 403, "assurance-too-low")
    assert (await doorway.client.get("/v1/push-key")).status_code == 200


async def test_a_browser_is_whose_it_was_last(at: Street, person: PersonId) -> None:
    shared, other = await at.browser(person), PersonId(uuid4())
    assert (await at.put(other, shared)).status_code == 200
    assert await at.listed(person) == []
    await at.pushes(person, "dead")
    assert at.service.to(shared) == []
    await at.pushes(other, "sent")
    assert len(at.service.to(shared)) == 1


async def test_who_signs_out_is_told_there_no_more(at: Street, person: PersonId) -> None:
    over, running = uuid4(), uuid4()
    left = await at.browser(person, sid=over)
    kept, renewed = await at.browser(person, sid=running), await at.browser(person, sid=over)
    await at.put(person, renewed, sid=running)
    await at.office.tell(SessionEndedV1(session=over), tenant=REGION)
    assert len(await at.listed(person)) == 2
    await at.pushes(person, "sent")
    assert [len(at.service.to(one)) for one in (left, kept, renewed)] == [0, 1, 1]


async def test_after_a_merge_and_an_erasure_no_row_is_left(at: Street, person: PersonId) -> None:
    duplicate, survivor = PersonId(uuid4()), PersonId(uuid4())
    held = PersonalData(at.office.database, MemoryObjects(), at.office.module.personal)  # type: ignore[arg-type]
    for one in (person, duplicate, survivor):
        await at.browser(one)
    assert not await held.moved(tenant=at.office.tenant, person=duplicate)
    await at.office.tell(MemberMergedV1(merge=uuid4(), duplicate=duplicate, survivor=survivor))
    assert await held.moved(tenant=at.office.tenant, person=duplicate)
    told = await held.export(tenant=at.office.tenant, person=person, after=None)
    [entry] = [one.values for one in told.entries if "push_subscription" in one.values]
    assert set(entry) == {"push_subscription", "server", "since"}
    assert entry["server"] == HOST
    await held.erase(tenant=at.office.tenant, person=person)
    async with at.office.database.worker() as tx:
        left = await (await tx.execute("select person from push_subscription")).fetchall()
    assert left == [(survivor,)]


async def test_a_rebuilt_list_is_equal_to_what_it_replaces(at: Street, person: PersonId) -> None:
    for _ in range(2):
        await at.browser(person)
    [first, _] = before = await at.listed(person)
    await at.send("DELETE", f"/{first['id']}", person)
    streams = [one for one in at.office.module.streams if one.name == "push-subscription"]
    [rebuild] = rebuilds(Log(at.office.database, at.office.keys, at.office.module.streams), streams)
    assert await rebuild.compare() == []
    await rebuild.run()
    assert await at.listed(person) == before[1:]
