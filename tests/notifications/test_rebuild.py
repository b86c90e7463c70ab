"""The lists are what the log makes of them, whenever they are made."""

from typing import Any
from uuid import uuid4

from tests.notifications.reader import Reader

from mindlyfe.identity.contract import InvitationIssuedV1, RegistrationStartedV1
from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.log import Log
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.rebuild import rebuilds


async def test_a_rebuild_is_equal_to_what_it_replaces(office: Any) -> None:
    gone, postponed = PersonId(uuid4()), PersonId(uuid4())
    office.neighbours.gone.add(gone)
    async with office.sending():
        await office.book()
        await office.tell(InvitationIssuedV1(invitation=uuid4()), tenant=TenantId(uuid4()))
        await office.tell(RegistrationStartedV1(person=gone, flow=uuid4()))
        await office.until(gone, "dead", 1)
        [dead] = [one for one in await office.deliveries() if one["status"] == "dead"]
        await office.ask(f"/v1/deliveries/{dead['id']}/redrive", "clinic-admin")
        await office.settled()
        office.post.answers = ["451 later"]
        await office.tell(RegistrationStartedV1(person=postponed, flow=uuid4()))
        await office.until(postponed, "waiting", 1)
    before = await office.deliveries()
    assert {one["status"] for one in before} == {"sent", "dead", "waiting"}

    for rebuild in rebuilds(Log(office.database, office.keys, office.module.streams), office.module.streams):
        assert await rebuild.compare() == []
        await rebuild.run()
    assert await office.deliveries() == before


async def test_a_rebuilt_inbox_is_equal_to_what_it_replaces(office: Any) -> None:
    reader, survivor = Reader(office), Reader(office)
    for mark in ("read", "archive", "snooze", "unread"):
        await reader.marks(await reader.told(), mark)
    await office.tell(MemberMergedV1(merge=uuid4(), duplicate=reader.id, survivor=survivor.id))
    before = {show: (await survivor.inbox(show))["items"] for show in ("inbox", "archived", "snoozed")}
    assert [len(items) for items in before.values()] == [2, 1, 1]

    for rebuild in rebuilds(Log(office.database, office.keys, office.module.streams), office.module.streams):
        assert await rebuild.compare() == []
        await rebuild.run()
    assert {show: (await survivor.inbox(show))["items"] for show in before} == before
