"""What an inbox holds of a person: told to them, the survivor's after a merge, gone after an erasure."""

from typing import Any
from uuid import uuid4

import pytest
from tests.notifications.reader import Reader

from mindlyfe.identity.contract.merges import MemberMergedV1
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.personal import PersonalData
from mindlyfe.kernel.testing.stand_ins import MemoryObjects
from mindlyfe.notifications.adapters.deliveries import Deliveries
from mindlyfe.notifications.contract import DeliveryId


@pytest.fixture
def held(office: Any) -> PersonalData:
    return PersonalData(office.database, MemoryObjects(), office.module.personal)  # type: ignore[arg-type]


async def test_an_export_tells_what_stood_there_and_never_what_it_said(office: Any, held: PersonalData) -> None:
    reader, other = Reader(office), Reader(office)
    notice = await reader.told("appointment-booked")
    await other.told()
    await reader.marks(notice, "read")
    told = await held.export(tenant=office.tenant, person=reader.id, after=None)
    [entry] = [one for one in told.entries if "notice" in one.values]
    assert entry.values.keys() == {"notice", "about", "mark", "arrived_at", "seen_at"}
    assert (entry.values["notice"], entry.values["about"], entry.values["mark"]) == (
        notice,
        "appointment-booked",
        "read",
    )
    assert entry.values["seen_at"] is not None


async def test_after_a_merge_the_survivor_reads_what_the_duplicate_was_told(office: Any, held: PersonalData) -> None:
    duplicate, survivor = Reader(office), Reader(office)
    read, unread = await duplicate.told(), await duplicate.told()
    await duplicate.marks(read, "read")
    assert not await held.moved(tenant=office.tenant, person=duplicate.id)
    for _ in range(2):
        await office.tell(MemberMergedV1(merge=uuid4(), duplicate=duplicate.id, survivor=survivor.id))
    assert await held.moved(tenant=office.tenant, person=duplicate.id)
    page = await survivor.inbox()
    assert [(one["id"], one["mark"]) for one in page["items"]] == [(unread, "unread"), (read, "read")]
    assert page["unread"] == 1
    assert (await duplicate.inbox())["items"] == []


async def test_an_erasure_leaves_no_row(office: Any, held: PersonalData) -> None:
    reader, other = Reader(office), Reader(office)
    for person in (reader, other):
        await person.told()
    for _ in range(2):
        await held.erase(tenant=office.tenant, person=reader.id)
    async with office.database.worker() as tx:
        left = await (
            await tx.execute("select recipient from notice union all select recipient from notice_count")
        ).fetchall()
    assert left == [(other.id,)] * 2


async def test_workflows_can_ask_whether_it_was_seen(office: Any) -> None:
    reader, deliveries = Reader(office), Deliveries(office.database)
    delivery = DeliveryId(await office.request(reader.id, "in-app", kind="export-ready"))

    async def fate() -> Any:
        return (await deliveries.fates_of(office.tenant, [delivery]))[delivery]

    assert await fate() == set()
    async with office.sending():
        await office.settled()
    assert await fate() == {"sent"}
    [notice] = (await reader.inbox())["items"]
    await reader.marks(notice["id"], "archive")
    assert await fate() == {"sent", "seen"}
    await reader.marks(notice["id"], "unread")
    assert await fate() == {"sent", "seen"}, "it was looked at"
    assert await deliveries.fates_of(TenantId(uuid4()), [delivery]) == {}, "of another clinic"
